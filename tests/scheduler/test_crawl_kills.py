"""`accordwatch run --all` killed with SIGKILL, again and again, ends where an undisturbed run ends,
on either database.

A round begins with an empty database: passes are killed at a named boundary or a random moment,
with their crawl or without it, until one is through. Then documents, register, what was told and
what was delivered are compared.
"""

from __future__ import annotations

import random
import re
import signal
import subprocess
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import pytest

from spiders.demo.server import demo_configuration
from storage.notifications.notifier import STEP_NEWS
from storage.records import NewsKind
from tests.conftest import KINDS, new_postgres
from tests.scheduler.demo_state import State, deliveries, state_of, steps_told, whole
from tests.scheduler.dying import DELIVERY_BOUNDARIES
from tests.scheduler.dying_crawl import CRAWL_BOUNDARIES, VICTIMS
from tests.scheduler.jobs.daemon.running_daemon import news_site, wait_until
from tests.scheduler.notify.channels.mail_server import MailServer, serving
from tests.spiders.servers import ROOT
from tests.warm import start as warm

RECIPIENTS = ("ana@ngo.example", "karim@ngo.example")
MAIL = """channels:
  - {{id: office, kind: email, to: [{to}], sender: watch@ngo.example, host: 127.0.0.1, port: {port}, security: none}}
"""
KILLS = 60
LATEST_S = {"in start": 2.0}  # workers are loading
# When each is reached for the last time that a kill may come. Early in the crawl, so that much is
# left to do for the passes after it; those of the end only once the crawl is through.
EARLY = {
    name: max(1, often // 4) for name, often in CRAWL_BOUNDARIES.items() if "finish" not in name
}
CLAIMING = ("in finish", "after finish", "in claim", "after claim")
LATE = dict.fromkeys(CLAIMING, 1) | {
    name: 2 for name in DELIVERY_BOUNDARIES if name not in CLAIMING
}


@dataclass(frozen=True)
class Kill:
    """When `boundary` is reached for the time `at`, or `delay_s` later, whatever is done by then."""

    boundary: str
    at: int
    victim: str
    delay_s: float = 0

    @property
    def outlived(self) -> bool:
        """Whether the crawl may have ended after its run."""
        return self.victim == "run" and self.boundary not in DELIVERY_BOUNDARIES

    @property
    def arguments(self) -> list[str]:
        return [self.boundary, str(self.at), self.victim, str(self.delay_s)]


@dataclass
class Watch:
    """The site, the mail server, and what an undisturbed run came to."""

    site: str
    server: MailServer
    new_database: Callable[
        [Path], str
    ]  # the address of one that is empty, for a round in this folder
    urls: dict[Path, str] = field(default_factory=dict)  # by folder
    begun: list[int] = field(default_factory=list)  # crawls that may outlive their run
    wanted: State | None = None

    def configure(self, folder: Path) -> Path:
        folder.mkdir(parents=True)
        path = folder / "accordwatch.yaml"
        mail = MAIL.format(to=", ".join(RECIPIENTS), port=self.server.port)
        self.urls[folder] = self.new_database(folder)
        text = demo_configuration(self.site).replace("channels:\n", mail, 1)
        text = text.replace("sqlite:///accordwatch.db", self.urls[folder])
        path.write_text(
            text.replace("channels: [files]", "channels: [files, office]"), encoding="utf-8"
        )
        return path

    def run(self, path: Path, kill: Kill | None = None) -> bool:
        """One pass; whether it was through before the kill came."""
        arguments = kill.arguments if kill else []
        command = warm.command("tests.scheduler.dying_run", str(path), *arguments)
        log = path.parent / "pass.log"
        with log.open("wb") as out:
            process = subprocess.Popen(
                command, cwd=ROOT, stdout=out, stderr=out, start_new_session=True
            )
        code = process.wait(120)
        said = log.read_text(encoding="utf-8")
        self.begun += [int(pid) for pid in re.findall(r"^crawl (\d+)$", said, re.MULTILINE)]
        assert code in (0, 1, -signal.SIGKILL), said
        assert "a fault" not in said, said
        # With its crawl killed, it has sent what there is.
        assert code != 1 or (kill is not None and kill.victim == "crawl"), said
        return code == 0

    def wait_for_crawls(self) -> None:
        wait_until(
            lambda: not any(_lives(pid) for pid in self.begun), "crawls to end after their run"
        )

    def check(self, folder: Path, kills: int) -> int:
        """Compare a round's end with the undisturbed run; how many deliveries were repeated."""
        url = self.urls[folder]
        state = state_of(url)
        assert self.wanted is not None
        assert state.documents == self.wanted.documents
        assert state.agreements == self.wanted.agreements
        assert state.told <= self.wanted.told
        # Which report of a step stands in its digest depends on which came first. Each step is told
        # in exactly one digest: a later report of it is told as one, or stands in none.
        assert {news for _, news, *_ in self.wanted.told - state.told} <= {
            STEP_NEWS,
            NewsKind.NEW_REPORT,
        }
        assert set(state.settled) == set(self.wanted.settled)
        assert set(steps_told(url).values()) == {1}
        return self.repeats(folder, kills)

    def repeats(self, folder: Path, kills: int) -> int:
        sent = deliveries(self.urls[folder])
        assert {state for _, state in sent.values()} == {"accepted"}
        mails = {
            f"<{one}@ngo.example>" for one, (channel, _) in sent.items() if channel == "office"
        }
        arrived = Counter(id_ for id_ in self.server.message_ids if id_ in mails)
        assert set(arrived) == mails
        files = list((folder / "digests").glob("*.eml"))
        assert len(files) == sum(channel == "files" for channel, _ in sent.values())
        assert all(path.with_suffix(".html").stat().st_size for path in files)
        repeats = sum(arrived.values()) - len(mails)
        assert repeats <= kills
        return repeats


def _lives(pid: int) -> bool:
    try:
        return ") Z " not in Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False


@pytest.fixture(params=KINDS)
def new_database(request: pytest.FixtureRequest) -> Iterator[Callable[[Path], str]]:
    """How an empty database is made, of each kind in turn."""
    if request.param == "sqlite":
        yield lambda folder: f"sqlite:///{folder / 'accordwatch.db'}"
        return
    server = request.getfixturevalue("postgres_server")
    with ExitStack() as databases:

        def make(folder: Path) -> str:
            url = databases.enter_context(new_postgres(server))
            with psycopg.connect(url, autocommit=True) as connection:
                connection.execute("CREATE EXTENSION amcheck")
            return url

        yield make


@pytest.fixture
def watch(tmp_path: Path, new_database: Callable[[Path], str]) -> Iterator[Watch]:
    """With an undisturbed run behind it."""
    with news_site() as site, serving(MailServer()) as server:
        watch = Watch(site, server, new_database)
        path = watch.configure(tmp_path / "undisturbed")
        assert watch.run(path)
        watch.wanted = state_of(watch.urls[path.parent])
        assert len(watch.wanted.documents) > 40
        assert len(watch.wanted.told) > 40
        assert watch.check(path.parent, 0) == 0
        yield watch


def round_of(watch: Watch, path: Path, kills: list[Kill]) -> tuple[list[Kill], int]:
    """Passes until one is through, killed until `kills` are used up. (those that were, deliveries
    repeated).
    """
    killed, url = [], watch.urls[path.parent]
    for kill in [*kills, None]:
        through = watch.run(path, kill)
        assert whole(url)
        if through:
            break
        assert kill is not None
        killed.append(kill)
    watch.wait_for_crawls()
    if any(kill.outlived for kill in killed):
        # What a crawl stored that ended after its run is told now.
        assert watch.run(path)
        assert whole(url)
    return killed, watch.check(path.parent, len(killed))


def rounds_to_come(chance: random.Random) -> Iterator[list[Kill]]:
    """Each boundary in its turn, and as many random moments; those of the end come last, in the
    order of a pass.
    """
    early, late = _shuffled(chance, EARLY), _shuffled(chance, LATE)
    while True:
        yield [next(early) for _ in range(6)] + sorted(
            (next(late) for _ in range(3)), key=lambda kill: list(LATE).index(kill.boundary)
        )


def _shuffled(chance: random.Random, last: Mapping[str, int]) -> Iterator[Kill]:
    while True:
        for boundary in chance.sample(sorted(last), len(last)):
            for delay_s in (0, chance.uniform(0, LATEST_S.get(boundary, 0.2))):
                yield Kill(
                    boundary, chance.randint(1, last[boundary]), chance.choice(VICTIMS), delay_s
                )


def test_a_run_killed_while_it_stores_ends_where_an_undisturbed_one_does(
    watch: Watch, tmp_path: Path
) -> None:
    kills = [Kill("in store", 4, "all")]
    assert round_of(watch, watch.configure(tmp_path / "round"), kills) == (kills, 0)


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_sixty_kills(watch: Watch, tmp_path: Path) -> None:
    coming, killed, repeats, rounds = rounds_to_come(random.Random(3)), list[Kill](), 0, 0
    while len(killed) < KILLS or not {*EARLY, *LATE} <= {
        kill.boundary for kill in killed if not kill.delay_s
    }:
        rounds += 1
        path = watch.configure(tmp_path / f"round-{rounds}")
        some, repeated = round_of(watch, path, next(coming))
        killed += some
        repeats += repeated
        print(f"round {rounds}: {len(some)} kills, {repeated} repeats", flush=True)
    by_boundary = Counter("a random moment" if kill.delay_s else kill.boundary for kill in killed)
    by_victim = Counter(kill.victim for kill in killed)
    print(
        f"{len(killed)} kills in {rounds} rounds, {repeats} repeats, {dict(by_boundary)}, {dict(by_victim)}"
    )
