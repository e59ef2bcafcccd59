"""Prints what was found at each site: `python -m tests.spiders.finding`."""

from __future__ import annotations

import sys

from tests.spiders.finding.looking import look_at_all

if __name__ == "__main__":
    outcomes = look_at_all()
    for one in outcomes:
        kind, url = one.best or ("nothing", "")
        sign = "" if one.right else f"   WRONG, right is {one.built.right[0]}; asked {one.asked}"
        sys.stdout.write(f"{one.built.name:34} {len(one.asked)}  {kind:9} {url}{sign}\n")
    right = sum(outcome.right for outcome in outcomes)
    sys.stdout.write(f"{right} of {len(outcomes)} sites right\n")
