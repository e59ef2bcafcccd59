"""Which reports are about one agreement."""

from __future__ import annotations

from datetime import date

import pytest

from crawler.clues import DATED, PAPER
from crawler.register.partition import partition
from storage.provision import Provision, ProvisionKind
from storage.records import DateBasis, Instrument, Status, Topic
from storage.register.entry import LinkageReason, Report
from tests.crawler.register.given import groups, life, report

SIGNED = report(1)
RATIFIED = {"status": Status.RATIFIED, "event_date": date(2019, 11, 5)}
NEXT_DEAL = {"event_date": date(2023, 2, 2)}
UNDATED = {"event_date": None, "event_date_basis": None, "published_on": None}


def together(*reports: Report) -> bool:
    return len(partition(reports, [])) == 1


def test_nothing_gives_nothing() -> None:
    assert partition([], []) == []


def test_one_signature_in_several_languages_is_one_step() -> None:
    (agreement,) = partition(
        [SIGNED, report(2, language="ar"), report(3, event_date=date(2019, 2, 15))], []
    )
    assert life(agreement) == [("signed", "2019-02-14", [1, 2, 3])]


def test_a_life_is_its_steps_in_order_and_its_status_the_latest() -> None:
    talks = report(2, status=Status.NEGOTIATING, event_date=date(2018, 10, 1))
    (agreement,) = partition([SIGNED, report(3, **RATIFIED), talks], [])
    assert [status for status, _, _ in life(agreement)] == ["negotiating", "signed", "ratified"]
    assert (agreement.status, agreement.event_date) == (Status.RATIFIED, date(2019, 11, 5))


def test_a_deal_is_not_that_of_talks_that_nobody_has_heard_of_for_years() -> None:
    talks = report(2, status=Status.NEGOTIATING, event_date=date(2017, 10, 1))
    assert together(talks, SIGNED)
    assert not together(report(2, status=Status.PROPOSED, event_date=date(2005, 5, 18)), SIGNED)


def test_a_second_signature_years_later_is_another_agreement_that_follows() -> None:
    first, second = partition([SIGNED, report(2, **NEXT_DEAL)], [])
    assert (first.links, second.links) == ((), (("follows", "D1"),))


def test_signatures_that_texts_date_a_week_apart_are_of_two_papers() -> None:
    names = ("word:acosta", "word:benali", "word:ministry", "word:labour", "word:alaoui")
    first, week_later = report(1, clues=names), {"event_date": date(2019, 2, 21)}
    dated = (*names, DATED)
    assert not together(first, report(2, **week_later, clues=dated))
    assert together(first, report(2, **week_later, clues=names))
    undated = {**week_later, "event_date_basis": DateBasis.PUBLISHED}
    assert together(first, report(2, **undated, clues=dated))


def test_a_signature_half_a_year_after_a_deal_is_another_one() -> None:
    agreed = report(1, status=Status.CONCLUDED)
    half_a_year_later = {"event_date": date(2019, 8, 20)}
    assert together(agreed, report(2, event_date=date(2019, 5, 20)))
    assert not together(agreed, report(2, **half_a_year_later))


def test_an_undated_report_is_no_part_of_what_happened_on_the_day_it_was_found() -> None:
    undated = report(
        2, status=Status.TERMINATED, event_date=None, published_on=None, seen_on=SIGNED.seen_on
    )
    dated = report(1, event_date=SIGNED.seen_on)
    (agreement,) = partition([dated, undated], [])
    assert life(agreement) == [
        ("terminated", "None", [2]),
        ("signed", str(SIGNED.seen_on), [1]),
    ]


def test_another_topic_between_the_same_parties_stands_beside() -> None:
    _, second = partition(
        [SIGNED, report(2, topics=(Topic.VISA,), event_date=date(2019, 9, 1))], []
    )
    assert second.links == (("beside", "D1"),)


def test_new_talks_after_a_deal_are_about_another_paper() -> None:
    talks = report(2, status=Status.NEGOTIATING, event_date=date(2021, 3, 1))
    assert not together(SIGNED, talks)


def test_talks_whose_headline_names_the_old_paper_are_about_that() -> None:
    clues = ("ref:2019:title:agreement",)
    assert together(
        SIGNED, report(2, status=Status.PROPOSED, event_date=date(2021, 3, 1), clues=clues)
    )


def test_talks_that_recall_the_old_paper_in_passing_are_not() -> None:
    clues = ("ref:2019:body:agreement",)
    assert not together(
        SIGNED, report(2, status=Status.PROPOSED, event_date=date(2021, 3, 1), clues=clues)
    )


