"""What a fork server has beside `crawler.worker_preload`: all that the first page needs.

Rules of a user's own are not known here; workers that have some load these over the shipped ones.
"""

from __future__ import annotations

from crawler.worker import RulesSpec, give_back_memory, lift_memory_limit, load, start

start(RulesSpec(), memory_limit_mb=4096)  # workers set limits of their own
load()
lift_memory_limit()
give_back_memory()
