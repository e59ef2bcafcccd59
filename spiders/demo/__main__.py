"""`python -P -m spiders.demo [--host 127.0.0.1] [--port 0]`: the demo's news site.

It prints its address, then serves until SIGTERM.
"""

from __future__ import annotations

import argparse
import signal
import sys
import threading
from types import FrameType

from spiders.demo.server import start


def main() -> int:
    """Exit 0 when stopped, 1 if the ports are taken."""
    parser = argparse.ArgumentParser(
        prog="spiders.demo", description="The local news site of `accordwatch demo`."
    )
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument(
        "--port", type=int, default=0, help="first of four neighbouring ports; 0: any"
    )
    arguments = parser.parse_args()
    try:
        port, servers = start(arguments.host, arguments.port)
    except OSError as error:
        place = f"{arguments.host}:{arguments.port}"
        sys.stderr.write(f"spiders.demo: cannot listen on {place}: {error.strerror}\n")
        return 1
    over = threading.Event()

    def end(signum: int, frame: FrameType | None) -> None:
        over.set()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    sys.stdout.write(f"http://{arguments.host}:{port}\n")
    sys.stdout.flush()
    over.wait()
    for server in servers:
        server.shutdown()
    return 0


if __name__ == "__main__":
    sys.exit(main())
