"""What the fork server of the worker pool reads before it forks.

This is the one module that works when it is imported: a fork server is told modules to import, and
knows no other way. Modules and the sentence encoder (120 MB) are then shared by all workers.
"""

from __future__ import annotations

import gc

gc.disable()  # what is imported stays
gc.set_threshold(20_000, 10, 50)  # as commands: a page makes many objects, and 3 % of a crawl

from crawler.worker import use_one_thread  # noqa: E402

use_one_thread()

import crawler.process.stages  # noqa: E402, F401 - with the worker, all that a worker imports
from crawler.judgement.probability.encoder import read_model  # noqa: E402

read_model()
gc.freeze()  # so that no collection in a worker writes to what is shared
gc.enable()
