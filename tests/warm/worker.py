"""What every worker of a pool loads, for the process that they are forked from: with this module
preloaded, a worker begins warm.
"""

from __future__ import annotations

from crawler.judgement.judge import load_rules
from crawler.worker import RulesSpec, load, start
from storage.languages import LANGUAGES
from tests.warm.rules import keep_rules

MEMORY_LIMIT_MB = 4096  # this process does no work; each worker sets the limit of its pool

keep_rules()
start(RulesSpec(), MEMORY_LIMIT_MB)
load()
for language in LANGUAGES:
    load_rules().lexicon.matcher(language)
