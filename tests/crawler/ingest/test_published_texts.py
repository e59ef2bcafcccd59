"""The published text of an agreement as it is stored, filtered by and told."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from crawler.ingest.ingest import ingest
from crawler.ingest.vouching import note_sources
from scheduler.decisions import curation
from scheduler.decisions.curator import Curator
from storage.database.session import Database
from storage.filter import Filter
from storage.lists.first_reports import provenance_of
from storage.lists.queries import agreements, count_agreements, search
from storage.records import GradeBasis, Instrument, Judged, Status, TextState
from storage.register.entry import Agreement, documents_of
from storage.search.counts import agreement_overview
from storage.search.document_rows import report_rows
from storage.source import Source, SourceKind
from storage.subscription import Subscription
from tests.crawler.ingest.test_vouching import PAPERS, RELEASE
from tests.storage.given import NOW, card, judged
from tests.storage.pending import pending

GAZETTE = Source("ministry", SourceKind.FEED, "https://www.interior.example/rss", official=True)
SERIES = replace(GAZETTE, publishes_texts=True)
MISSING, PUBLISHED = (Filter(texts=(state,)) for state in (TextState.MISSING, TextState.PUBLISHED))
AMINA = Curator("amina", "saw it", NOW)
TOLD = Subscription("texts", ("file",), filter=PUBLISHED)


def put(database: Database, *ones: Judged, told: Subscription | None = None) -> None:
    with database.begin() as s:
        ingest(
            s,
            ones,
            [told] if told else [],
            now=NOW,
            run_id=None,
            crawl=False,
            max_age_days=30,
        )


def note(database: Database, source: Source, told: Subscription | None = None) -> None:
    note_sources(database, [source], [told] if told else [], now=NOW, max_age_days=30)


def only(database: Database) -> Agreement:
    with database.read() as s:
        (agreement,) = agreements(s, Filter())
    return agreement


def test_the_paper_of_an_official_source_ends_the_search_for_it(database: Database) -> None:
    note(database, GAZETTE)
    put(database, judged(1), judged(2, text=RELEASE, source_id="ministry"))
    assert (only(database).text_state, only(database).text_document_id) == (TextState.MISSING, None)
    put(database, judged(3, text=PAPERS["en"], source_id="ministry"))
    assert (only(database).text_state, only(database).text_document_id) == (TextState.PUBLISHED, 3)
    with database.read() as s:
        assert count_agreements(s, MISSING) == 0
        assert count_agreements(s, PUBLISHED) == 1
        assert {row.id for row in search(s, PUBLISHED)} == {1, 2, 3}
        _, facets = agreement_overview(s, Filter())
        assert facets["text"] == [("published", 1)]


def test_documents_of_many_agreements_are_the_same_as_of_few(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(database, judged(1), judged(2, card=card(parties=("IT", "TN"), status=Status.NEGOTIATING)))
    for most in (2_000, 1):
        monkeypatch.setattr("storage.search.filtering._MANY", most)
        with database.read() as s:
            assert [row.id for row in search(s, MISSING)] == [1]
            assert list(search(s, PUBLISHED)) == []


def test_a_source_that_is_called_a_treaty_series_later_counts_for_what_is_stored(
    database: Database,
) -> None:
    note(database, GAZETTE)
    put(database, judged(1, source_id="ministry"))
    assert only(database).text_state is TextState.MISSING
    note(database, SERIES)
    assert (only(database).text_state, only(database).text_document_id) == (TextState.PUBLISHED, 1)


def test_a_page_of_a_treaty_series_that_comes_with_us_needs_no_source(database: Database) -> None:
    put(database, judged(1, url="https://treaties.un.org/doc/1"))
    assert only(database).text_state is TextState.PUBLISHED
    assert only(database).grade_basis is GradeBasis.OFFICIAL


def test_talks_have_no_text_to_be_missed(database: Database) -> None:
    put(database, judged(1, card=card(status=Status.NEGOTIATING)))
    assert only(database).text_state is None
    with database.read() as s:
        assert count_agreements(s, MISSING) == 0


def test_a_subscription_for_texts_is_told_when_the_text_is_found(database: Database) -> None:
    put(database, judged(1, source_id="ministry"), told=TOLD)
    with database.read() as s:
        assert list(pending(s, TOLD.id)) == []
    note(database, SERIES, told=TOLD)
    with database.read() as s:
        assert len(list(pending(s, TOLD.id))) == 1


def test_who_waits_for_ratification_and_since_when(database: Database) -> None:
    put(database, judged(1))
    assert only(database).pending_since == date(2026, 3, 10)
    ratified = card(status=Status.RATIFIED, event_date=date(2026, 3, 11))
    put(database, judged(2, card=ratified, title="Parliament in Rabat ratifies the declaration"))
    assert only(database).pending_since is None


def decree(number: int, day: str) -> Judged:
    """A gazette months later, which the register takes for an agreement of its own."""
    made = judged(
        number,
        card=card(
            status=Status.CONCLUDED,
            event_date=date(2026, 7, 1),
            instrument=Instrument.TREATY,
            topics=(),
        ),
        title="Décret portant publication de la déclaration signée à Rabat",
        url="https://treaties.un.org/doc/9",
        published_on=date(2026, 7, 1),
    )
    return replace(made, clues=(f"ref:{day}:title:any",))


def states(database: Database) -> set[TextState | None]:
    with database.read() as s:
        return {agreement.text_state for agreement in agreements(s, Filter())}


def test_a_text_that_names_the_day_of_the_signature_is_that_of_the_agreement_signed_then(
    database: Database,
) -> None:
    put(database, judged(1))
    put(database, decree(2, "2026-03-10"))
    with database.read() as s:
        found = agreements(s, Filter())
    assert len(found) == 2
    assert {(agreement.text_state, agreement.text_document_id) for agreement in found} == {
        (TextState.PUBLISHED, 2)
    }


def test_it_is_found_where_the_gazette_came_in_first(database: Database) -> None:
    put(database, decree(2, "2026-03-10"))
    put(database, judged(1))
    assert states(database) == {TextState.PUBLISHED}


def test_a_text_that_names_another_day_is_not(database: Database) -> None:
    put(database, judged(1))
    put(database, decree(2, "2026-02-10"))
    assert states(database) == {TextState.PUBLISHED, TextState.MISSING}


def test_the_texts_of_others_are_found_when_the_register_is_looked_at_again(
    database: Database,
) -> None:
    put(database, judged(1))
    put(
        database,
        replace(
            decree(2, "2026-03-10"),
            document=replace(
                decree(2, "2026-03-10").document, url="https://x.example/9", source_id="ministry"
            ),
        ),
    )
    assert states(database) == {TextState.MISSING, None}
    note(database, SERIES)
    assert states(database) == {TextState.PUBLISHED}


def text_urls(database: Database) -> dict[int, str | None]:
    """The address of the text of each agreement, by the document that tells its last step."""
    with database.read() as s:
        found = list(agreements(s, Filter()))
        rows = report_rows(s, set[int]().union(*map(documents_of, found)))
        known = provenance_of(s, found, rows)
    return {agreement.document_ids[-1]: known[agreement.id].text_url for agreement in found}


def test_a_text_that_a_person_attached_is_that_of_one_agreement(database: Database) -> None:
    earlier = card(instrument=Instrument.MEMORANDUM, event_date=date(2024, 1, 12))
    naming = replace(judged(1), clues=("ref:2024-01-12:lead:memorandum",))
    put(database, naming, judged(2, card=earlier, title="Two years ago", text="An older paper."))
    with database.read() as s:
        home = next(
            agreement.id for agreement in agreements(s, Filter()) if 1 in agreement.document_ids
        )
    with database.begin() as s:
        curation.attach_text(s, home, "https://laws.example/1", AMINA)
    assert text_urls(database) == {1: "https://laws.example/1", 2: None}


def test_the_text_that_was_attached_last_counts_until_that_is_undone(database: Database) -> None:
    put(database, judged(1))
    with database.begin() as s:
        curation.attach_text(s, "A1", "https://laws.example/draft", AMINA)
    talks = card(status=Status.NEGOTIATING, event_date=date(2026, 3, 8))
    put(database, judged(2, card=talks, text="Talks before the signature, in other words."))
    with database.begin() as s:
        last = curation.attach_text(s, "A1", "https://laws.example/final", AMINA)
    assert text_urls(database) == {1: "https://laws.example/final"}
    with database.begin() as s:
        curation.undo(s, last.number, AMINA)
    assert text_urls(database) == {1: "https://laws.example/draft"}
