"""Which id an agreement keeps when reports are told apart or together anew."""

from __future__ import annotations

from storage.register.saving import succeed


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
