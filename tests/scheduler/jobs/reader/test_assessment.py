"""How well a reader reads, by texts and corridors with right answers, against a real HTTP server."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest

from crawler.reader.corridor import corridor_instructions
from scheduler.configuration.sections import ReaderSettings
from scheduler.jobs.reader.assessment import LabelledText, Tally, assess, shipped_texts
from tests.scheduler.jobs.reader.chat_server import Reply, chat_server
from tests.scheduler.jobs.reader.given import NO, says

TEXTS = shipped_texts()
# Two corridors of three reports, and two texts of no step.
FEW = [text for text in TEXTS if text.parties in (("AE", "NP"), ("EG", "GR"))]
FEW += [text for text in TEXTS if not text.is_step][:2]


def _right(body: dict[str, Any]) -> Reply:
    """The answer of a reader that knows the labels."""
    system, question = (message["content"] for message in body["messages"])
    if system != corridor_instructions():
        one = next(text for text in TEXTS if f"<text>\n{text.document.title}\n" in question)
        return says(_yes(one) if one.is_step else NO)
    parties = tuple(question.partition("Parties: ")[2].partition("\n")[0].split(", "))
    own = [text for text in TEXTS if text.parties == parties]
    groups = []
    for name in {one.agreement for one in own}:
        members = {number: one for number, one in enumerate(own, 1) if one.agreement == name}
        last = max(members.values(), key=lambda one: str(one.day))
        groups.append(_yes(last) | {"reports": [*members], "parties": list(parties)})
    return says({"agreements": groups, "no_step": []})


def _yes(one: LabelledText) -> dict[str, Any]:
    facts = {"status": one.status, "day": one.day.isoformat() if one.day else ""}
    quote = one.document.title if len(one.document.title) > 20 else one.document.text[:80]
    return {"answer": "yes", "quote": quote, "parties": list(one.parties), **facts}


def _assessed(answer: Callable[[dict[str, Any]], Reply], texts: list[LabelledText]) -> Tally:
    with chat_server(answer) as server:
        settings = ReaderSettings(url=server.url, model="small", at_once=2)
        return asyncio.run(assess(settings, texts))


def test_a_reader_that_is_right_is_good_enough_to_trust() -> None:
    tally = _assessed(_right, FEW)
    lines = list(tally.lines())
    assert (tally.weak, lines[-1]) == ([], "Good enough to trust.")
    assert (len(tally.texts), len(tally.corridors), tally.failed) == (8, 2, 0)
    assert lines[0].startswith("8 texts: ")
    assert "  recall     1.00 of 6" in lines


@pytest.mark.parametrize(
    ("answer", "weak"),
    [
        (lambda body: says(NO), "Weak: recall 0.00 (0.80 is needed)."),
        (lambda body: Reply("I cannot say."), "Weak: recall 0.00 (0.80 is needed)."),
    ],
    ids=["no to everything", "no answer"],
)
def test_a_reader_that_is_wrong_is_called_weak_in_what_it_is(
    answer: Callable[[dict[str, Any]], Reply], weak: str
) -> None:
    tally = _assessed(answer, FEW)
    assert list(tally.lines())[-1] == weak
    assert tally.failed >= 2  # it answers no question about a corridor


def test_a_reader_that_puts_all_reports_of_a_corridor_together_is_weak_in_grouping() -> None:
    texts = [text for text in TEXTS if text.parties == ("BE", "DZ")]
    assert len({text.agreement for text in texts}) > 1

    def answer(body: dict[str, Any]) -> Reply:
        told = json.loads(str(_right(body).text))
        if "agreements" in told:
            whole = told["agreements"][0]
            numbers = [number for one in told["agreements"] for number in one["reports"]]
            told["agreements"] = [whole | {"reports": numbers}]
        return says(told)

    tally = _assessed(answer, texts)
    assert any(one.startswith("grouping") for one in tally.weak)


def test_the_texts_that_are_shipped_are_sixty_in_seven_languages_with_twelve_corridors() -> None:
    assert (len(TEXTS), len({text.document.language for text in TEXTS})) == (60, 7)
    parties = [text.parties for text in TEXTS if text.is_step]
    assert len({party for party in parties if parties.count(party) > 1}) == 12
