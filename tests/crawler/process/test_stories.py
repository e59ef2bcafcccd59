"""Round-ups are cut into their stories, and nothing else is."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from crawler.ingest.ingest import Ingested, ingest, rejudge
from crawler.judgement.judge import Rules, judge
from crawler.judgement.text.reading import Reading, read
from crawler.process.parts import Story, in_page, is_round_up_title, stories_of
from crawler.process.process import judge_article, judge_document, judge_stories
from storage.database.session import Database
from storage.documents.texts import load_judgeable
from storage.filter import Filter
from storage.lists.queries import agreements, search
from storage.records import Document, Zone
from tests.eval.corpus import is_held, load_articles

NOW = datetime(2025, 3, 3, 12, tzinfo=UTC)
TREATY = (
    "Spain and Mauritania signed an agreement in Nouakchott on Monday on the return of irregular "
    "migrants and joint patrols at sea. The interior ministers of both countries put their names "
    "to the text, which takes effect in May."
)
LIVE = f"""The budget debate goes on in the lower house, and trains stand still in the north.
10.05 GMT
Chancellor defends the budget
The chancellor told members that the books would balance by the end of the decade. Nobody laughed.
10.41 GMT
Spain and Mauritania sign a migration agreement
{TREATY}
11.20 GMT
Rail union calls off Thursday's strike
Drivers at three companies will work as usual, the union said after a night of talks in Leeds."""
LIVE_TITLE = "Politics live: chancellor defends the budget – latest updates"
BULLETIN = f"""Harbour of Lagos gets a second quay
The port authority of Lagos opens a second quay in June. Work at the harbour took four years and was paid for by a loan of the African Development Bank.
Spain and Mauritania agree on returns
{TREATY}
Oslo choir wins the Baltic song contest
The choir of the Oslo conservatory won the contest in Tallinn on Sunday, ahead of singers from Riga. The jury praised its courage and its basses.
Copper falls to its lowest price since autumn
A tonne of copper cost less in London on Friday than at any time since autumn, traders at the Metal Exchange said. Stocks in Shanghai are full.
Vineyards of Mendoza expect a late harvest
Growers around Mendoza will begin the harvest two weeks late, since frost in October hurt the buds of the Malbec. Prices may rise, their union fears."""
ONE_SUBJECT = f"""{TREATY}
What the agreement says
The agreement between Spain and Mauritania obliges Nouakchott to take back its nationals within thirty days. Madrid pays for the flights.
Why Mauritania signed
Mauritania has long asked Madrid for patrol boats, and Spain will now deliver four of them before the summer of next year.
What the opposition says
The opposition in Madrid calls the agreement with Mauritania a waste of money. Its speaker wants to see the annexes.
How many people arrive
Last year 40,000 people reached the Canary Islands from Mauritania, according to Spain, more than in any year before.
What happens next
Parliament in Madrid votes on the agreement in April. Mauritania needs no vote, as the president may ratify alone."""
SCATTERED = """10:00
Ministers sign agreement on fishing in the northern sea
The ministers of Norway and Iceland signed an agreement on cod and herring. It sets quotas for three years.
10:30
Storm closes schools
Schools in the west stay closed on Tuesday, as the wind may reach 130 kilometres an hour.
11:00
Report counts more asylum seekers
Lawyers counted more irregular migrants and asylum seekers in the camps than in spring, and fewer returns."""


def article(title: str, text: str, language: str = "en") -> Document:
    return Document(title, text, language, date(2025, 3, 3), url="https://news.example/a")


def cut(document: Document, rules: Rules) -> tuple[Story, ...]:
    return stories_of(document, rules.lexicon.grammar(document.language))


def titles(document: Document, rules: Rules) -> list[str]:
    return [story.title for story in cut(document, rules)]


def test_a_live_page_is_cut_at_its_times_and_keeps_the_headings_below_them(rules: Rules) -> None:
    assert titles(article(LIVE_TITLE, LIVE), rules) == [
        LIVE_TITLE,
        "Chancellor defends the budget",
        "Spain and Mauritania sign a migration agreement",
        "Rail union calls off Thursday's strike",
    ]


def test_an_entry_without_a_heading_has_its_first_sentence_as_title(rules: Rules) -> None:
    text = "\n".join(f"{hour}:15 – Item {hour} is told. More follows." for hour in range(9, 14))
    assert titles(article("A long day", text), rules)[0] == "Item 9 is told."


def test_sections_without_a_common_name_are_stories(rules: Rules) -> None:
    assert "Spain and Mauritania agree on returns" in titles(article("Monday", BULLETIN), rules)


def test_an_article_with_headings_about_one_subject_stays_whole(rules: Rules) -> None:
    assert not cut(article("Spain and Mauritania sign on returns", ONE_SUBJECT), rules)


def test_an_interview_stays_whole(rules: Rules) -> None:
    asked = "\n".join(f"Question number {n} of the evening\nYes, I think so." for n in range(8))
    assert not cut(article("A talk with the minister", asked), rules)


def test_times_that_neither_rise_nor_fall_are_no_ticker(rules: Rules) -> None:
    text = "\n".join(
        f"{hour}:30\nDoors open for the concert." for hour in (9, 20, 11, 19, 8, 21, 7)
    )
    assert not cut(article("Concerts of the week", text), rules)


def test_a_table_with_times_is_no_ticker(rules: Rules) -> None:
    text = "\n".join(
        f"| {hour}:30 | Train to the coast, platform {hour} |" for hour in range(6, 20)
    )
    assert not cut(article("Timetable", text), rules)


def test_bullets_are_stories_where_the_title_says_so(rules: Rules) -> None:
    text = "\n".join(f"• Story number {n} has been told. It goes on." for n in range(4))
    assert len(cut(article("Morning briefing", text), rules)) == 4
    assert not cut(article("Four reasons to like bread", text), rules)


@pytest.mark.parametrize(
    ("language", "title"),
    [
        ("ar", "موجز الأنباء: أهم ما حدث اليوم"),
        ("de", "Bundestag im Liveticker"),
        ("en", "UK politics live"),
        ("en", "Thursday briefing: the dam that broke"),
        ("es", "Última jornada: minuto a minuto"),
        ("fr", "Remaniement – en direct"),
        ("it", "Rassegna stampa del 3 marzo"),
        ("pt", "Parlamento: ao minuto"),
    ],
)
def test_titles_of_round_ups_are_known_in_seven_languages(
    language: str, title: str, rules: Rules
) -> None:
    assert is_round_up_title(title, rules.lexicon.grammar(language))


@pytest.mark.parametrize("title", ["The best places in the country to live", "Live music is back"])
def test_a_word_of_a_round_up_within_a_title_is_not_enough(title: str, rules: Rules) -> None:
    assert not is_round_up_title(title, rules.lexicon.grammar("en"))


def test_a_story_is_a_slice_of_its_document(rules: Rules) -> None:
    for story in cut(article(LIVE_TITLE, LIVE), rules)[1:]:
        assert story.title_at is not None
        assert LIVE[story.title_at :].startswith(story.title)
        assert "GMT" not in LIVE[story.start : story.end]
        assert story.title not in LIVE[story.start : story.end]


def test_a_part_is_not_cut_again(rules: Rules) -> None:
    (part,) = judge_article(article(LIVE_TITLE, LIVE), rules).parts or ()
    assert part.document.is_part
    assert not judge_stories(part.document, rules)


def test_a_buried_step_is_a_report_of_its_own_with_an_anchor(rules: Rules) -> None:
    judged = judge_article(article(LIVE_TITLE, LIVE), rules)
    (part,) = judged.parts or ()
    assert not judged.verdict.relevant
    assert judged.has_alert
    assert set(part.verdict.card.parties) == {"ES", "MR"}
    assert part.document.title == "Spain and Mauritania sign a migration agreement"
    assert part.document.url is not None
    assert part.document.url.startswith("https://news.example/a#:~:text=Spain%20and%20Mauritania")


def test_words_of_different_stories_make_no_report_together(rules: Rules) -> None:
    judged = judge_article(article("News live", SCATTERED), rules)
    assert judged.parts == ()
    assert judged.verdict.outcome == "silent"


def test_the_evidence_of_a_story_stands_in_the_whole_text(rules: Rules) -> None:
    page = article(LIVE_TITLE, LIVE)
    for story in judge_stories(page, rules):
        moved = in_page(story.verdict, story.story)
        assert len(moved.evidence) == len(story.verdict.evidence)
        for evidence in moved.evidence:
            whole = page.title if evidence.zone is Zone.TITLE else page.text
            assert whole[evidence.start : evidence.end] == evidence.text


def test_other_documents_are_judged_as_before(rules: Rules) -> None:
    document = article("Spain and Mauritania sign on returns", ONE_SUBJECT)
    assert judge_article(document, rules) == judge_document(document, rules)


def test_no_labelled_article_is_cut(rules: Rules) -> None:
    articles = load_articles(lambda line: not is_held(line))
    assert [labelled.document.title for labelled in articles if cut(labelled.document, rules)] == []


# --- in the database ------------------------------------------------------------------------------


def store(database: Database, document: Document, rules: Rules, *, whole: bool = False) -> Ingested:
    judged = judge_document(document, rules) if whole else judge_article(document, rules)
    with database.begin() as s:
        return ingest(s, [judged], (), now=NOW, run_id=None, crawl=True, max_age_days=30)


def reports(database: Database) -> list[str]:
    with database.read() as s:
        return [row.title for row in search(s, Filter())]


def test_the_story_is_the_report_and_the_page_is_none(database: Database, rules: Rules) -> None:
    for _ in range(2):
        store(database, article(LIVE_TITLE, LIVE), rules)
    assert reports(database) == ["Spain and Mauritania sign a migration agreement"]


def test_judging_again_keeps_the_stories(database: Database, rules: Rules) -> None:
    store(database, article(LIVE_TITLE, LIVE), rules)
    with database.begin() as s:
        again = [(number, judge_article(document, rules)) for number, document in load_judgeable(s)]
        assert [judged.document.is_part for _, judged in again] == [True]
        rejudge(s, again, (), now=NOW, max_age_days=30)
        assert [agreement.parties for agreement in agreements(s, Filter())] == [("ES", "MR")]


def test_a_round_up_that_was_no_report_is_cut_when_it_is_judged_again(
    database: Database, rules: Rules
) -> None:
    page = article("Monday", BULLETIN)
    silent = judge(article("Monday", "Nothing."), rules)
    with database.begin() as s:
        as_before = judge_document(page, rules)
        missed = as_before.__class__(page, silent, as_before.fingerprint, as_before.folded, "")
        ingest(s, [missed], (), now=NOW, run_id=None, crawl=True, max_age_days=30)
        again = [(number, judge_article(document, rules)) for number, document in load_judgeable(s)]
        rejudge(s, again, (), now=NOW, max_age_days=30)
    assert reports(database) == ["Spain and Mauritania agree on returns"]


def test_a_text_that_is_stored_as_one_report_stays_one(database: Database, rules: Rules) -> None:
    page = article("Spain and Mauritania sign an agreement on migrants: Monday live", LIVE)
    store(database, page, rules, whole=True)
    before = reports(database)
    store(database, page, rules)
    assert reports(database) == before == [page.title]


def test_a_story_is_read_once(rules: Rules, monkeypatch: pytest.MonkeyPatch) -> None:
    received: list[str] = []

    def noted(title: str, *rest: Any) -> Reading:
        received.append(title)
        return read(title, *rest)

    monkeypatch.setattr("crawler.judgement.judge.read", noted)
    judged = judge_article(article(LIVE_TITLE, LIVE), rules)
    (part,) = judged.parts or ()
    assert received.count(part.document.title) == 1


def test_a_story_is_judged_as_a_document_of_its_own(rules: Rules) -> None:
    for part in judge_article(article(LIVE_TITLE, LIVE), rules).parts or ():
        assert part == judge_document(part.document, rules)
