"""What the fork server of the worker pool reads before it forks.

This is the one module that works when it is imported: a fork server is told modules to import, and
knows no other way. The sentence encoder (120 MB) is then shared by all workers.
"""

from __future__ import annotations

import gc

from crawler.judgement.probability.encoder import read_model

read_model()
gc.freeze()  # so that no collection in a worker writes to what is shared
