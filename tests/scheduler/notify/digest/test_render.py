"""The digest as a mail, in light and dark, left to right and right to left."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from selectolax.lexbor import LexborHTMLParser

from scheduler.notify.answers import answer_links
from scheduler.notify.digest.build import OPERATOR, Digest, Review
from scheduler.notify.digest.render import change_line, render
from scheduler.notify.digest.sentences import (
    SUBJECT_LENGTH,
    alive,
    headline,
    summary,
    unconfirmed_left,
)
from scheduler.schedule.sources_due import Watched
from scheduler.views.words.labels import labels_of
from scheduler.views.words.terms import TERMS
from storage.languages import SPOKEN_LANGUAGES
from storage.records import GradeBasis, NewsKind
from storage.subscription import Subscription
from tests.scheduler.notify.digest.samples import DIGEST, ITEM, STEP, UNSURE, about, in_language


def html_of(digest: Digest = DIGEST) -> LexborHTMLParser:
    return LexborHTMLParser(render(digest).html)


def test_an_agreement_is_told_with_its_proof_place_day_and_links() -> None:
    rendered = render(DIGEST)
    for said in (
        "Morocco–Niger declaration, 2026: signed",
        "Le Maroc et le Niger ont signé vendredi à Rabat",
        "Rabat · 20 November 2026 · trafficking and smuggling, border control",
        "Le Quotidien du Fleuve · French · 20 November 2026",
        "https://fleuve.example/a?x=1&y=2",
        "[New stage, before: signed, likely]",
        "and 12 more agreements",
        "148 of 154 sources active",
        "every day at 07:00 (Europe/Madrid)",
    ):
        assert said in rendered.text
    page = html_of()
    assert [node.text() for node in page.css("h2")] == [
        "Morocco–Niger declaration, 2026: signed",
        "Italy–Tunisia–EU memorandum of understanding on labour mobility: ratified",
    ]
    assert "https://fleuve.example/a?x=1&y=2" in [link.attributes["href"] for link in page.css("a")]


@pytest.mark.parametrize(
    ("place", "language", "said"),
    [
        ("بغداد", "en", "Baghdad"),
        ("تونس", "fr", "Tunis"),
        ("Bagdad", "ar", "بغداد"),
        ("Erewhon", "es", "Erewhon"),
    ],
)
def test_a_place_is_told_in_the_script_of_the_reader(place: str, language: str, said: str) -> None:
    told = replace(in_language(language), items=(about(ITEM, place=place),))
    assert said in render(told).text


@pytest.mark.parametrize(
    ("language", "possibly"),
    [("en", "possibly: "), ("fr", "peut-être : "), ("ar", "ربما: "), ("es", "posiblemente: ")],
)
def test_a_near_miss_is_told_as_possible_and_a_hit_is_not(language: str, possibly: str) -> None:
    certain = in_language(language)
    unconfirmed = replace(
        certain, items=(about(replace(ITEM, kind=NewsKind.NEAR_MISS), id=""), STEP), rest=()
    )
    assert possibly in render(unconfirmed).subject
    assert render(replace(unconfirmed, items=unconfirmed.items[:1])).subject.startswith(possibly)
    assert render(unconfirmed).text.count(possibly) == 1
    assert possibly not in render(certain).text


def test_text_stands_in_the_direction_of_its_own_language() -> None:
    page = html_of()
    assert page.css("html")[0].attributes["dir"] == "ltr"
    quotes = [(node.attributes["dir"], node.attributes["lang"]) for node in page.css("p.words")]
    assert quotes == [("ltr", "fr"), ("rtl", "ar")]
    arabic = html_of(in_language("ar"))
    assert arabic.css("html")[0].attributes["dir"] == "rtl"
    assert [node.attributes["dir"] for node in arabic.css("p.words")] == ["ltr", "rtl"]


def test_styles_are_inlined_and_media_rules_kept() -> None:
    html = render(DIGEST).html
    assert "prefers-color-scheme: dark" in html
    assert "max-width: 480px" in html
    assert LexborHTMLParser(html).css("h2")[0].attributes["style"]


@pytest.mark.parametrize("language", SPOKEN_LANGUAGES)
def test_nothing_is_left_unsaid_in_any_language(language: str) -> None:
    rendered = render(in_language(language))
    assert "{" not in rendered.text
    assert "{" not in rendered.subject
    empty = render(replace(in_language(language), items=(), rest=()))
    assert "148" in empty.text
    assert "154" in empty.text


def test_an_empty_period_says_that_somebody_looked() -> None:
    empty = render(replace(DIGEST, items=(), rest=()))
    assert empty.subject == "Every agreement on migration: no results"
    assert "No results. 148 of 154 sources active." in empty.text
    assert "148 of 154 sources active" in empty.html


COMPILED = Watched(
    alive=2,
    sources=4,
    documents=1240,
    silent=(
        ("Aldgate Sender", date(2026, 11, 3), "http_404"),
        ("صوت الساحل", None, "no_such_reason"),
    ),
)


def test_a_digest_says_from_what_it_is_compiled_and_who_is_not_alive() -> None:
    empty = render(replace(DIGEST, items=(), rest=(), watched=COMPILED))
    said = "No results. Compiled from 1,240 documents of 2 of 4 sources; inactive: "
    assert said in empty.text
    assert "Aldgate Sender since 3 November 2026 (answers 404) and " in empty.text
    assert "which never answered (cannot be read)" in empty.text
    assert (
        "Compiled from 1,240 documents of 2 of 4 sources"
        in render(replace(DIGEST, watched=COMPILED)).html
    )


def test_a_team_reads_in_one_line_where_the_page_says_who_is_not_alive() -> None:
    paged = replace(DIGEST.subscription, page="https://watch.example")
    made = render(replace(DIGEST, subscription=paged, watched=COMPILED))
    said = "of 2 of 4 sources; inactive: 2 (https://watch.example/sources)"
    assert said in made.text
    assert said in made.html


def test_only_some_of_many_that_are_not_alive_are_named() -> None:
    many = replace(COMPILED, silent=COMPILED.silent[:1] * 9)
    assert "and 3 more" in render(replace(DIGEST, watched=many)).text


@pytest.mark.parametrize("language", SPOKEN_LANGUAGES)
def test_what_a_digest_is_compiled_from_is_said_in_every_language(language: str) -> None:
    labels = labels_of(language)
    before = "compiled.reasons."
    for reason in [code.removeprefix(before) for code in TERMS if code.startswith(before)]:
        watched = replace(COMPILED, silent=(("Sender", date(2026, 11, 3), reason),))
        said = alive(replace(in_language(language), watched=watched), labels)
        assert labels.number(1240) in said
        assert labels.day(date(2026, 11, 3)) in said
        assert "{" not in said.replace("{code}", "") or reason == "http"
    assert labels.why_not_alive("http_503").count("503") == 1


def test_the_subject_counts_what_it_does_not_name() -> None:
    told = "13 new agreements, 1 new stage: Morocco–Niger and others"
    assert render(DIGEST).subject == told
    two = replace(DIGEST, items=(ITEM, ITEM), rest=())
    assert render(two).subject == "2 new agreements: Morocco–Niger and another"
    assert (
        render(replace(DIGEST, items=(ITEM,), rest=())).subject
        == "Morocco–Niger declaration, 2026: signed"
    )
    shown = {language: render(in_language(language)).subject for language in ("fr", "ar", "es")}
    assert shown == {
        "fr": "13 nouveaux accords, 1 nouvelle étape : Maroc–Niger et d’autres",
        "ar": "13 اتفاقًا جديدًا، مرحلة جديدة واحدة: المغرب والنيجر وغيره",
        "es": "13 acuerdos nuevos, 1 etapa nueva: Marruecos–Níger y otros",
    }


def test_a_hostile_title_harms_neither_subject_nor_page() -> None:
    title = 'Accord\r\nBcc: a@b.example \u202e<script>alert("x")</script> ' + "long " * 2500
    report = replace(
        ITEM.reports[0], title=title, url='javascript:alert("x")', outlet=title, quote=title
    )
    hostile = replace(ITEM, reports=(report,), quoted=report)
    hostile = about(hostile, parties=(), title=title, place=title)
    subscription = replace(DIGEST.subscription, name=title)
    rendered = render(replace(DIGEST, items=(hostile,), rest=(), subscription=subscription))
    assert re.search(r"[\r\n\u202e]", rendered.subject) is None
    assert len(rendered.subject) <= SUBJECT_LENGTH
    assert "\u202e" not in rendered.text + rendered.html
    page = LexborHTMLParser(rendered.html)
    assert page.css_first("script") is None
    assert page.css_first("a") is None
    assert len(rendered.html) < 40_000


def test_reports_beyond_the_shown_ones_are_counted() -> None:
    reports = tuple(replace(ITEM.reports[0], id=number) for number in range(40))
    assert (
        "and 15 more reports: accordwatch show A17"
        in render(replace(DIGEST, items=(replace(ITEM, reports=reports),))).text
    )


@pytest.mark.parametrize(("items", "shown"), [(22, 22), (40, 40), (100, 36)])
def test_a_large_digest_stays_below_what_mail_programs_cut_off(items: int, shown: int) -> None:
    rendered = render(replace(DIGEST, items=(ITEM,) * items, rest=()))
    assert len(rendered.html.encode()) < 102_000
    agreements = rendered.html.count("<h2")
    assert shown <= agreements <= items
    assert agreements == items or f"and {items - agreements} more agreements" in rendered.text
    assert (
        len(re.findall(r"Reference A17|· A17\)", rendered.text)) == items
    )  # those that are not shown in full have a line
    assert rendered.subject == f"{items} new agreements: Morocco–Niger and others"


def test_what_is_over_max_items_has_a_line_with_its_link_its_number_and_the_way_to_all_of_it() -> (
    None
):
    rendered = render(replace(DIGEST, items=(STEP,), rest=(ITEM,), digest_id=12, page=2, pages=3))
    line = "- Morocco–Niger declaration, 2026: signed (20 November 2026 · likely · A17)\n  https://fleuve.example/a?x=1&y=2\n"
    assert f"and 1 more agreement\n{line}Full list: accordwatch digest show 12\n" in rendered.text
    page = LexborHTMLParser(rendered.html)
    assert page.css_matches('a[href="https://fleuve.example/a?x=1&y=2"]')
    assert "accordwatch digest show 12" in rendered.html
    assert rendered.subject.endswith("and another (2/3)")


def test_operator_notices_are_told() -> None:
    rendered = render(
        replace(DIGEST, items=(), rest=(), notices=("the source fleuve is silent since 3 days",))
    )
    assert rendered.subject == "the source fleuve is silent since 3 days"
    assert "fleuve is silent" in rendered.html


def test_the_day_is_the_subscribers_own() -> None:
    late = datetime(2026, 11, 24, 23, 30, tzinfo=UTC)
    subscription = Subscription("x", ("file",), timezone="Asia/Tokyo")
    assert (
        "Wednesday, 25 November 2026"
        in render(replace(DIGEST, made_at=late, subscription=subscription)).text
    )


def test_a_step_without_status_or_day_says_so() -> None:
    vague = about(STEP, status=None, instrument=None, parties=("MA", "XYZ"))
    text = render(replace(DIGEST, items=(vague,), rest=())).text
    assert "Morocco–XYZ agreement on labour mobility\n" in text
    assert "day unknown" in text


@pytest.mark.parametrize(
    ("language", "label"),
    [
        ("en", "Waiting for review: 12 documents"),
        ("fr", "À vérifier : 12 documents"),
        ("es", "Por revisar: 12 documentos"),
        ("ar", "للمراجعة: 12 وثيقة"),
    ],
)
def test_what_waits_for_review_stands_below_the_alerts(language: str, label: str) -> None:
    digest = replace(in_language(language), review=Review(12, (UNSURE,)))
    rendered = render(digest)
    for body in (rendered.text, rendered.html):
        assert "31" not in rendered.text  # a figure for whoever reviews, not for readers
        for said in (label, UNSURE.title, "The Desk", "accordwatch review"):
            assert said in body
        assert body.index(label) > body.index("https://fleuve.example/a")
    assert "https://desk.example/9" in rendered.html
    assert label not in render(in_language(language)).text


def test_what_was_read_is_said_in_the_readers_language() -> None:
    digest = replace(in_language("fr"), review=Review(1, (UNSURE,)))
    assert "The Desk · Italie et Tunisie, speak, returns" in render(digest).text
    assert "À vérifier : 1 document\n" in render(digest).text


def test_what_is_unconfirmed_stands_below_a_heading_that_says_so() -> None:
    sure = about(ITEM, grade_basis=GradeBasis.OUTLETS)
    unconfirmed = about(ITEM, grade_basis=GradeBasis.SINGLE)
    rendered = render(replace(DIGEST, items=(sure, unconfirmed, unconfirmed), rest=(unconfirmed,)))
    heading = "== Unconfirmed ==\nFound automatically and confirmed by nobody yet"
    above, below = rendered.text.split(heading)
    assert "[New agreement, likely]" in above
    assert below.count("[New agreement, unconfirmed]") == 2
    assert "unconfirmed · A17)" in below
    assert rendered.html.count('class="section"') == 1
    assert "Unconfirmed" not in render(replace(DIGEST, items=(sure,), rest=())).text


def test_a_place_is_named_in_the_reader_s_language_by_its_canonical_name() -> None:
    capital = about(ITEM, place="العاصمة المصرية", place_key="cairo")
    assert "Cairo" in render(replace(DIGEST, items=(capital,), rest=())).text
    unknown = about(capital, place_key="nowhere-known")
    assert "العاصمة المصرية" in render(replace(DIGEST, items=(unknown,), rest=())).text


GUESS = about(ITEM, id="A9", parties=("IT", "TN"), grade_basis=GradeBasis.SINGLE)
WITH_GUESS = replace(DIGEST, items=(STEP,), rest=(), unconfirmed=(GUESS,))


def test_an_unconfirmed_entry_is_one_line_with_its_parties_headline_outlet_right_and_wrong() -> (
    None
):
    links = answer_links("https://watch.example", "12", DIGEST.made_at, "key")
    rendered = render(replace(WITH_GUESS, answering=links))
    _, below = rendered.text.split("== Unconfirmed ==\n")
    parts = (f"Italy and Tunisia · {ITEM.reports[0].title} · Le Quotidien du Fleuve · A9\n",)
    for said in (*parts, "Right: https://watch.example/answers/right/A9/12.", "Wrong: https://"):
        assert said in below
    assert "Correct" not in below
    (shown,) = LexborHTMLParser(rendered.html).css(".more .report")
    assert shown.text().strip().startswith("Italy and Tunisia · Maroc et Niger signent à Rabat")
    assert [link.text() for link in shown.css("a")][-2:] == ["Right", "Wrong"]


def test_the_headline_of_a_line_is_that_of_the_report_that_is_news() -> None:
    old, new = (
        replace(ITEM.reports[0], id=7, title="Old"),
        replace(ITEM.reports[0], id=8, title="New"),
    )
    told = replace(GUESS, reports=(old, new), news=frozenset({8}), quoted=old)
    assert "· New ·" in render(replace(WITH_GUESS, unconfirmed=(told,))).text
    nothing_new = replace(told, news=frozenset())
    assert "· Old ·" in render(replace(WITH_GUESS, unconfirmed=(nothing_new,))).text


def test_the_subject_tells_nothing_that_is_unconfirmed() -> None:
    assert render(WITH_GUESS).subject == render(replace(WITH_GUESS, unconfirmed=())).subject
    nothing_sure = render(replace(WITH_GUESS, items=(), unconfirmed=(GUESS, GUESS)))
    assert nothing_sure.subject == "Every agreement on migration: 2 unconfirmed"


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "3 unconfirmed · Full list: https://watch.example/?grade=unconfirmed"),
        ("fr", "3 non confirmés · Liste complète\xa0: https://watch.example/?grade=unconfirmed"),
        ("es", "3 sin confirmar · Lista completa: https://watch.example/?grade=unconfirmed"),
        ("ar", "3 اتفاقات غير مؤكدة · القائمة الكاملة: https://watch.example/?grade=unconfirmed"),
    ],
)
def test_who_wants_a_count_reads_how_many_are_unconfirmed_and_where(
    language: str, said: str
) -> None:
    subscription = replace(
        in_language(language).subscription, unconfirmed="count", page="https://watch.example"
    )
    rendered = render(replace(WITH_GUESS, subscription=subscription, unconfirmed=(GUESS,) * 3))
    assert said in rendered.text
    assert said in LexborHTMLParser(rendered.html).css(".more")[0].text()
    assert ITEM.reports[0].title not in rendered.text


def test_many_unconfirmed_lines_do_not_make_a_mail_too_long() -> None:
    links = answer_links("https://watch.example", "12", DIGEST.made_at, "key")
    many = replace(WITH_GUESS, unconfirmed=(GUESS,) * 100, answering=links, digest_id=7)
    rendered = render(replace(many, items=(ITEM,) * 10))
    assert len(rendered.html.encode()) < 102_000
    assert rendered.text.count("· A9") == rendered.html.count("A9</span>") == 100


@pytest.mark.parametrize(("shown", "said"), [(2, "and 1 more"), (3, "")])
def test_what_is_unconfirmed_is_counted_to_the_last(shown: int, said: str) -> None:
    three = replace(DIGEST, unconfirmed=(GUESS,) * 3)
    left = unconfirmed_left(three, shown, labels_of("en"))
    assert left.startswith(said)
    assert bool(left) is bool(said)


def test_what_has_no_name_yet_is_told_by_its_parties_kind_and_status() -> None:
    labels = labels_of("en")
    nameless = replace(about(STEP, id=""), kind=NewsKind.NEAR_MISS)
    said = "possibly: Italy, Tunisia and European Union: memorandum of understanding ratified"
    assert headline(nameless, labels) == said
    assert headline(about(nameless, parties=()), labels) == f"possibly: {ITEM.agreement.title}"


def test_a_summary_counts_what_is_unconfirmed() -> None:
    some = replace(DIGEST, rest=(), unconfirmed=(ITEM, STEP))
    assert summary(some, labels_of("en")).endswith(" · 2 unconfirmed")


@pytest.mark.parametrize(("name", "said"), [(OPERATOR, "alerts.operator"), ("weekly", "“weekly”")])
def test_who_receives_it_reads_where_that_is_changed(name: str, said: str) -> None:
    assert said in change_line(Subscription(name, ("office",)), labels_of("en"))