@pytest.mark.parametrize(("recalled", "born"), [("2019", 2019), ("2023-02", 2023)])
def test_a_later_step_belongs_to_the_agreement_that_it_recalls(recalled: str, born: int) -> None:
    clues = (f"ref:{recalled}:lead:agreement",)
    stopped = report(3, status=Status.SUSPENDED, event_date=date(2024, 6, 1), clues=clues)
    agreements = partition([SIGNED, report(2, **NEXT_DEAL), stopped], [])
    (home,) = [agreement for agreement in agreements if 3 in agreement.document_ids]
    assert home.history[0].on is not None
    assert home.history[0].on.year == born


def test_a_later_step_that_names_the_paper_as_another_one_is_not_its() -> None:
    clues = ("ref:2019-02:body:agreement:other",)
    assert not together(SIGNED, report(2, **RATIFIED, clues=clues))
    assert together(SIGNED, report(2, **RATIFIED))


def test_one_misread_party_does_not_split_a_step() -> None:
    misread = report(2, parties=("ES", "FR"), party_scores=(("ES", 4.0), ("FR", 3.0), ("MA", 2.9)))
    assert together(SIGNED, misread, report(3))


def test_a_misread_party_does_not_join_what_is_months_away() -> None:
    alike = {"instrument": Instrument.PROTOCOL, "clues": ("num:2700", "num:744")}
    misread = {"parties": ("ES", "FR"), "party_scores": (("ES", 4.0), ("FR", 3.0), ("MA", 2.9))}
    assert together(report(1, **alike), report(2, **alike, **misread))
    assert not together(report(1, **alike), report(2, **alike, **misread, **RATIFIED))


def test_parallel_deals_of_one_day_with_different_partners_stay_apart() -> None:
    armenia = report(2, parties=("AM", "EU"), party_scores=(("AM", 4.0), ("EU", 4.0)))
    cape_verde = report(3, parties=("CV", "EU"), party_scores=(("CV", 4.0), ("EU", 4.0)))
    assert not together(armenia, cape_verde)


def test_a_report_of_two_deals_does_not_draw_them_together() -> None:
    both = report(1, parties=("AM", "CV", "EU"))
    cape_verde = report(2, parties=("CV", "EU"), text_hash="1")
    armenia = report(3, parties=("AM", "EU"), party_scores=(("AM", 4.0), ("EU", 4.0), ("CV", 1.0)))
    found = groups(partition([both, cape_verde, armenia], []))
    assert not any({2, 3} <= set(group) for group in found)


def test_deals_of_one_tour_stay_apart_although_each_report_names_both() -> None:
    berlin = report(1, parties=("DE", "KE"), party_scores=(("DE", 4.0), ("KE", 4.0), ("AT", 2.0)))
    vienna = report(
        2,
        parties=("AT", "KE"),
        party_scores=(("AT", 4.0), ("KE", 4.0), ("DE", 3.9)),
        topics=(Topic.READMISSION, Topic.ASYLUM),
    )
    assert not together(berlin, vienna)


def test_returns_and_visas_of_one_day_are_two_agreements() -> None:
    visas = report(2, topics=(Topic.VISA, Topic.LABOUR), instrument=SIGNED.card.instrument)
    assert groups(partition([SIGNED, visas, report(3)], [])) == [[1, 3], [2]]


def test_a_misread_topic_beside_the_right_one_splits_nothing() -> None:
    assert together(SIGNED, report(2, topics=(Topic.READMISSION, Topic.VISA)))


TWO_TOPICS = (Topic.READMISSION, Topic.BORDER)


@pytest.mark.parametrize("clue", ["beside:memorandum:border_control", "beside:memorandum:"])
def test_a_paper_named_beside_the_one_in_the_news_is_another_agreement(clue: str) -> None:
    memorandum = report(2, instrument=Instrument.MEMORANDUM, topics=TWO_TOPICS)
    assert together(report(1, topics=TWO_TOPICS), memorandum)
    assert not together(report(1, topics=TWO_TOPICS, clues=(clue,)), memorandum)
    accord = report(1, topics=TWO_TOPICS)
    naming = report(2, topics=TWO_TOPICS, instrument=Instrument.MEMORANDUM, clues=(clue,))
    assert together(accord, naming)  # it calls its own kind of paper another one, not theirs


def test_what_is_said_of_a_paper_beside_is_not_the_subject_of_ones_own() -> None:
    visas = report(1, topics=(Topic.VISA,), clues=("beside:protocol:readmission_returns",))
    every = (Topic.LABOUR, Topic.VISA, Topic.READMISSION)
    assert together(visas, report(2, topics=every, clues=("beside:agreement:readmission_returns",)))
    assert not together(visas, report(2, topics=every))


def test_a_declaration_of_the_next_day_that_names_the_agreement_is_another_paper() -> None:
    intent = {"instrument": Instrument.DECLARATION, "clues": ("beside:agreement+declaration:",)}
    assert together(SIGNED, report(2, **intent))
    assert not together(SIGNED, report(2, **intent, event_date=date(2019, 2, 15)))


