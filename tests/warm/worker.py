"""What every worker of a pool loads, for the process that they are forked from: with this module
preloaded, a worker begins warm.
"""

from __future__ import annotations

import errno
from multiprocessing import reduction
from socket import socket

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


def outlive_clients() -> None:
    """Let Python's fork server, which all crawls of the tests share, take a client that was killed
    before it sent its files for one that broke off. Otherwise it ends itself, and no later crawl
    gets a worker. (A crawl of the product has a fork server of its own.)
    """
    receive = reduction.recvfds

    def received(sock: socket, size: int) -> list[int]:
        try:
            return receive(sock, size)
        except EOFError as error:
            raise OSError(errno.ECONNABORTED, "the client is gone") from error

    reduction.recvfds = received


outlive_clients()
