"""The register as stored: written as partitioned, by difference, with ids that last."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import event

from storage.database.session import Database, Session
from storage.documents.copies import join_copies
from storage.documents.documents import Origin, store
from storage.filter import Filter
from storage.lists.queries import agreement, agreements
from storage.records import Instrument, NewsKind, Status, Topic
from storage.register.agreements import agreements_with, load_agreements, number, resolve
from storage.register.blocks import read_block
from storage.register.decisions import pins
from storage.register.entry import Agreement, LinkageReason, Pin, PinKind, Step
from storage.register.saving import Change, Stood, save, succeed
from tests.storage.given import NOW, add_pin, card, judged


def signed(*document_ids: int, mentions: Sequence[int] = (), **changes: object) -> Agreement:
    step = Step(Status.SIGNED, date(2026, 3, 10), "They signed it.", document_ids)
    made = Agreement(
        id="",
        title="Declaration of Rabat",
        parties=("MA", "NE"),
        instrument=Instrument.DECLARATION,
        topics=(Topic.TRAFFICKING,),
        status=Status.SIGNED,
        place="Rabat",
        event_date=date(2026, 3, 10),
        history=(step,),
        mentions=tuple(mentions),
        reasons=(LinkageReason("one"),),
        first_reported_at=datetime(2026, 3, 11, tzinfo=UTC),
    )
    return replace(made, **changes)  # type: ignore[arg-type]  # fields of any type


def put(s: Session, made: Sequence[Agreement], *, dropped: Sequence[int] = ()) -> list[Change]:
    documents = [document for one in made for document in (*one.document_ids, *one.mentions)]
    reports = read_block(s, documents).reports
    return save(s, reports, made, NOW, Stood(agreements_with(s, {*documents, *dropped})))


def brought(changes: Sequence[Change]) -> list[tuple[str, tuple[int, ...]]]:
    """Each change's agreement, and the reports that it brought."""
    return [(change.agreement.id, change.document_ids) for change in changes]


@pytest.fixture
def filled(database: Database) -> Database:
    """Documents 1 to 5 of Morocco and Niger, 6 of Morocco and Spain."""
    with database.begin() as s:
        for document_id in range(1, 7):
            parties = ("ES", "MA") if document_id == 6 else ("MA", "NE")
            one = judged(document_id, card=card(parties=parties, party_scores=()))
            store(s, replace(one, quote="They signed it."), Origin(NOW))
    return database


def test_an_agreement_comes_back_as_it_was_saved(filled: Database) -> None:
    talks = Step(None, None, "", (3,))
    made = signed(1, 2, mentions=[4], links=(("follows", "A9"),))
    made = replace(made, history=(talks, *made.history))
    with filled.begin() as s:
        put(s, [made])
        assert agreements(s, Filter()) == [replace(made, id="A1")]


def test_numbers_of_reports_come_back_whole(filled: Database) -> None:
    reason = LinkageReason("several", values=(3, 1), points=(("same parties", 0.5, ""),))
    with filled.begin() as s:
        put(s, [signed(1, reasons=(reason,))])
        (found,) = agreements(s, Filter())
    assert json.dumps(found.reasons) == '[["several", null, [3, 1], [["same parties", 0.5, ""]]]]'


def test_new_agreement_new_step_new_report(filled: Database) -> None:
    ratified = Step(Status.RATIFIED, date(2026, 4, 1), "", (3,))
    with filled.begin() as s:
        (first,) = put(s, [signed(1)])
        assert (first.kind, first.agreement.id, first.document_ids) == (
            NewsKind.NEW_AGREEMENT,
            "A1",
            (1,),
        )
        (second,) = put(s, [signed(1, 2)])
        assert (second.kind, second.document_ids) == (NewsKind.NEW_REPORT, (2,))
        (third,) = put(s, [replace(signed(1, 2), history=(*signed(1, 2).history, ratified))])
        assert (third.kind, third.step) == (NewsKind.NEW_STEP, ratified)
        assert put(s, [replace(signed(1, 2), history=(*signed(1, 2).history, ratified))]) == []


