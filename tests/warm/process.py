"""Stands for a module that runs in a process which began warm, and is told from it by nobody:
`python -I -S tests/warm/process.py SOCKET MODULE [ARGUMENT]...`

Its files are the module's, it passes signals on, and ends as the module does. It imports next to
nothing, for it is started a hundred times.
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import socket
import sys

PASSED_ON = (signal.SIGHUP, signal.SIGINT, signal.SIGTERM)
LENGTH_BYTES = 4  # as in tests.warm.server, which is too much to import


def main(address: str, arguments: list[str]) -> int:
    """The exit code of the module; it is negative for a signal."""
    keeper = socket.socket(socket.AF_UNIX)
    keeper.connect(address)
    _end_with_parent()
    folder = os.getcwd()  # noqa: PTH109 - pathlib takes as long to import as all the rest
    about = {"arguments": arguments, "folder": folder, "environ": dict(os.environ)}
    body = json.dumps(about).encode()
    socket.send_fds(keeper, [len(body).to_bytes(LENGTH_BYTES)], [0, 1, 2])
    keeper.sendall(body)
    for number in PASSED_ON:
        signal.signal(number, lambda number, _: keeper.send(bytes([number])))
    os.close(0)
    os.close(1)
    return int.from_bytes(keeper.recv(LENGTH_BYTES), signed=True)


def _end_with_parent() -> None:
    """Hear of it when the one who started us dies, as the crawl does that we stand for."""
    if "ACCORDWATCH_PARENT" in os.environ:
        ctypes.CDLL(None).prctl(1, signal.SIGTERM)  # PR_SET_PDEATHSIG


if __name__ == "__main__":
    code = main(sys.argv[1], sys.argv[2:])
    if code < 0:
        if -code in PASSED_ON:
            signal.signal(-code, signal.SIG_DFL)
        os.kill(os.getpid(), -code)
    os._exit(code)
