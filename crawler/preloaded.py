"""What the fork server of the worker pool reads before it forks.

This is the one module that works when it is imported: a fork server is told modules to import, and
knows no other way. Modules and the sentence encoder (120 MB) are then shared by all workers.
"""

from __future__ import annotations

import gc
import os

# NumPy's library would begin a thread in each worker, which is busy waiting for a tenth of a second
# and holds 2 MB, although nothing is ever multiplied by more than one.
os.environ["OPENBLAS_NUM_THREADS"] = "1"
gc.disable()  # what is imported stays

import crawler.process.stages  # noqa: E402
import crawler.worker  # noqa: E402, F401 - with the stages, all that a worker imports
from crawler.judgement.probability.encoder import read_model  # noqa: E402

read_model()
gc.freeze()  # so that no collection in a worker writes to what is shared
gc.enable()
