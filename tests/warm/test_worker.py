"""The fork server that all crawls of the tests share."""

from __future__ import annotations

import os
import socket
from multiprocessing import forkserver
from typing import Any


def test_it_outlives_a_client_that_is_gone_before_it_sent_its_files() -> None:
    server: Any = forkserver.ForkServer()
    server.set_forkserver_preload(["tests.warm.worker"])
    server.ensure_running()
    number = server._forkserver_pid
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(server._forkserver_address)
    answers, orders = server.connect_to_new_process([])
    os.close(orders)
    with os.fdopen(answers, "rb", buffering=0):
        assert forkserver.read_signed(answers) > 0  # the id of a new process
    assert server._forkserver_pid == number
    server._stop()
