"""Second readers' answers, put into the verdicts of the documents that have these texts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from crawler.reader.answer import with_second_reading
from storage.database.session import Session
from storage.documents.second_readings import decided_among, readings_of
from storage.records import Judged, SecondReading


def with_answers(
    s: Session, judged: Sequence[Judged], document_ids: Sequence[int] = ()
) -> list[Judged]:
    """Return judged documents, and parts, with what second readers answered to their texts before.
    `document_ids` are those of stored documents: a "no" takes back nothing that a person decided.
    """
    possible = {
        one.fingerprint.text_hash
        for whole in judged
        for one in (whole, *(whole.parts or ()))
        if one.verdict.outcome != "silent"
    }
    readings = readings_of(s, possible) if possible else {}
    if not readings:
        return list(judged)
    decided = decided_among(s, document_ids)
    not_refusing = {key: one for key, one in readings.items() if one.answer != "no"}
    return [
        _with_answer(one, not_refusing if number in decided else readings)
        for number, one in zip(document_ids or [0] * len(judged), judged, strict=True)
    ]


def _with_answer(one: Judged, readings: Mapping[str, SecondReading]) -> Judged:
    if one.parts:
        parts = tuple(_with_answer(part, readings) for part in one.parts)
        one = replace(one, parts=parts)
    reading = readings.get(one.fingerprint.text_hash)
    return one if reading is None else with_second_reading(one, reading)
