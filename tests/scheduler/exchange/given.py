"""A register with what is hard to write down: hostile titles, copies, mentions, days unknown."""

from __future__ import annotations

import csv
import json
from datetime import date
from pathlib import Path
from typing import Any

from storage.records import Judged, Status, Topic
from tests.storage.given import card, judged

FORMULA = '=HYPERLINK("https://evil.example";"Rabat")'
LINES = 'Rabat, "Niamey"\r\nand; Dakar\nsign'
HIDDEN = "\x00Rabat\u202e \udc80signs\ufeff"
ARABIC = "المغرب والنيجر يوقعان، \u200fفي الرباط"
TITLES = (FORMULA, LINES, HIDDEN, ARABIC, "-1 of 2 | `x` <b>", "@SUM(1)", "NA", "")
AGENCY = "An agency text that two papers print."
# Partners that share no party, so that each pair is an agreement of its own.
PAIRS = (
    *(("MA", "NE"), ("IT", "TN"), ("EU", "MR"), ("ES", "SN")),
    *(("FR", "ML"), ("DE", "NA"), ("GB", "RW"), ("DK", "XK")),
)


def hostile() -> list[Judged]:
    """An agreement for each title, the first of which a second paper copies."""
    made = [
        judged(number, title=title, card=card(parties=pair, place=title, place_key=str(number)))
        for number, (title, pair) in enumerate(zip(TITLES, PAIRS, strict=True), 1)
    ]
    copies = [
        judged(number, text=AGENCY, outlet=f"paper-{number}.example", published_on=day)
        for number, day in ((21, date(2026, 3, 12)), (22, date(2026, 3, 11)))
    ]
    talks = judged(31, card=card(parties=("AU", "NZ"), status=Status.NEGOTIATING, event_date=None))
    return [*made, *copies, talks]


def lives() -> list[Judged]:
    """Agreements of two, of four and of one, one of them with all days that a database may have."""
    pair = ("CI", "NL")
    days = {
        Status.SIGNED: date(2023, 5, 2),
        Status.RATIFIED: date(2024, 1, 31),
        Status.IN_FORCE: date(2024, 3, 1),
        Status.TERMINATED: date(2026, 2, 28),
    }
    life = [
        judged(
            number,
            published_on=day,
            card=card(parties=pair, status=status, event_date=day, place=None, place_key=None),
        )
        for number, (status, day) in enumerate(days.items(), 41)
    ]
    both = (Topic.LABOUR, Topic.VISA)
    four = judged(51, card=card(parties=("BE", "EU", "GB", "LU"), topics=both, instrument=None))
    one = judged(52, card=card(parties=("JP",), event_date=None, status=None))
    return [*life, four, one]


def read_csv(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, strict=True))


def read_lines(path: Path) -> list[dict[str, Any]]:
    # not splitlines(), which takes U+2028 for the end of a line
    return [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n") if line]
