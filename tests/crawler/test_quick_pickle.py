"""Records come out of another process as they went in."""

from __future__ import annotations

import pickle
from dataclasses import replace
from datetime import UTC, datetime
from multiprocessing.reduction import ForkingPickler
from pickletools import genops
from typing import Any

import pytest

from crawler.process.task import Task
from crawler.quick_pickle import pickle_quickly
from crawler.worker import Outcome
from storage.errors import UnreadableError
from storage.records import (
    Candidate,
    Fetched,
    JsonPaths,
    Login,
    ReadFrame,
    Reason,
    Source,
    SourceKind,
    Zone,
)
from tests.storage.given import judged

ONE = judged(near_miss=True)
WHOLE = replace(
    ONE,
    verdict=replace(
        ONE.verdict,
        frame=ReadFrame(("IT",), "sign"),
        reasons=(Reason("date", 0.5),),
        probability=0.5,
    ),
    parts=(judged(2), judged(3, relevant=False)),
)
SOURCE = Source(
    "a",
    SourceKind.JSON,
    "https://a.example",
    paths=JsonPaths("i", "u"),
    login=Login("me"),
    ignore=(".x",),
)
PLAIN = Source("a", SourceKind.FEED, "https://a.example")
FETCHED = Fetched(
    "https://a.example/1", "https://a.example/2", "text/html", b"<p>", datetime.now(UTC)
)
TASK = Task(FETCHED, Candidate("https://a.example/1", "A title"), SOURCE, "before", (FETCHED,))


@pytest.mark.parametrize("record", [WHOLE, TASK, Outcome(WHOLE), Outcome(fault="stack")])
def test_a_record_comes_out_as_it_went_in(record: Any) -> None:
    pickle_quickly(Task, Outcome)
    out = pickle.loads(ForkingPickler.dumps(record))
    assert out == record
    assert type(out) is type(record)
    assert out == pickle.loads(pickle.dumps(record))


def test_enums_and_errors_in_records_keep_their_types() -> None:
    pickle_quickly(Outcome)
    out = pickle.loads(ForkingPickler.dumps(Outcome(WHOLE, UnreadableError("broken", "why"))))
    assert isinstance(out.error, UnreadableError)
    assert type(out.value.verdict.evidence[0].zone) is Zone


@pytest.mark.parametrize("record", [Outcome(WHOLE), replace(TASK, source=PLAIN)])
def test_no_field_is_set_by_itself(record: Any) -> None:
    pickle_quickly(Task, Outcome)
    steps = {step.name for step, *_ in genops(bytes(ForkingPickler.dumps(record)))}
    assert "REDUCE" in steps
    assert "BUILD" not in steps  # which calls `__setstate__`
