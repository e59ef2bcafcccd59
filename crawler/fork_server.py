"""Workers that are forked from a copy of the process that needs them.

Python starts a fork server as a new process, which imports everything anew. A process that has no
threads yet can be forked instead: what it has imported and loaded, its workers have too, and the
memory is shared: 10 to 18 % of a crawl of 200 pages, 17 % of a run with nothing new. This is the
only module that knows how Python's fork server begins.
"""

from __future__ import annotations

import os
import socket
import sys
from multiprocessing import connection, forkserver, util
from pathlib import Path
from typing import Any

from crawler.worker import RulesSpec, give_back_memory, lift_memory_limit, load, start

# From Python 3.14 on, a fork server and its clients prove to each other that they share a key.
_IS_POSSIBLE = sys.platform == "linux" and sys.version_info < (3, 14)
_MEMORY_LIMIT_MB = 4096  # this process does no work; each worker sets the limit of its pool


def fork_server(rules: RulesSpec) -> None:
    """Have the workers of this process forked from a copy of it that has loaded these rules, and
    all that the first page needs. Where that is not possible, or not safe because there are
    threads, and where this one is killed, Python starts a fork server of its own.
    """
    server: Any = forkserver._forkserver
    if not _IS_POSSIBLE or server._forkserver_address is not None or has_threads():
        return
    address = connection.arbitrary_address("AF_UNIX")  # type: ignore[attr-defined]  # no stub
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(address)
        Path(address).chmod(0o600)
        listening.listen()
        # It lives for as long as somebody has the end of this pipe that is written to.
        alive, in_use = os.pipe()
        pid = os.fork()
        if pid == 0:
            os.close(in_use)
            _serve(listening, alive, rules)
        os.close(alive)
    server._forkserver_address = address
    server._forkserver_alive_fd = in_use
    server._forkserver_pid = pid


def has_threads() -> bool:
    """Whether this process has threads, those of libraries too. They would be missing in a copy."""
    return len(list(Path("/proc/self/task").iterdir())) > 1


def load_all(rules: RulesSpec) -> None:
    """Load what workers judge and read pages by, to be shared by all that are forked from here."""
    import crawler.worker_preload  # noqa: F401 - imports what workers do, and reads the encoder

    start(rules, _MEMORY_LIMIT_MB)
    load()
    lift_memory_limit()


def _serve(listening: socket.socket, alive: int, rules: RulesSpec) -> None:
    """Serve until nobody needs workers any more; then the process ends."""
    code = 1
    try:
        load_all(rules)
        give_back_memory()
        forkserver.main(listening.detach(), alive, [])
    except SystemExit:
        code = 0
    finally:
        util._flush_std_streams()  # type: ignore[attr-defined]  # no stub
        os._exit(code)
