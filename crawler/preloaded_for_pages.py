"""What the fork server of a crawl has beside `crawler.preloaded`: all that the first page needs.

Rules of a user's own are not known here; workers that have some load these over the shipped ones.
"""

from __future__ import annotations

import ctypes
import sys
from contextlib import suppress

from crawler.worker import RulesSpec, load, start

_MEMORY_LIMIT_MB = 4096  # this process does no work; each worker sets the limit of its pool

start(RulesSpec(), _MEMORY_LIMIT_MB)
load()
if sys.platform == "linux":
    # What is free between used pieces of memory would be copied as soon as a worker uses it: 20 MB.
    with suppress(AttributeError):  # not with musl
        ctypes.CDLL(None).malloc_trim(0)
