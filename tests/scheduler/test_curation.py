"""A curator's decision changes the register, and no later run undoes it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from crawler.ingest.ingest import ingest, rejudge
from crawler.judgement.judge import load_rules
from crawler.process.process import judge_document
from scheduler.cli.commands.deciding.curate import labelled
from scheduler.decisions import curation
from scheduler.decisions.curated_fields import checked_field
from scheduler.decisions.curator import Curator, Decided
from scheduler.jobs.reclassify import difference
from scheduler.views.decisions import leading
from storage.database.session import Database, Session, process_cache
from storage.documents.texts import load_judgeable
from storage.errors import AccordwatchError
from storage.filter import Filter
from storage.lists import queries
from storage.maintenance.soundness import differing
from storage.notifications import digests
from storage.records import Card, Document, Fingerprint, Instrument, Judged, Status, Topic, Verdict
from storage.register.decisions import decisions, given_names
from storage.register.entry import Agreement
from storage.search import document_rows
from storage.subscription import Subscription
from tests.storage.counting import statements

NOW = datetime(2025, 8, 1, 12, tzinfo=UTC)
CURATOR = Curator("amina", "read both texts", NOW)


def report(
    number: int, parties: tuple[str, ...], day: date, topic: Topic = Topic.TRAFFICKING
) -> Judged:
    document = Document(
        title=f"Report {number}",
        text=f"Text of report {number}.",
        language="en",
        published_on=day,
        external_id=str(number),
    )
    card = Card(
        parties=parties,
        instrument=Instrument.DECLARATION,
        topics=(topic,),
        status=Status.SIGNED,
        event_date=day,
        party_scores=tuple((party, 5.0) for party in parties),
    )
    verdict = Verdict(True, 9.0, 5.0, "en", card=card)
    return Judged(document, verdict, Fingerprint(f"hash-{number}"), folded="", quote="")


# The register's ids go by the day of the step: A1 is Italy and Tunisia in 2019, A2 Morocco and
# Niger.
REPORTS = (
    report(1, ("MA", "NE"), date(2025, 7, 28)),
    report(2, ("IT", "TN"), date(2019, 3, 1), Topic.LABOUR),
    report(3, ("IT", "TN"), date(2019, 3, 1), Topic.LABOUR),
)


@pytest.fixture
def database(database: Database) -> Iterator[Database]:
    """The register of these reports, in a database of each kind. Whatever a test decides, searches
    read what the register says.
    """
    with database.begin() as s:
        ingest(s, REPORTS, (), now=NOW, run_id=None, crawl=False, max_age_days=None)
    yield database
    with database.read() as s:
        assert differing(s) == 0


def groups(database: Database) -> set[frozenset[int]]:
    with database.read() as s:
        return {frozenset(agreement.document_ids) for agreement in queries.agreements(s, Filter())}


def judge_again(database: Database) -> None:
    with database.begin() as s:
        ids = [document_id for document_id, _ in load_judgeable(s)]
        rejudge(s, list(zip(ids, REPORTS, strict=True)), (), now=NOW, max_age_days=30)
        ingest(s, REPORTS, (), now=NOW, run_id=None, crawl=False, max_age_days=None)


def test_the_register_before_any_decision(database: Database) -> None:
    assert groups(database) == {frozenset({1}), frozenset({2, 3})}


def test_a_merge_survives_reclassification_and_a_new_import(database: Database) -> None:
    with database.begin() as s:
        remains = curation.merge(s, "A1", "A2", CURATOR).home
    judge_again(database)
    assert groups(database) == {frozenset({1, 2, 3})}
    with database.read() as s:
        agreement = queries.agreement(s, "A2")
    assert agreement is not None
    assert agreement.id == remains


def test_a_split_survives_too(database: Database) -> None:
    with database.begin() as s:
        _, stays, leaves = curation.split(s, "A1", [3], CURATOR)
    assert stays != leaves
    judge_again(database)
    assert groups(database) == {frozenset({1}), frozenset({2}), frozenset({3})}


def recalling(number: int) -> Judged:
    """A report that recalls the signature of 2019 long after."""
    late = report(number, ("IT", "TN"), date(2019, 3, 1), Topic.LABOUR)
    return replace(late, document=replace(late.document, published_on=date(2025, 7, 1)))


@pytest.fixture
def recalled(database: Database) -> Database:
    """A1 has two mentions besides, documents 4 and 5."""
    with database.begin() as s:
        ingest(
            s,
            [recalling(4), recalling(5)],
            (),
            now=NOW,
            run_id=None,
            crawl=False,
            max_age_days=None,
        )
        agreement = queries.agreement(s, "A1")
    assert agreement is not None
    assert (set(agreement.document_ids), set(agreement.mentions)) == ({2, 3}, {4, 5})
    return database


def test_a_mention_is_split_off_and_comes_back(recalled: Database) -> None:
    with recalled.begin() as s:
        before = queries.agreements(s, Filter())
        decided = curation.split(s, "A1", [4], CURATOR)
        stays, leaves = (queries.agreement(s, one) for one in (decided.home, decided.other))
    assert stays is not None
    assert leaves is not None
    assert (stays.id, set(stays.document_ids), stays.mentions) == ("A1", {2, 3}, (5,))
    assert leaves.document_ids == (4,)
    with recalled.begin() as s:
        curation.undo(s, decided.number, CURATOR)
        assert queries.agreements(s, Filter()) == before


def test_what_is_split_off_leaves_the_mentions_of_the_rest_too(recalled: Database) -> None:
    with recalled.begin() as s:
        decided = curation.split(s, "A1", [2, 3], CURATOR)
        stays, leaves = (queries.agreement(s, one) for one in (decided.home, decided.other))
    assert stays is not None
    assert leaves is not None
    assert (set(stays.document_ids), set(leaves.document_ids)) == ({4, 5}, {2, 3})
    assert not (*stays.mentions, *leaves.mentions)


def test_a_report_that_moves_leaves_the_mentions_behind(recalled: Database) -> None:
    with recalled.begin() as s:
        curation.move(s, 2, "A2", CURATOR)
        curation.move(s, 3, "A2", CURATOR)
        kept_behind = queries.agreement(s, queries.agreements_of(s, [4])[4])
    assert kept_behind is not None
    assert {*kept_behind.document_ids, *kept_behind.mentions} == {4, 5}


def test_a_late_report_that_is_split_off_is_pending(database: Database) -> None:
    office = Subscription("office", channels=("file",))
    with database.begin() as s:
        again = report(4, ("IT", "TN"), date(2019, 3, 1), Topic.LABOUR)
        ingest(s, [again], (office,), now=NOW, run_id=None, crawl=False, max_age_days=None)
        claimed = digests.claim_digest(s, office, NOW)
        assert claimed is not None
        late = report(5, ("IT", "TN"), date(2019, 3, 1), Topic.LABOUR)
        ingest(s, [late], (office,), now=NOW, run_id=None, crawl=False, max_age_days=None)
        _, _, leaves = curation.split(s, "A1", [5], replace(CURATOR, subscriptions=(office,)))
        (item,) = digests.preview(s, office, NOW).items
    assert (item.agreement_id, item.document_ids) == (leaves, (5,))


def test_a_report_moves(database: Database) -> None:
    with database.begin() as s:
        assert curation.move(s, 3, "A2", CURATOR).home == "A2"
    judge_again(database)
    assert groups(database) == {frozenset({1, 3}), frozenset({2})}


def test_a_corrected_field_is_the_agreements_field_and_a_labelled_article(
    database: Database,
) -> None:
    with database.begin() as s:
        curation.correct(s, 1, "status", "ratified", CURATOR)
    judge_again(database)
    with database.read() as s:
        agreement = queries.agreement(s, "A2")
        (article,) = labelled(s)
    assert agreement is not None
    assert agreement.status is Status.RATIFIED
    assert (article["id"], article["relevant"], article["status"]) == ("1", True, "ratified")


def test_a_field_of_an_entry_is_corrected_in_one_act_and_only_in_reports_that_say_it(
    database: Database,
) -> None:
    later = report(4, ("IT", "TN"), date(2019, 6, 1), Topic.LABOUR)
    ratified = replace(later.verdict.card, status=Status.RATIFIED)
    later = replace(later, verdict=replace(later.verdict, card=ratified))
    with database.begin() as s:
        curation.correct(s, 3, "event_date", "2019-03-02", CURATOR)  # next day: the same step
        ingest(s, [later], (), now=NOW, run_id=None, crawl=False, max_age_days=None)
        before = queries.agreement(s, "A1")
        assert before is not None
        assert [step.document_ids for step in before.history] == [(2, 3), (4,)]
        curation.correct_entry(s, "A1", "event_date", "2019-06-03", CURATOR)
        number = curation.correct_entry(s, "a1", "topics", "visa", CURATOR).number
        agreement = queries.agreement(s, "A1")
        assert agreement is not None
        assert [step.on for step in agreement.history] == [date(2019, 3, 1), date(2019, 6, 3)]
        assert agreement.topics == (Topic.VISA,)
        assert [sorted(leading(one)) for one in decisions(s)] == [[3], [4], [2, 3, 4]]
    with database.begin() as s:
        curation.undo(s, number, CURATOR)
        agreement = queries.agreement(s, "A1")
        assert agreement is not None
        assert agreement.topics == before.topics


def test_an_irrelevant_document_leaves_the_register(database: Database) -> None:
    with database.begin() as s:
        curation.set_irrelevant(s, 1, CURATOR)
    judge_again(database)
    assert groups(database) == {frozenset({2, 3})}
    with database.read() as s:
        (article,) = labelled(s)
    assert article["relevant"] is False


def test_an_irrelevant_document_leaves_search_and_counts(database: Database) -> None:
    with database.begin() as s:
        curation.set_irrelevant(s, 1, CURATOR)
    judge_again(database)
    with database.read() as s:
        assert {row.id for row in queries.search(s, Filter())} == {2, 3}
        assert {row.id: row.relevant for row in queries.search(s, Filter(), everything=True)} == {
            1: False,
            2: True,
            3: True,
        }
        assert (queries.counts(s).documents, queries.counts(s).relevant) == (3, 2)
        ruled_out, kept = (
            document_rows.report_rows(s, [document])[document] for document in (1, 2)
        )
    assert difference(1, ruled_out, REPORTS[0]) is None
    assert difference(2, kept, replace(REPORTS[1], verdict=NOTHING)) == "vanishes: [2] Report 2"


NOTHING = Verdict(False, 0.0, 5.0, "en")


def test_who_when_and_why_are_kept(database: Database) -> None:
    with database.begin() as s:
        curation.set_irrelevant(s, 1, CURATOR)
    with database.read() as s:
        (decided,) = decisions(s)
    assert (decided.who, decided.why, decided.at) == ("amina", "read both texts", NOW)


def test_decisions_are_listed_without_reading_documents(database: Database) -> None:
    with database.begin() as s:
        curation.set_irrelevant(s, 1, CURATOR)
    with statements(database) as asked, database.read() as s:
        assert len(decisions(s)) == 1
    (statement,) = asked
    assert "documents" not in statement


@pytest.mark.parametrize(
    ("field", "value", "wanted"),
    [
        ("colour", "red", "fields are parties"),
        ("status", "agreed", "'agreed' is not one of proposed"),
        ("parties", "Morroco", "did you mean Morocco"),
        ("parties", "EU,XX", "'XX' is not a party code"),
        ("parties", "", "is not a list like MA,NE"),
        ("status", "signed,ratified", "names several; write one"),
        ("event_date", "monday", "a day like 2025-07-28"),
    ],
)
def test_a_wrong_correction_says_what_can_be_written(
    database: Database, field: str, value: str, wanted: str
) -> None:
    with database.begin() as s, pytest.raises(AccordwatchError, match=wanted):
        curation.correct(s, 1, field, value, CURATOR)


def test_a_correction_understands_the_names_of_parties() -> None:
    assert checked_field("parties", "Maroc, UK, NE, Morocco") == "MA,GB,NE"


def test_an_agreement_cannot_be_split_to_nothing(database: Database) -> None:
    with database.begin() as s, pytest.raises(AccordwatchError, match="no report would stay"):
        curation.split(s, "A1", [2, 3], CURATOR)


def test_a_decision_leaves_the_links_of_neighbours_alone(s: Session) -> None:
    of_three = report(6, ("EU", "IT", "TN"), date(2018, 5, 5))
    neighbours = [
        report(4, ("EU", "TN"), date(2018, 5, 5)),
        report(5, ("EU", "TN"), date(2018, 5, 5)),
        of_three,
    ]
    earlier = report(7, ("EU", "TN"), date(2014, 2, 2), Topic.VISA)
    ingest(s, [*neighbours, earlier], (), now=NOW, run_id=None, crawl=False, max_age_days=None)
    linked = neighbour(s)
    assert linked.links
    process_cache(s).clear()  # as in a process that begins
    number = curation.split(s, "A1", [3], CURATOR).number
    assert neighbour(s) == linked
    process_cache(s).clear()
    curation.undo(s, number, CURATOR)
    assert neighbour(s) == linked


def neighbour(s: Session) -> Agreement:
    (found,) = (
        agreement for agreement in queries.agreements(s, Filter()) if 4 in agreement.document_ids
    )
    return found


@pytest.mark.parametrize("curator", [replace(CURATOR, why=" "), replace(CURATOR, who="")])
def test_who_and_why_are_not_left_empty(database: Database, curator: Curator) -> None:
    with database.begin() as s, pytest.raises(AccordwatchError, match="is empty"):
        curation.merge(s, "A1", "A2", curator)


Decide = Callable[[Session], Decided]
DECISIONS: dict[str, Decide] = {
    "merge": lambda s: curation.merge(s, "A1", "A2", CURATOR),
    "split": lambda s: curation.split(s, "A1", [3], CURATOR),
    "move": lambda s: curation.move(s, 1, "A1", CURATOR),
    "correct": lambda s: curation.correct(s, 1, "parties", "IT,TN", CURATOR),
    "irrelevant": lambda s: curation.set_irrelevant(s, 1, CURATOR),
    "rename": lambda s: curation.rename(s, "A1", "The labour pact", CURATOR),
}


@pytest.mark.parametrize("decide", DECISIONS.values(), ids=DECISIONS.keys())
def test_what_is_undone_leaves_no_trace_in_the_register(database: Database, decide: Decide) -> None:
    with database.read() as s:
        before = queries.agreements(s, Filter())
    with database.begin() as s:
        number = decide(s).number
    with database.begin() as s:
        curation.undo(s, number, replace(CURATOR, who="ben"))
    with database.read() as s:
        assert queries.agreements(s, Filter()) == before
        (decision,) = decisions(s)
    assert (decision.id, decision.undone_by, decision.undone_at) == (number, "ben", NOW)
    judge_again(database)
    with database.read() as s:
        assert queries.agreements(s, Filter()) == before


def test_an_undone_merge_gives_both_their_ids_again_whichever_was_larger(
    s: Session,
) -> None:
    more = [report(number, ("MA", "NE"), date(2025, 7, 28)) for number in (4, 5)]
    ingest(s, more, (), now=NOW, run_id=None, crawl=False, max_age_days=None)
    before = queries.agreements(s, Filter())
    assert {agreement.id: len(agreement.document_ids) for agreement in before} == {"A1": 2, "A2": 3}
    number = curation.merge(s, "A1", "A2", CURATOR).number
    curation.undo(s, number, CURATOR)
    assert queries.agreements(s, Filter()) == before


def test_a_neighbour_that_a_decision_drew_in_has_its_id_again(s: Session) -> None:
    decided = curation.split(s, "A1", [3], CURATOR)
    apart = queries.agreements(s, Filter())
    merged = curation.merge(s, decided.home, decided.other, CURATOR)
    moved = curation.move(s, 2, "A2", CURATOR)
    curation.undo(s, moved.number, CURATOR)
    curation.undo(s, merged.number, CURATOR)
    assert queries.agreements(s, Filter()) == apart


def test_only_a_standing_decision_can_be_undone(s: Session) -> None:
    number = curation.set_irrelevant(s, 1, CURATOR).number
    curation.undo(s, number, CURATOR)
    with pytest.raises(AccordwatchError, match=f"decision {number} was undone already, by amina"):
        curation.undo(s, number, CURATOR)
    with pytest.raises(AccordwatchError, match="no decision has the number 99"):
        curation.undo(s, 99, CURATOR)


def test_who_decides_about_a_document_that_was_ruled_out_hears_how_to_take_it_back(
    s: Session,
) -> None:
    number = curation.set_irrelevant(s, 1, CURATOR).number
    refused: tuple[Decide, ...] = (
        lambda s: curation.move(s, 1, "A1", CURATOR),
        lambda s: curation.correct(s, 1, "status", "signed", CURATOR),
        lambda s: curation.set_irrelevant(s, 1, CURATOR),
        lambda s: curation.set_relevant(s, 1, {}, CURATOR),
    )
    for decide in refused:
        with pytest.raises(
            AccordwatchError,
            match=rf"ruled out by amina .*read both texts.*curate undo {number}",
        ):
            decide(s)


MISSED = Document(
    title="Two ministers met on Tuesday",
    text="They put their names to a paper of which nobody said more. A second sentence.",
    language="en",
    published_on=date(2019, 3, 2),
    external_id="missed",
    outlet="paper.example",
)


def add_missed(database: Database) -> int:
    with database.begin() as s:
        judged = judge_document(MISSED, load_rules())
        assert not judged.verdict.relevant
        (stored,) = ingest(
            s, [judged], (), now=NOW, run_id=None, crawl=False, max_age_days=None
        ).stored
    assert stored is not None
    return stored.document_id


FIELDS = {
    "parties": "IT,TN",
    "status": "signed",
    "event_date": "2019-03-01",
    "topics": "labour_mobility",
}


def test_a_missed_document_is_added_to_the_agreement_it_reports(database: Database) -> None:
    document_id = add_missed(database)
    with database.begin() as s:
        assert curation.set_relevant(s, document_id, FIELDS, CURATOR).home == "A1"
    again = judge_document(MISSED, load_rules())
    with database.begin() as s:
        rejudge(s, [(document_id, again)], (), now=NOW, max_age_days=30)
        row = document_rows.report_rows(s, [document_id])[document_id]
        assert {one.id for one in queries.search(s, Filter(corridors=("IT-TN",)))} == {
            2,
            3,
            document_id,
        }
    assert groups(database) == {frozenset({1}), frozenset({2, 3, document_id})}
    assert (row.relevant, row.card.parties, row.agreement_id) == (True, ("IT", "TN"), "A1")
    assert difference(document_id, row, again) is None


def test_a_later_report_finds_what_was_added_by_hand(database: Database) -> None:
    document_id = add_missed(database)
    with database.begin() as s:
        curation.set_relevant(s, document_id, FIELDS | {"parties": "DE,UZ"}, CURATOR)
        late = report(7, ("DE", "UZ"), date(2019, 3, 1), Topic.LABOUR)
        ingest(s, [late], (), now=NOW, run_id=None, crawl=False, max_age_days=None)
    assert frozenset({document_id, document_id + 1}) in groups(database)


def test_a_document_that_was_added_can_be_taken_out_again(database: Database) -> None:
    document_id = add_missed(database)
    with database.begin() as s:
        number = curation.set_relevant(s, document_id, FIELDS, CURATOR).number
        curation.undo(s, number, CURATOR)
        row = document_rows.report_rows(s, [document_id])[document_id]
    assert groups(database) == {frozenset({1}), frozenset({2, 3})}
    assert (row.relevant, row.card.parties) == (False, ())


def test_what_was_added_is_told_whatever_its_age_and_is_a_labelled_article(
    database: Database,
) -> None:
    office = Subscription("office", channels=("file",))
    document_id = add_missed(database)
    with database.begin() as s:
        curation.set_relevant(
            s, document_id, FIELDS | {"parties": "DE,UZ"}, replace(CURATOR, subscriptions=(office,))
        )
        (item,) = digests.preview(s, office, NOW).items
        (article,) = labelled(s)
    assert item.document_ids == (document_id,)
    assert (article["id"], article["relevant"], article["parties"]) == (
        "missed",
        True,
        ["DE", "UZ"],
    )


@pytest.mark.parametrize(
    ("document_id", "fields", "wanted"),
    [
        (1, FIELDS, "document 1 is a report of A2 already; .* accordwatch curate correct 1"),
        (99, FIELDS, "no document has the number 99"),
        (4, {}, "does not say who the parties are; add parties=MA,NE"),
        (4, {"parties": "EU,XX"}, "'XX' is not a party code"),
    ],
)
def test_what_cannot_be_added_says_why(
    database: Database, document_id: int, fields: dict[str, str], wanted: str
) -> None:
    add_missed(database)
    with database.begin() as s, pytest.raises(AccordwatchError, match=wanted):
        curation.set_relevant(s, document_id, fields, CURATOR)


def test_a_document_that_was_missed_cannot_be_moved_and_the_error_says_what_to_do(
    database: Database,
) -> None:
    document_id = add_missed(database)
    with (
        database.begin() as s,
        pytest.raises(AccordwatchError, match=f"accordwatch curate relevant {document_id}"),
    ):
        curation.move(s, document_id, "A1", CURATOR)


def test_a_name_follows_most_of_the_reports_and_can_be_taken_back(s: Session) -> None:
    number = curation.rename(s, "A1", " The  labour\npact ", CURATOR).number
    assert given_names(s, ["A1", "A2"]) == {"A1": "The labour pact"}
    joined = curation.merge(s, "A1", "A2", CURATOR)
    curation.rename(s, joined.home, "All of it", CURATOR)
    assert given_names(s, [joined.home]) == {joined.home: "All of it"}
    curation.undo(s, joined.number, CURATOR)
    assert given_names(s, ["A1", "A2"]) == {"A1": "All of it"}
    curation.undo(s, number, CURATOR)
    assert given_names(s, ["A1", "A2"]) == {"A1": "All of it"}


@pytest.mark.parametrize("name", ["", " \u202e ", "x" * 161])
def test_a_name_is_one_line_that_can_be_read(database: Database, name: str) -> None:
    with (
        database.begin() as s,
        pytest.raises(AccordwatchError, match="a name has 1 to 160 characters"),
    ):
        curation.rename(s, "A1", name, CURATOR)


def test_a_decision_reads_only_what_it_touches(database: Database) -> None:
    """The writer waits for it: at 300,000 reports, reading where all of them stand took a second."""
    with database.begin() as s, statements(database) as received:
        curation.merge(s, "A1", "A2", CURATOR)
    assert received
    assert not [one for one in received if "FROM reports" in one and "WHERE" not in one]


def test_an_entry_that_is_no_agreement_leaves_in_one_act_and_comes_back_in_one(
    database: Database,
) -> None:
    with database.begin() as s:
        before = queries.agreement(s, "A1")
        number = curation.set_no_agreement(s, "a1", CURATOR).number
        assert queries.agreement(s, "A1") is None
        assert {row["id"] for row in labelled(s) if not row["relevant"]} == {"2", "3"}
    with database.begin() as s:
        curation.undo(s, number, CURATOR)
        assert queries.agreement(s, "A1") == before


def test_an_id_that_nothing_has_cannot_be_ruled_out(database: Database) -> None:
    with database.begin() as s, pytest.raises(AccordwatchError, match="A99: no agreement"):
        curation.set_no_agreement(s, "A99", CURATOR)


def test_a_merged_id_rules_out_the_agreement_that_it_became(s: Session) -> None:
    home = curation.merge(s, "A1", "A2", CURATOR).home
    gone = "A2" if home == "A1" else "A1"
    curation.set_no_agreement(s, gone, CURATOR)
    assert queries.agreements(s, Filter()) == []
