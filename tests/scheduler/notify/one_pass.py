"""One pass of store, claim, send and acknowledge as a process, which kills itself where it is told to.

python -m tests.scheduler.notify.one_pass CONFIGURATION FIRST LAST SECONDS [BOUNDARY]: stores the documents FIRST to
LAST, SECONDS after NOW. It says "ready" when it begins.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from scheduler.config import load_configuration
from scheduler.notify import deliver
from scheduler.notify.couriers import Couriers
from storage import digests
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

BOUNDARIES = (
    "before store",
    "in store",
    "after store",
    "in claim",
    "after claim",
    "after lease",
    "before send",
    "after send",
    "in acknowledge",
    "after acknowledge",
)


def parties_of(number: int) -> tuple[str, str]:
    """The parties of document `number`: each pair once."""
    return PARTNERS[number % len(PARTNERS)], OTHERS[number // len(PARTNERS) % len(OTHERS)]


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def around(owner: object, name: str, *, before: bool = False, after: bool = False) -> None:
    work: Callable[..., Any] = getattr(owner, name)

    def dying(*arguments: Any, **named: Any) -> Any:
        if before:
            die()
        result = work(*arguments, **named)
        if after:
            die()
        return result

    setattr(owner, name, dying)


def main(path: str, first: str, last: str, seconds: str, boundary: str = "") -> None:
    chosen = load_configuration(Path(path), environ={})
    database = opened(chosen)
    now = NOW + timedelta(seconds=float(seconds))
    documents = [judged(number, card=card(parties=parties_of(number))) for number in range(int(first), int(last) + 1)]
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
    # What is wrapped runs inside a transaction ("in ...") or after it was committed.
    around(digests, "claim_digest", after=boundary == "in claim")
    around(deliver, "_claim", after=boundary == "after claim")
    around(deliver, "_lease", after=boundary == "after lease")
    around(Couriers, "hand_over", before=boundary == "before send", after=boundary == "after send")
    around(digests, "delivered", after=boundary == "in acknowledge")
    around(deliver, "_deliver", after=boundary == "after acknowledge")
    deliver.send_due(database, chosen, now=now)
    database.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
