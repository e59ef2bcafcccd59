"""The crawl process with a fault of ours: it crashes where it would begin to fetch."""

from __future__ import annotations

import sys

from spiders import crawl, process


def crash(*_: object) -> None:
    raise ZeroDivisionError("a fault\nof ours")


if __name__ == "__main__":
    crawl.fetch_all = crash  # type: ignore[assignment]
    sys.exit(process.main())
