"""How sure each agreement is, as it is stored: with each report, decision and official source."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from crawler.ingest.ingest import ingest
from crawler.ingest.vouching import is_paper, note_sources, text_of, why_certain
from scheduler.decisions import curation
from scheduler.decisions.curator import Curator
from storage.database.session import Database, Session
from storage.filter import Filter, Reviewed
from storage.lists.queries import agreements, search
from storage.notifications.outbox import begin
from storage.records import Grade, GradeBasis, Judged, Status, TextState
from storage.register.backing import to_be_read
from storage.register.entry import Agreement, Credit, NamedRow, Step
from storage.search.counts import agreement_overview
from storage.source import Source, SourceKind
from storage.subscription import Subscription
from tests.storage.given import NOW, card, judged
from tests.storage.pending import pending

SURE = (Grade.CONFIRMED, Grade.LIKELY)
CAREFUL = Subscription("careful", ("file",), filter=Filter(grades=SURE))
MINISTRY = Source("ministry", SourceKind.FEED, "https://www.interior.example/rss", official=True)


def report(number: int, probability: float | None = None, **values: Any) -> Judged:
    one = judged(number, **values)
    return replace(one, verdict=replace(one.verdict, probability=probability))


def put(database: Database, *ones: Judged, told: Subscription | None = None) -> None:
    subscriptions = [told] if told else []
    with database.begin() as s:
        ingest(s, ones, subscriptions, now=NOW, run_id=None, crawl=False, max_age_days=None)


def note(database: Database, *sources: Source, told: Subscription | None = None) -> None:
    subscriptions = [told] if told else []
    note_sources(database, sources, subscriptions, now=NOW, max_age_days=30)


def only(database: Database) -> Agreement:
    with database.read() as s:
        (found,) = agreements(s, Filter())
    return found


def sure(database: Database) -> GradeBasis:
    return only(database).grade_basis


def owed_to(database: Database, subscription: Subscription) -> int:
    with database.read() as s:
        return len(pending(s, subscription.id))


def test_an_independent_outlet_makes_it_surer_and_a_copy_does_not(database: Database) -> None:
    put(database, report(1, 0.5, outlet="a.example"))
    assert sure(database) is GradeBasis.DOUBTFUL
    copy = report(1, 0.5, outlet="b.example", external_id="copy", url="https://b.example/1")
    put(database, copy)
    assert len(only(database).document_ids) == 2
    assert sure(database) is GradeBasis.DOUBTFUL
    put(database, report(3, 0.5, outlet="c.example"))
    assert sure(database) is GradeBasis.SEVERAL
    with database.read() as s:
        (grounds,) = why_certain(s, [only(database)]).values()
    assert len(grounds.outlets) == 2
    assert "c.example" in grounds.outlets


def test_an_answer_of_a_person_is_seen_at_once_and_undone(database: Database) -> None:
    put(database, report(1, 0.5))
    with database.begin() as s:
        decided = curation.correct(s, 1, "place", "Rabat", Curator("amina", "looked it up", NOW))
    assert sure(database) is GradeBasis.PERSON
    with database.read() as s:
        assert why_certain(s, [only(database)])["A1"].who == "amina"
    with database.begin() as s:
        curation.undo(s, decided.number, Curator("ben", "no", NOW))
    assert sure(database) is GradeBasis.DOUBTFUL


def test_an_entry_is_confirmed_as_it_is_and_the_confirmation_undone(database: Database) -> None:
    put(database, report(1, 0.5), report(2, 0.6, outlet="news.example"))
    before = only(database)
    with database.begin() as s:
        decided = curation.confirm(s, "A1", Curator("amina", "read it", NOW))
        assert set(answered_reports(s)) == {1, 2}
    assert only(database) == replace(
        before, grade_basis=GradeBasis.PERSON, grade_by="amina", grade_at=NOW
    )
    put(database, report(3, 0.6, outlet="news.example"))
    assert sure(database) is GradeBasis.PERSON
    with database.begin() as s:
        curation.undo(s, decided.number, Curator("ben", "no", NOW))
        assert not list(answered_reports(s))
    assert sure(database) is GradeBasis.DOUBTFUL


def answered_reports(s: Session) -> list[int]:
    return [row.id for row in search(s, Filter(reviewed=Reviewed.YES))]


def test_a_report_of_an_official_source_or_host_makes_it_official(database: Database) -> None:
    note(database, MINISTRY)
    put(database, report(1, source_id="ministry"))
    assert sure(database) is GradeBasis.OFFICIAL
    put(database, report(2, card=card(parties=("IT", "TN")), url="https://interior.example/2"))
    with database.read() as s:
        assert {one.grade_basis for one in agreements(s, Filter())} == {GradeBasis.OFFICIAL}


def test_a_source_that_is_called_official_later_counts_for_what_is_stored(
    database: Database,
) -> None:
    put(database, report(1, source_id="ministry"))
    note(database, replace(MINISTRY, official=False))
    assert sure(database) is GradeBasis.SINGLE
    note(database, MINISTRY)
    assert sure(database) is GradeBasis.OFFICIAL
    note(database)
    assert sure(database) is GradeBasis.SINGLE


def test_a_subscription_that_waits_for_sure_ones_is_told_when_one_becomes_sure(
    database: Database,
) -> None:
    with database.begin() as s:
        begin(s, [CAREFUL], NOW)
    put(database, report(1, outlet="a.example"), told=CAREFUL)
    assert owed_to(database, CAREFUL) == 0
    put(database, report(2, outlet="b.example"), told=CAREFUL)
    put(database, report(3, outlet="c.example"), told=CAREFUL)
    assert owed_to(database, CAREFUL) == 1


def test_it_is_told_of_what_a_change_of_the_configuration_makes_official(
    database: Database,
) -> None:
    with database.begin() as s:
        begin(s, [CAREFUL], NOW)
    put(database, report(1, source_id="ministry"), told=CAREFUL)
    note(database, MINISTRY, told=CAREFUL)
    assert owed_to(database, CAREFUL) == 1
    note(database, MINISTRY, told=CAREFUL)
    assert owed_to(database, CAREFUL) == 1


def test_searches_and_counts_know_it(database: Database) -> None:
    italy = card(parties=("IT", "TN"))
    other = report(3, 0.7, card=italy, outlet="Another")
    put(database, report(1, 0.5), report(2, 0.9, card=italy), other)
    with database.read() as s:
        (found,) = agreements(s, Filter(grades=(Grade.UNCONFIRMED,)))
        _, has = agreement_overview(s, Filter())
        facets = {name: dict(n) for name, n in has.items()}
    assert found.parties == ("MA", "NE")
    assert facets["grade"] == {"likely": 1, "unconfirmed": 1}


def test_the_canonical_name_of_the_place_is_kept_beside_what_the_text_says(
    database: Database,
) -> None:
    put(database, report(1, card=card(place="العاصمة المغربية", place_key="rabat")))
    assert (only(database).place, only(database).place_key) == ("العاصمة المغربية", "rabat")


# --- what is taken for the text of an agreement: the paper itself, and no report of it ------------

PAPERS = {
    "en": "The Government of Kenya and the Government of Italy, hereinafter the Parties, have agreed as follows: "
    "Article 1 Purpose. Article 2 Readmission of nationals.",
    "fr": "Le Gouvernement du Royaume et le Gouvernement de la République sont convenus de ce qui suit : "
    "Article premier. Objet. Article 2. Réadmission.",
    "es": "El Gobierno del Reino y el Gobierno de la República han convenido lo siguiente: Artículo 1. Objeto. Artículo 2. Readmisión.",
    "it": "Il Governo della Repubblica e il Governo del Regno hanno convenuto quanto segue: Articolo 1. Oggetto. Articolo 2. Riammissione.",
    "pt": "O Governo da República e o Governo do Reino acordam o seguinte: Artigo 1.º Objeto. Artigo 2.º Readmissão.",
    "de": "Die Regierung der Republik und die Regierung des Königreichs sind wie folgt übereingekommen: Artikel 1 Zweck. Artikel 2 Rücknahme.",
    "ar": "إن حكومة الجمهورية وحكومة المملكة قد اتفقتا على ما يلي: المادة الأولى الغرض. المادة الثانية إعادة القبول.",
}
RELEASE = (
    "The minister signed the agreement on readmission in Nairobi on Tuesday. Both sides have agreed as follows up in "
    "talks next month, the ministry said, and Article 3 sets a deadline."
)
URL = "https://www.interior.example/news/1"


def agreement(status: Status = Status.SIGNED, *, mentions: tuple[int, ...] = ()) -> Agreement:
    step = Step(status, date(2026, 1, 9), "", (1, 2))
    return Agreement(
        "A1", "t", ("IT", "KE"), None, (), status, None, step.on, (step,), mentions=mentions
    )


def credit(number: int, **values: object) -> Credit:
    found = Credit(number, "a", f"v{number}", url=URL, published_on=date(2026, 1, 9 + number))
    return replace(found, **values)  # type: ignore[arg-type]  # given on as they are


@pytest.mark.parametrize("language", PAPERS)
def test_a_preamble_and_provisions_make_a_paper_in_each_language(language: str) -> None:
    assert is_paper("", PAPERS[language])


def test_a_press_release_is_no_paper_though_it_quotes_one() -> None:
    assert not is_paper("Ministers sign readmission agreement", RELEASE)


def test_a_gazette_that_says_in_its_headline_that_it_prints_the_text_has_it() -> None:
    printing = "Décret n° 2026-12 portant publication de l’accord entre la France et le Niger"
    assert is_paper(printing, "")
    assert not is_paper("Loi autorisant l’approbation de l’accord entre la France et le Niger", "")


def test_what_an_official_source_reports_is_no_text() -> None:
    filtered_reports = {1: credit(1, official=True), 2: credit(2)}
    assert list(to_be_read(agreement(), filtered_reports)) == [1]
    found = text_of(agreement(), filtered_reports, {1: RELEASE}, {})
    assert found == (TextState.MISSING, None)


def test_the_paper_on_an_official_site_is_the_text_and_elsewhere_it_is_not_read() -> None:
    filtered_reports = {1: credit(1), 2: credit(2, official=True)}
    found = text_of(agreement(), filtered_reports, {2: PAPERS["en"]}, {})
    assert found == (TextState.PUBLISHED, 2)
    assert list(to_be_read(agreement(), {1: credit(1)})) == []


def test_of_several_texts_the_one_that_was_published_first_is_taken() -> None:
    undated = credit(2, is_text_place=True, published_on=None)
    assert text_of(agreement(), {1: credit(1, is_text_place=True), 2: undated}, {}, {}) == (
        (TextState.PUBLISHED, 1)
    )


def test_a_treaty_series_that_tells_of_talks_has_no_text() -> None:
    filtered_reports = {1: credit(1, is_text_place=True)}
    assert text_of(agreement(Status.NEGOTIATING), filtered_reports, {}, {}) == (None, None)


def test_a_treaty_series_that_only_mentions_the_agreement_has_the_text_of_another_one() -> None:
    found = text_of(agreement(mentions=(3,)), {3: credit(3, is_text_place=True)}, {}, {})
    assert found == (TextState.MISSING, None)


def test_the_address_that_a_row_of_a_list_gives_may_lead_to_the_text() -> None:
    filtered_reports = {1: credit(1, listed=True)}
    series = {1: NamedRow("UNTS 1234", "https://treaties.un.org/doc/1234.pdf")}
    assert text_of(agreement(), filtered_reports, {}, series) == (TextState.PUBLISHED, 1)
    elsewhere = {1: NamedRow("UNTS 1234", "https://blog.example/treaties.un.org/1234")}
    assert text_of(agreement(), filtered_reports, {}, elsewhere) == (TextState.MISSING, None)
