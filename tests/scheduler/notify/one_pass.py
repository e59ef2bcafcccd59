"""One pass of store, claim, send and acknowledge as a process, which kills itself where it is told
to.

python -m tests.scheduler.notify.one_pass CONFIGURATION FIRST LAST SECONDS [BOUNDARY]: stores the documents FIRST to
LAST, SECONDS after NOW. It says "ready" when it begins.
"""

from __future__ import annotations

import sys
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from scheduler.configuration.config import load_configuration
from scheduler.notify import deliver
from tests.scheduler.dying import DELIVERY_BOUNDARIES, arm_delivery, die
from tests.scheduler.given_digests import collect, opened
from tests.storage.given import NOW, card, judged

# A pair a number: an agreement of its own for each document, up to 576.
PARTNERS = [
    "ES",
    "IT",
    "FR",
    "DE",
    "GR",
    "MT",
    "CY",
    "PT",
    "BE",
    "NL",
    "GB",
    "CH",
    "AT",
    "SE",
    "NO",
    "FI",
    "DK",
    "PL",
    "CZ",
    "HU",
    "RO",
    "BG",
    "HR",
    "SI",
]
OTHERS = [
    "MA",
    "NE",
    "TN",
    "LY",
    "EG",
    "SN",
    "ML",
    "TD",
    "DZ",
    "MR",
    "GN",
    "GM",
    "CI",
    "GH",
    "NG",
    "SD",
    "ET",
    "SO",
    "ER",
    "CM",
    "GA",
    "TG",
    "BJ",
    "BF",
]

BOUNDARIES = ("before store", "in store", "after store", *DELIVERY_BOUNDARIES)


def parties_of(number: int) -> tuple[str, str]:
    """The parties of document `number`: each pair once."""
    return PARTNERS[number % len(PARTNERS)], OTHERS[number // len(PARTNERS) % len(OTHERS)]


def main(path: str, first: str, last: str, seconds: str, boundary: str = "") -> None:
    chosen = load_configuration(Path(path), environ={})
    database = opened(chosen)
    now = NOW + timedelta(seconds=float(seconds))
    documents = [
        judged(number, card=card(parties=parties_of(number)))
        for number in range(int(first), int(last) + 1)
    ]
    print("ready", flush=True)
    if boundary == "before store":
        die()
    if boundary == "in store":
        begin = database.begin

        @contextmanager
        def dying_before_commit() -> Any:
            with begin() as s:
                yield s
                die()

        database.begin = dying_before_commit  # type: ignore[method-assign]  # this database dies
    collect(database, chosen, *documents, now=now)
    if boundary == "after store":
        die()
    arm_delivery(boundary)
    deliver.send_due(database, chosen, now=now)
    database.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