def test_what_is_the_same_is_not_written(filled: Database) -> None:
    with filled.begin() as s:
        put(s, [signed(1, 2), signed(3)])
    written: list[str] = []
    with filled.begin() as s:
        event.listen(
            s,
            "before_cursor_execute",
            lambda conn, cursor, statement, *rest: (
                written.append(statement) if not statement.startswith("SELECT") else None
            ),
        )
        put(s, [signed(1, 2), signed(3)])
    assert written == []


def test_merged_ids_lead_on(filled: Database) -> None:
    with filled.begin() as s:
        put(s, [signed(1), signed(2), signed(3)])
        put(s, [signed(1), signed(2, 3)])
        put(s, [signed(1, 2, 3)])
        assert [resolve(s, f"A{row_id}") for row_id in (1, 2, 3)] == ["A1", "A1", "A1"]
        merged = agreement(s, "A3")
        assert merged is not None
        assert (merged.id, merged.document_ids) == ("A1", (1, 2, 3))


def test_a_split_brings_no_new_reports_and_ids_are_never_used_again(filled: Database) -> None:
    with filled.begin() as s:
        put(s, [signed(1, 2, 3)])
        assert brought(put(s, [signed(1), signed(2, 3)])) == [("A2", ()), ("A1", ())]
        assert [one.id for one in load_agreements(s, [1, 2])] == ["A1", "A2"]
        assert resolve(s, "A2") == "A2"
        put(s, [signed(1, 2, 3)])
        assert put(s, [signed(1, 2, 3), signed(4)])[0].agreement.id == "A3"


def test_a_report_that_is_irrelevant_now_leaves_the_register(filled: Database) -> None:
    with filled.begin() as s:
        put(s, [signed(1, 2), signed(3)])
        assert brought(save(s, read_block(s, [1])[0], [signed(1)], NOW)) == [("A1", ())]
        assert [one.document_ids for one in agreements(s, Filter())] == [(1,)]
        save(s, [], [], NOW, Stood(agreements_with(s, [1])))
        assert agreements(s, Filter()) == []
        assert resolve(s, "A1") is None


def test_links_may_name_a_document_of_the_other(filled: Database) -> None:
    with filled.begin() as s:
        put(s, [signed(1), signed(2, links=(("follows", "D1"), ("beside", "D99")))])
        assert load_agreements(s, [2])[0].links == (("follows", "A1"), ("beside", "D99"))


@pytest.mark.parametrize(
    ("name", "row_id"), [("A17", 17), ("a17", 17), ("17", 17), ("B17", 0), ("A-1", 0), ("", 0)]
)
def test_ids_are_read_leniently(name: str, row_id: int) -> None:
    assert number(name) == row_id


# --- blocks ---------------------------------------------------------------------------------------


def touched(database: Database, document_ids: Sequence[int]) -> list[int]:
    with database.read() as s:
        return [report.document_id for report in read_block(s, document_ids)[0]]


def add(
    s: Session,
    document_id: int,
    *parties: str,
    runners_up: Sequence[str] = (),
    relevant: bool = True,
    event_date: date = date(2026, 3, 10),
) -> None:
    scores = tuple((code, 1.0) for code in (*parties, *runners_up))
    facts = card(parties=parties, party_scores=scores, event_date=event_date)
    one = judged(document_id, card=facts, relevant=relevant)
    assert store(s, one, Origin(NOW)).document_id == document_id


def test_a_block_holds_who_shares_two_parties(filled: Database) -> None:
    with filled.begin() as s:
        add(s, 7, "MA", "ES", "NE")
        add(s, 8, "MA", "NE", relevant=False)
    assert touched(filled, [1]) == [1, 2, 3, 4, 5, 7]
    assert touched(filled, [6]) == [6, 7]
    assert touched(filled, [7]) == [1, 2, 3, 4, 5, 6, 7]


@pytest.mark.parametrize(("days", "met"), [(0, [6, 7]), (-3, [6, 7]), (4, [6])])
def test_runners_up_count_in_the_same_days(filled: Database, days: int, met: list[int]) -> None:
    with filled.begin() as s:
        add(s, 7, "MA", runners_up=["ES"], event_date=date(2026, 3, 10) + timedelta(days=days))
        put(s, [signed(7)])
    assert touched(filled, [6]) == met


