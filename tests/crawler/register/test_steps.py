"""The steps of one agreement: which reports tell them, their status and their day."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from crawler.clues import VAGUE
from crawler.judgement.judge import Rules
from crawler.process.process import judge_document
from crawler.register.partition import partition
from crawler.register.steps import history_of
from storage.records import DateBasis, Document, Instrument, Status
from storage.register.entry import Agreement, LinkageReason, Pin, PinKind
from tests.crawler.register.given import life, report
from tests.eval.entries import register_of

SIGNED = report(1)
SIGNED_ON = date(2019, 2, 14)
BORN = "ref:2019-02-14:lead:agreement"
UNDATED = {"event_date": None, "event_date_basis": None, "published_on": None}
PUBLISHED = {"event_date_basis": DateBasis.PUBLISHED}


def only(*reports: object, pins: tuple[Pin, ...] = ()) -> Agreement:
    (agreement,) = partition(list(reports), pins)  # type: ignore[arg-type]  # of any fields
    return agreement


def test_what_a_text_only_implies_is_no_step_in_the_days_after_another() -> None:
    stopped = report(2, status=Status.SUSPENDED, event_date=date(2019, 2, 19), clues=(VAGUE,))
    assert life(only(SIGNED, stopped)) == [("signed", "2019-02-14", [1, 2])]


def test_what_a_text_tells_in_so_many_words_is_a_step_a_few_days_after_another() -> None:
    stopped = report(2, status=Status.SUSPENDED, event_date=date(2019, 2, 19))
    assert only(SIGNED, stopped).status is Status.SUSPENDED


def test_what_a_text_only_implies_is_still_told_where_nothing_else_is() -> None:
    assert life(only(report(1, clues=(VAGUE,)))) == [("signed", "2019-02-14", [1])]
    later = report(2, status=Status.RATIFIED, event_date=date(2019, 11, 5), clues=(VAGUE,))
    assert only(SIGNED, later).status is Status.RATIFIED


def test_who_only_names_what_was_signed_a_year_ago_is_a_mention() -> None:
    later = report(2, event_date=date(2020, 2, 20), clues=(VAGUE, BORN), **PUBLISHED)
    agreement = only(SIGNED, later)
    assert life(agreement) == [("signed", "2019-02-14", [1])]
    assert agreement.mentions == (2,)


def test_one_text_that_only_implies_an_end_ends_nothing() -> None:
    ended = {"status": Status.SUSPENDED, "event_date": date(2019, 11, 5), "clues": (VAGUE,)}
    opinion, other = report(2, **ended), report(3, **ended)
    assert only(SIGNED, opinion).status is Status.SIGNED
    assert only(SIGNED, opinion, other).status is Status.SUSPENDED


@pytest.mark.parametrize("told", [{"clues": (VAGUE,)}, {"status": None}])
def test_an_undated_report_that_states_no_step_is_a_mention(told: dict[str, Any]) -> None:
    agreement = only(SIGNED, report(2, **{"status": Status.CONCLUDED, **UNDATED, **told}))
    assert life(agreement) == [("signed", "2019-02-14", [1])]
    assert agreement.mentions == (2,)


def test_a_later_report_without_a_status_is_a_mention() -> None:
    agreement = only(SIGNED, report(2, status=None, event_date=date(2019, 6, 1)))
    assert (life(agreement), agreement.mentions) == ([("signed", "2019-02-14", [1])], (2,))


def test_talks_that_go_on_are_told_although_only_implied() -> None:
    talks = {"status": Status.NEGOTIATING}
    first = report(1, **talks)
    second = report(2, event_date=date(2019, 4, 20), clues=(VAGUE,), **talks)
    assert only(first, second).event_date == date(2019, 4, 20)


def test_a_proposal_during_talks_is_part_of_them() -> None:
    talks = report(1, status=Status.NEGOTIATING)
    offer = report(2, status=Status.PROPOSED, event_date=date(2019, 2, 24))
    assert life(only(talks, offer)) == [
        ("negotiating", "2019-02-14", [1]),
        ("negotiating", "2019-02-24", [2]),
    ]


def test_who_tells_in_so_many_words_outvotes_those_who_imply() -> None:
    implying = [report(number, status=Status.CONCLUDED, clues=(VAGUE,)) for number in (2, 3, 4)]
    assert only(SIGNED, *implying).status is Status.SIGNED


def test_a_curator_who_corrects_a_status_tells_it_in_so_many_words() -> None:
    implied = report(2, status=Status.CONCLUDED, event_date=date(2019, 2, 19), clues=(VAGUE,))
    pin = Pin(PinKind.FIELD, 2, field="status", value="suspended")
    assert only(SIGNED, implied, pins=(pin,)).status is Status.SUSPENDED


@pytest.mark.parametrize(
    ("status", "day"),
    [(Status.CONCLUDED, date(2019, 3, 20)), (Status.NEGOTIATING, date(2019, 2, 18))],
)
def test_a_signature_is_not_undone_by_a_looser_word_for_it(status: Status, day: date) -> None:
    agreement = only(SIGNED, report(2, status=status, event_date=day, clues=("num:744",)))
    assert life(agreement) == [("signed", "2019-02-14", [1, 2])]


def test_nobody_reports_what_has_not_happened_yet() -> None:
    printed = report(2, event_date=date(2019, 2, 14), **PUBLISHED)
    dateline = report(1, event_date=date(2019, 2, 15))
    assert only(printed, dateline).event_date == date(2019, 2, 14)


def test_the_quote_of_a_step_is_of_the_report_that_gives_its_day() -> None:
    talks = {"status": Status.NEGOTIATING}
    first = report(1, event_date=date(2019, 2, 14), **talks, **PUBLISHED)
    dated = report(2, event_date=date(2019, 3, 10), **talks)
    (step,) = only(first, dated).history
    assert (step.on, step.quote) == (date(2019, 3, 10), "Quote 2.")
    next_day = report(2, event_date=date(2019, 2, 15), **talks)
    assert only(first, next_day).history[0].quote == "Quote 1."


def test_the_title_is_of_the_first_report_that_has_one() -> None:
    untitled = report(2, event_date=date(2019, 2, 13), title=" ")
    assert only(untitled, report(1)).title == "Title 1"
    assert only(untitled).title == ""


def test_a_second_vote_a_week_later_is_its_own_day() -> None:
    ratified = {"status": Status.RATIFIED}
    printed = report(2, event_date=date(2019, 2, 14), **ratified, **PUBLISHED)
    second = report(1, event_date=date(2019, 2, 21), **ratified)
    assert only(printed, second).event_date == date(2019, 2, 21)


APPROVED = {"status": Status.RATIFIED, "event_date": date(2019, 11, 5)}


def test_what_one_outlet_reports_in_doubt_stands_in_the_history_and_moves_no_status() -> None:
    agreement = only(SIGNED, report(2, **APPROVED, probability=0.89))
    assert life(agreement) == [("signed", "2019-02-14", [1]), ("ratified", "2019-11-05", [2])]
    assert (agreement.status, agreement.event_date) == (Status.SIGNED, date(2019, 2, 14))
    assert agreement.reasons[-1] == LinkageReason("alone", 2)
    assert agreement.in_doubt == agreement.history[1:]
    assert agreement.pending_since == date(2019, 2, 14)


@pytest.mark.parametrize(
    "naming",
    [
        {"clues": (BORN,)},
        {"clues": ("ref:2019-02-14:body:agreement",)},
        {"instrument": Instrument.PROTOCOL},
    ],
)
def test_a_vote_that_names_this_very_agreement_is_in_no_doubt(naming: dict[str, Any]) -> None:
    signed = report(1, instrument=naming.get("instrument", Instrument.AGREEMENT))
    vote = report(2, **APPROVED, **naming, probability=0.6)
    assert (only(signed, vote).status, only(signed, vote).in_doubt) == (Status.RATIFIED, ())


def test_a_stop_in_doubt_needs_the_date_in_headline_or_lead() -> None:
    stopped = {"status": Status.SUSPENDED, "event_date": date(2019, 11, 5), "probability": 0.6}
    in_body = report(2, **stopped, clues=("ref:2019-02-14:body:agreement",))
    assert only(SIGNED, in_body).status is Status.SIGNED
    assert only(SIGNED, report(2, **stopped, clues=(BORN,))).status is Status.SUSPENDED


def test_two_outlets_in_doubt_move_a_status() -> None:
    twice = [report(number, **APPROVED, probability=0.7) for number in (2, 3)]
    agreement = only(SIGNED, *twice)
    assert (agreement.status, agreement.in_doubt) == (Status.RATIFIED, ())
    assert agreement.pending_since is None


def test_a_doubtful_report_says_how_things_stand_where_no_surer_one_does() -> None:
    signed = report(1, probability=0.5)
    assert only(signed, report(2, **APPROVED, probability=0.4)).status is Status.RATIFIED


@pytest.mark.parametrize("kind", [PinKind.CONFIRMED, PinKind.RELEVANT])
def test_a_report_that_a_person_looked_at_is_in_no_doubt(kind: PinKind) -> None:
    doubtful = report(2, **APPROVED, probability=0.4)
    assert only(SIGNED, doubtful, pins=(Pin(kind, 2),)).status is Status.RATIFIED


def test_sure_reports_have_the_say_on_parties_and_on_the_status_of_a_step() -> None:
    doubtful = report(
        1, parties=("ES", "FR", "MA"), status=Status.TERMINATED, probability=0.6, title="First"
    )
    agreement = only(doubtful, report(2, probability=0.95))
    assert (agreement.parties, agreement.status) == (("ES", "MA"), Status.SIGNED)


ANNOUNCED = {"status": Status.CONCLUDED, **PUBLISHED}


def test_what_is_announced_and_what_follows_are_two_steps() -> None:
    announced = report(1, **ANNOUNCED, event_date=date(2019, 2, 13), expected_on=SIGNED_ON)
    waiting = only(announced)
    assert (waiting.status, waiting.expected_on) == (Status.CONCLUDED, SIGNED_ON)
    signed = only(announced, report(2))
    assert life(signed) == [
        ("concluded_not_signed", "2019-02-13", [1]),
        ("signed", "2019-02-14", [2]),
    ]
    assert signed.expected_on is None
    assert signed.history[0].expected_on == SIGNED_ON


def test_who_announces_does_not_outvote_who_reports_it_done_on_the_day() -> None:
    announced = [
        report(number, **ANNOUNCED, event_date=SIGNED_ON, expected_on=SIGNED_ON)
        for number in (1, 2, 3)
    ]
    assert only(*announced).status is Status.CONCLUDED
    assert only(*announced, report(4)).status is Status.SIGNED


def test_a_signature_that_is_not_due_yet_does_not_come_about_by_one_outlet() -> None:
    friday = date(2019, 2, 15)
    announced = [
        report(number, **ANNOUNCED, event_date=SIGNED_ON, expected_on=friday)
        for number in (1, 2, 3)
    ]
    agreement = only(*announced, report(4))
    assert (agreement.status, agreement.expected_on) == (Status.CONCLUDED, friday)


def test_a_looser_word_for_what_is_in_force_has_no_say_on_its_status_and_day() -> None:
    in_force = report(2, status=Status.IN_FORCE, event_date=date(2019, 2, 16))
    loose = {"status": Status.CONCLUDED, "event_date": date(2019, 3, 20), "clues": ("num:744",)}
    agreement = only(report(1, status=Status.CONCLUDED), in_force, report(3, **loose))
    again = only(
        report(1, status=Status.CONCLUDED), in_force, report(3, **loose), report(4, **loose)
    )
    for one in (agreement, again):
        assert (one.status, one.event_date) == (Status.IN_FORCE, date(2019, 2, 16))


@pytest.mark.parametrize("day", [date(2019, 2, 14), date(2019, 2, 15)])
@pytest.mark.parametrize("stop", [Status.SUSPENDED, Status.TERMINATED, Status.REJECTED])
def test_a_stop_that_is_recalled_at_a_signature_is_no_step(stop: Status, day: date) -> None:
    signed = [report(number, probability=0.8) for number in (1, 2)]
    recalled = report(3, status=stop, event_date=day, probability=0.95)
    assert life(only(*signed, recalled)) == [("signed", "2019-02-14", [1, 2, 3])]
    others = [report(number, status=stop, event_date=day) for number in (4, 5)]
    assert only(*signed, recalled, *others).status is stop


# --- a week after a step, to the day --------------------------------------------------------------

WEEK = [(date(2019, 2, 21), 1), (date(2019, 2, 22), 2)]  # seven days after the signature, and eight


@pytest.mark.parametrize(("day", "steps"), WEEK)
def test_talks_undo_no_signature_within_a_week(day: date, steps: int) -> None:
    talks = report(2, status=Status.NEGOTIATING, event_date=day)
    assert len(history_of([SIGNED, talks])[0]) == steps


@pytest.mark.parametrize(("day", "steps"), WEEK)
def test_a_report_without_a_status_is_in_the_company_of_a_step_for_a_week(
    day: date, steps: int
) -> None:
    (step,), mentions = history_of([SIGNED, report(2, status=None, event_date=day)])
    assert (step.document_ids, mentions) == (((1, 2), ()) if steps == 1 else ((1,), (2,)))


@pytest.mark.parametrize(("day", "steps"), WEEK)
def test_two_days_that_texts_give_are_one_step_within_a_week(day: date, steps: int) -> None:
    first, second = report(1, clues=("named:2019:visas",)), report(2, event_date=day)
    second = replace(second, clues=first.clues)
    assert len(history_of([first, second])[0]) == steps


def test_a_status_counts_as_much_as_its_reports_are_probable() -> None:
    doubted = {"status": Status.SUSPENDED, "probability": 0.3}
    told = only(report(1, **doubted), report(2, **doubted), report(3, probability=0.8))
    assert told.status is Status.SIGNED


def test_of_reports_about_as_probable_the_first_gives_the_status() -> None:
    told = only(report(1, probability=0.96), report(2, status=Status.RATIFIED, probability=0.99))
    assert told.status is Status.SIGNED


def test_talks_about_what_is_signed_undo_nothing() -> None:
    clues = ("ref:2019:title:agreement",)
    later = {"event_date": date(2019, 11, 5), "clues": clues}
    agreement = only(SIGNED, report(2, status=Status.NEGOTIATING, **later))
    assert (agreement.status, agreement.event_date) == (Status.SIGNED, SIGNED_ON)
    assert len(agreement.history) == 2
    assert not any(reason.is_in_doubt for reason in agreement.reasons)


_PACT = "The accord provides for the return of irregular migrants to Niger."
_SIGNED = ("Morocco and Niger sign readmission agreement", "2024-05-10")
_THURSDAY = f"Morocco and Niger signed a readmission agreement in Rabat on Thursday. {_PACT}"
_FRIDAY = f"Morocco and Niger signed a readmission agreement in Rabat on Friday. {_PACT}"


def _entries(rules: Rules, *told: tuple[str, str, str]) -> int:
    """Return how many entries these reports form, each with its title, day of print and text."""
    documents = [
        Document(
            title=title,
            text=text,
            published_on=date.fromisoformat(published),
            outlet=f"outlet-{number}.example",
            external_id=f"r{number}",
            language="en",
        )
        for number, (title, published, text) in enumerate(told)
    ]
    judged = [judge_document(document, rules, with_card=True) for document in documents]
    assert all(one.verdict.relevant for one in judged)
    assert all(
        one.verdict.card.event_date_basis is DateBasis.TEXT for one in judged if one.verdict.card
    )
    return len(register_of(judged))


@pytest.mark.parametrize(
    ("title", "published", "text"),
    [
        # Outlets that disagree by a day or two.
        (_SIGNED[0], "2024-05-11", _FRIDAY),
        (_SIGNED[0], "2024-05-13", _FRIDAY.replace("Friday", "Saturday")),
        # What is said of it a week later.
        (
            "Minister defends readmission agreement with Niger",
            "2024-05-17",
            "Morocco's interior minister on Thursday defended before parliament the readmission "
            f"agreement that was signed with Niger in Rabat. {_PACT}",
        ),
        (
            "Niger agreement will bring order, says minister",
            "2024-05-16",
            "The readmission agreement that Morocco and Niger signed will bring order to "
            f"migration, the interior minister of Morocco said on Wednesday. {_PACT}",
        ),
        (
            "Readmission agreement with Niger published",
            "2024-05-22",
            "Morocco on Tuesday published the readmission agreement with Niger which the interior "
            f"ministers signed in Rabat. {_PACT}",
        ),
    ],
)  # fmt: skip
def test_a_signature_that_is_told_again_is_one_entry(
    rules: Rules, title: str, published: str, text: str
) -> None:
    assert _entries(rules, (*_SIGNED, _THURSDAY), (title, published, text)) == 1


def test_a_signature_of_the_week_after_is_another_entry(rules: Rules) -> None:
    later = (_SIGNED[0], "2024-05-18", _FRIDAY)
    assert _entries(rules, (*_SIGNED, _THURSDAY), later) == 2
