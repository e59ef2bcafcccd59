"""What a second outlet brings: `make real`, or `python -m benchmarks.real_corroboration FOLDER`.

FOLDER is that of `benchmarks.real`, whose last run is read (`.real-last-run.json`): its cross-fitted
verdicts say what is an alert and what waits for review. The feeds of one corpus are gone through as
a register would: what waits is lifted when another outlet reports the same parties within days, in
a text of its own, and both are probable enough. The table has a line for each least probability.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from benchmarks import real_changes
from benchmarks.last_run import last_run
from crawler.ingest.corroboration import DAYS, LEAST_PROBABILITY
from crawler.judgement.judge import judge_reading, load_rules, read_document
from crawler.judgement.probability.weights import probability
from crawler.register.fingerprint import SAME_TEXT, likeness
from scheduler.cli.output import print_table
from storage.records import Document

_LEAST = sorted({0.1, 0.12, 0.15, 0.2, 0.25, 0.3, LEAST_PROBABILITY})
_LEAST_PARTIES = 2
_COLUMNS = ("least probability", "alerts", "right", "precision", "recall")


@dataclass(frozen=True, slots=True)
class SpeakingDocument:
    """A document that is an alert or waits: what another one is compared with.

    `label`: None where readers may differ or nobody read it.
    """

    document: Document
    parties: frozenset[str]
    probability: float
    is_alert: bool
    label: bool | None


def main() -> None:
    """Print the table."""
    file, labels, judged = last_run("real_corroboration", __doc__)
    documents = list(_documents(file, judged, labels))
    true = {one for one, label in labels.items() if label is True}
    reports = sum(1 for _ in real_changes.rows((file,), true))
    print_table(
        "A second outlet", _COLUMNS, [_row(documents, least, reports) for least in (None, *_LEAST)]
    )


def _documents(
    file: Path, judged: Mapping[str, real_changes.JudgedExample], labels: Mapping[str, bool | None]
) -> Iterator[SpeakingDocument]:
    rules = load_rules()
    wanted = {one.id for one in judged.values() if one.outcome != "silent"}
    for document in real_changes.documents((file,), wanted):
        one = judged[document.external_id or ""]
        reading = read_document(document, rules)
        card = judge_reading(reading, document, rules, with_card=True).card
        yield SpeakingDocument(
            document,
            frozenset(card.parties),
            probability(one.logit),
            one.is_alert,
            labels.get(one.id, False),
        )


def lifted(documents: Sequence[SpeakingDocument], least: float) -> set[int]:
    """The places in `documents` of what waits and is spoken for."""
    speaking = [place for place, one in enumerate(documents) if one.probability >= least]
    of_day: dict[date, list[int]] = defaultdict(list)
    for place in speaking:
        if (day := documents[place].document.published_on) is not None:
            of_day[day].append(place)
    return {
        place
        for place in speaking
        if not documents[place].is_alert
        and any(
            _speaks_for(documents[other], documents[place])
            for other in _near(of_day, documents[place])
        )
    }


def _near(of_day: Mapping[date, Sequence[int]], one: SpeakingDocument) -> Iterable[int]:
    day = one.document.published_on
    if day is None:
        return ()
    days = (day + timedelta(days=number) for number in range(-DAYS, DAYS + 1))
    return (place for near in days for place in of_day.get(near, ()))


def _speaks_for(other: SpeakingDocument, one: SpeakingDocument) -> bool:
    return (
        other is not one
        and other.document.outlet is not None
        and other.document.outlet != one.document.outlet
        and len(other.parties & one.parties) >= _LEAST_PARTIES
        and likeness(one.document.text, other.document.text) < SAME_TEXT
    )


def _row(
    documents: Sequence[SpeakingDocument], least: float | None, reports: int
) -> tuple[str, ...]:
    more = lifted(documents, least) if least is not None else set()
    alerts = [one for place, one in enumerate(documents) if one.is_alert or place in more]
    right = sum(one.label is True for one in alerts)
    told = sum(one.label is not None for one in alerts)
    name = "without" if least is None else f"{least:.2f}"
    return (
        name, str(told), str(right), f"{right / max(told, 1):.2f}", f"{right / max(reports, 1):.2f}",
    )  # fmt: skip


if __name__ == "__main__":
    main()