def test_a_runner_up_of_the_new_report_counts_too(filled: Database) -> None:
    with filled.begin() as s:
        put(s, [signed(6)])
        add(s, 7, "MA", "FR", runners_up=["ES"])
        add(s, 8, "MA", "FR")
    assert touched(filled, [7]) == [6, 7, 8]
    assert touched(filled, [8]) == [7, 8]


def test_corrected_parties_are_looked_up(filled: Database) -> None:
    with filled.begin() as s:
        add(s, 7, "PT")
        add_pin(
            s,
            Pin(PinKind.FIELD, 7, field="parties", value="ES,MA", who="ana", why="misread", at=NOW),
        )
    assert touched(filled, [7]) == [6, 7]


def test_one_party_meets_only_its_like(filled: Database) -> None:
    with filled.begin() as s:
        add(s, 7, "MA")
        add(s, 8, "MA")
        add(s, 9)
    assert touched(filled, [7]) == [7, 8]
    assert touched(filled, [9]) == [9]


def test_a_block_holds_whole_agreements(filled: Database) -> None:
    with filled.begin() as s:
        put(s, [signed(1, 6)])
        add(s, 7, "ES", "MA", event_date=date(2020, 1, 1))
    assert touched(filled, [7]) == [1, 6, 7]


def test_copies_and_pins_join_a_block(filled: Database) -> None:
    with filled.begin() as s:
        add(s, 7, "PT")
        add(s, 8, "FI")
        add(s, 9, "SE")
        join_copies(s, [6, 7])
        add_pin(s, Pin(PinKind.MUST_LINK, 6, 8, who="ana", why="same text", at=NOW))
        add_pin(s, Pin(PinKind.CANNOT_LINK, 9, 8, who="ana", why="no", at=NOW))
        assert [pin.document_id for pin in pins(s, [8])] == [6, 9]
    assert touched(filled, [6]) == [6, 7, 8, 9]


def test_a_report_carries_what_the_register_looks_at(filled: Database) -> None:
    with filled.read() as s:
        report = read_block(s, [6])[0][0]
    assert (report.card.parties, report.language, report.outlet) == (
        ("ES", "MA"),
        "en",
        "news.example",
    )
    assert (report.published_on, report.seen_on, report.quote) == (
        date(2026, 3, 11),
        NOW.date(),
        "They signed it.",
    )
    assert report.copy_group == report.text_hash
    assert report.clues == ("year:2026",)


def test_what_stays_keeps_its_id() -> None:
    assert succeed({3: {1, 2}, 5: {9}}, [{1, 2, 4}, {9}])[0] == [3, 5]


def test_what_was_not_there_is_new() -> None:
    assert succeed({}, [{1}])[0] == [None]


def test_merged_ones_keep_the_oldest_id() -> None:
    ids, merged, gone = succeed({7: {1, 2, 3}, 4: {9}}, [{1, 2, 3, 9}])
    assert ids == [4]
    assert (merged, gone) == ({7: 0}, [])


def test_the_larger_part_of_a_split_keeps_the_id() -> None:
    assert succeed({4: {1, 2, 3}}, [{1}, {2, 3}])[0] == [None, 4]


def test_what_an_undone_decision_moved_stands_under_its_former_ids() -> None:
    ids, merged, gone = succeed({4: {1, 2, 3}}, [{1}, {2, 3}], {2: 9, 3: 9})
    assert (ids, merged, gone) == ([4, 9], {}, [])


def test_a_former_id_goes_to_most_of_its_reports_and_the_other_leads_there() -> None:
    ids, merged, gone = succeed({4: {1}, 7: {2, 3}}, [{1, 2, 3}], {2: 7, 3: 7})
    assert (ids, merged, gone) == ([7], {4: 0}, [])
    assert succeed({4: {1, 2}}, [{1}, {2}])[0] == [4, None]


def test_a_report_that_moves_takes_no_id_with_it() -> None:
    ids, merged, gone = succeed({4: {1, 2, 3}, 7: {8, 9}}, [{1, 2}, {3, 8, 9}])
    assert (ids, merged, gone) == ([4, 7], {}, [])


def test_an_agreement_without_reports_is_gone() -> None:
    assert succeed({4: {1}}, [])[2] == [4]