def test_a_paper_beside_of_the_same_kind_and_topic_splits_nothing() -> None:
    clues = ("beside:agreement:readmission_returns",)  # "another one with Turkey"
    assert together(SIGNED, report(2, clues=clues))


def test_a_headline_decides_which_of_two_recalled_papers_is_meant() -> None:
    clues = ("ref:2002:title:agreement", "ref:2019:lead:agreement")
    ended = report(2, status=Status.TERMINATED, event_date=date(2024, 9, 2), clues=clues)
    assert not together(SIGNED, ended)
    assert together(SIGNED, report(2, **RATIFIED, clues=clues[1:]))


def test_a_later_step_of_a_paper_of_another_day_is_not_its() -> None:
    ratified = {"status": Status.RATIFIED, "event_date": date(2019, 11, 5)}
    assert not together(SIGNED, report(2, **ratified, clues=("ref:2007-03-29:lead:agreement",)))


def test_a_ratification_eight_years_after_another_is_of_a_new_agreement() -> None:
    first = report(1, status=Status.RATIFIED, event_date=date(2013, 9, 11))
    assert not together(first, report(2, status=Status.RATIFIED, event_date=date(2021, 9, 15)))


def test_a_later_step_of_other_partners_is_not_its_without_more() -> None:
    treaty = report(1, status=Status.SUSPENDED, parties=("BF", "ML", "NE"))
    ended = report(2, status=Status.TERMINATED, event_date=date(2020, 6, 1), parties=("ML", "NE"))
    assert not together(treaty, ended)
    assert together(treaty, report(2, status=Status.SUSPENDED, parties=("ML", "NE")))


def test_a_date_beside_the_word_for_another_paper_is_not_its_own() -> None:
    clues = ("ref:2018:lead:treaty:other",)
    treaty = {"instrument": Instrument.TREATY, "topics": TWO_TOPICS}
    sandhurst = report(1, event_date=date(2018, 1, 18), **treaty)
    returns = report(2, status=Status.IN_FORCE, event_date=date(2025, 8, 5), clues=clues, **treaty)
    assert not together(sandhurst, returns)


def test_undated_talks_that_recall_the_deal_are_about_a_new_one() -> None:
    talks = {"status": Status.NEGOTIATING, **UNDATED}
    assert together(SIGNED, report(2, **talks))
    assert not together(SIGNED, report(2, **talks, clues=("ref:2019:lead:any",)))


def test_copies_of_one_text_stand_together_and_are_one_source() -> None:
    copies = [report(number, copy_group="agency", topics=(Topic.BORDER,)) for number in (2, 3, 4)]
    readers = [report(5), report(6)]
    (agreement,) = partition([*copies, *readers], [])
    assert agreement.topics[0] is Topic.READMISSION


def test_a_report_without_parties_stands_alone_unless_it_is_a_copy() -> None:
    lost = report(2, parties=(), party_scores=())
    assert groups(
        partition([SIGNED, lost, report(3, parties=(), copy_group=lost.copy_group)], [])
    ) == [
        [1],
        [2, 3],
    ]


def test_an_undated_report_joins_the_only_agreement_of_its_parties() -> None:
    undated = report(2, event_date=None, event_date_basis=None, published_on=None)
    (agreement,) = partition([SIGNED, undated], [])
    assert life(agreement) == [("signed", "2019-02-14", [1, 2])]


@pytest.mark.parametrize("seen_on", [date(2019, 1, 1), date(2026, 1, 1)])
def test_an_undated_report_moves_neither_a_dated_status_nor_its_day_nor_the_headline(
    seen_on: date,
) -> None:
    talks = report(2, status=Status.NEGOTIATING, seen_on=seen_on, **UNDATED)
    (agreement,) = partition([SIGNED, report(3), talks], [])
    assert (agreement.status, agreement.event_date) == (Status.SIGNED, date(2019, 2, 14))
    assert agreement.title == SIGNED.title
    assert life(agreement) == [("negotiating", "None", [2]), ("signed", "2019-02-14", [1, 3])]


def test_undated_reports_do_not_outvote_the_status_of_a_dated_one() -> None:
    undated = [report(number, status=Status.CONCLUDED, **UNDATED) for number in (2, 3, 4)]
    (agreement,) = partition([SIGNED, *undated], [])
    assert life(agreement) == [("signed", "2019-02-14", [1, 2, 3, 4])]
    assert agreement.history[0].quote == SIGNED.quote


def test_what_only_undated_reports_tell_is_still_told() -> None:
    (agreement,) = partition([report(1, **UNDATED), report(2, **UNDATED)], [])
    assert (agreement.status, agreement.event_date, agreement.title) == (
        Status.SIGNED,
        None,
        "Title 1",
    )


