"""A process ends with all that it said and was told to do, and without being taken apart."""

from __future__ import annotations

import subprocess
import sys

BEGIN = """
import atexit, logging, sys, threading, time
from crawler.process_end import end_if_alone

class Held:
    def __del__(self):
        print("taken apart")

held = Held()
held.itself = held
atexit.register(print, "as told")
logging.basicConfig(format="%(message)s")
"""


def ended(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", BEGIN + code],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


def test_what_was_said_arrives_and_what_is_held_is_left() -> None:
    done = ended("print('said'); logging.warning('warned'); end_if_alone(3); print('too late')")
    assert (done.returncode, done.stdout, done.stderr) == (3, "said\nas told\n", "warned\n")


def test_a_thread_of_the_background_is_not_waited_for() -> None:
    asleep = "threading.Thread(target=time.sleep, args=(60,), daemon=True).start()"
    assert ended(f"{asleep}; end_if_alone(1)").returncode == 1


def test_a_thread_that_works_on_is_waited_for() -> None:
    work = "(time.sleep(0.3), print('worked'))"
    done = ended(f"threading.Thread(target=lambda: {work}).start(); end_if_alone(1); sys.exit(2)")
    assert done.returncode == 2
    assert done.stdout.startswith("worked\nas told\n")


def test_that_nobody_listens_any_more_does_not_matter() -> None:
    done = ended("print('said'); sys.stdout.close(); end_if_alone(1)")
    assert done.returncode == 1