def test_what_recalls_a_step_long_after_is_a_mention() -> None:
    recalls = report(2, published_on=date(2020, 2, 14))
    (agreement,) = partition([SIGNED, recalls], [])
    assert (life(agreement), agreement.mentions) == ([("signed", "2019-02-14", [1])], (2,))


def test_a_late_report_alone_still_tells_its_step() -> None:
    (agreement,) = partition([report(2, published_on=date(2020, 2, 14))], [])
    assert (agreement.document_ids, agreement.mentions) == ((2,), ())


def test_two_statuses_of_one_day_are_one_step() -> None:
    (agreement,) = partition([SIGNED, report(2), report(3, status=Status.CONCLUDED)], [])
    assert life(agreement) == [("signed", "2019-02-14", [1, 2, 3])]


def test_the_vote_prefers_the_specific_name_of_the_paper_among_equals() -> None:
    (agreement,) = partition([SIGNED, report(2, instrument=Instrument.MEMORANDUM)], [])
    assert agreement.instrument is Instrument.MEMORANDUM


def test_the_date_that_the_text_says_beats_the_publication() -> None:
    published = {"event_date": date(2019, 2, 15), "event_date_basis": DateBasis.PUBLISHED}
    (agreement,) = partition([SIGNED, report(2, **published), report(3, **published)], [])
    assert agreement.event_date == date(2019, 2, 14)


def test_reasons_say_why_and_call_for_review_where_it_was_close() -> None:
    (clear,) = partition([SIGNED, report(2)], [])
    assert clear.reasons[0] == LinkageReason("several", values=(2, 2))
    (copied,) = partition([SIGNED, report(2, copy_group=SIGNED.copy_group)], [])
    assert copied.reasons[0] == LinkageReason("several", values=(2, 1))
    joined = clear.reasons[1]
    assert (joined.kind, joined.document_id, joined.values) == ("joined", 2, (5.0,))
    assert joined.points[:2] == (("same parties", 0.5, ""), ("same stage, same days", 3.0, ""))
    close = report(2, event_date=date(2019, 5, 20), topics=(Topic.READMISSION, Topic.BORDER))
    doubts = [
        reason
        for agreement in partition([SIGNED, close], [])
        for reason in agreement.reasons
        if reason.is_in_doubt
    ]
    assert len(doubts) == 1


DENIED = {"status": Status.REJECTED, "event_date": date(2019, 7, 1)}


def test_who_denies_an_agreement_months_after_a_deal_speaks_of_another_one() -> None:
    assert not together(SIGNED, report(2, **DENIED, clues=("ref:2019-02:body:any",)))


def test_a_parliament_that_refuses_what_was_signed_is_a_later_step() -> None:
    assert together(SIGNED, report(2, **DENIED, clues=("ref:2019-02-14:title:agreement",)))


def test_a_claim_that_is_denied_within_days_is_one_agreement() -> None:
    claimed = report(1, status=Status.CONCLUDED)
    denied = report(2, status=Status.REJECTED, event_date=date(2019, 2, 18))
    assert together(claimed, denied)


def test_a_later_step_belongs_to_the_paper_of_its_kind_that_was_named_beside() -> None:
    agreement = report(1, clues=("beside:memorandum+partnership:labour_mobility",))
    renewed = report(
        2,
        status=Status.RENEWED,
        event_date=date(2022, 5, 3),
        instrument=Instrument.PARTNERSHIP,
    )
    assert together(SIGNED, renewed)
    assert not together(agreement, renewed)


@pytest.mark.parametrize(
    "kind", [Instrument.ARRANGEMENT, Instrument.MEMORANDUM, Instrument.DECLARATION]
)
def test_a_treaty_is_another_paper_than_what_came_before_it(kind: Instrument) -> None:
    before = report(1, status=Status.CONCLUDED, instrument=kind)
    treaty = {"instrument": Instrument.TREATY, "event_date": date(2019, 4, 9)}
    assert not together(before, report(2, **treaty))
    same_day = report(2, instrument=Instrument.TREATY)
    assert together(report(1, instrument=kind), same_day)
    accord = {**treaty, "instrument": kind}
    assert together(before, report(2, **accord))


def test_the_paper_s_own_words_on_how_long_it_runs_stand_before_what_later_reports_say() -> None:
    paper, news = (Provision(ProvisionKind.DURATION, years * 12, "") for years in (5, 3))
    clued = [
        report(1, clues=(PAPER, paper.clue)),
        report(2, clues=(news.clue,), event_date=date(2019, 2, 15)),
    ]
    assert [agreement.provisions for agreement in partition(clued, [])] == [(paper,)]
    assert [agreement.provisions for agreement in partition(clued[1:], [])] == [(news,)]
