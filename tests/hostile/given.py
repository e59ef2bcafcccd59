"""An installation whose every text came from somebody hostile: stored as such texts come in, by
`import`, `curate`, the configuration and the runs.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta
from itertools import cycle, islice
from pathlib import Path

from babel import Locale

from scheduler.configuration.config import Configuration, load_configuration
from scheduler.decisions import curation
from scheduler.decisions.curator import Curator
from scheduler.views.words.lines import line
from scheduler.web.site.installation import Installation
from storage.database.session import Database
from storage.notifications import user_subscriptions
from storage.sources.states import add_source_decision, finish_run, record_poll, start_run
from storage.sources.tables import Deed, Poll, SourceDecision
from storage.users.users import add_note
from tests.scheduler.cli.test_review import unsure
from tests.scheduler.command_line import accordwatch
from tests.scheduler.given_digests import collect, opened
from tests.scheduler.web.site.running import Site, running
from tests.storage.given import NOW, card, judged, kept_mail

SOURCES, SUBSCRIPTIONS, RENAMED, DIRECT, PEOPLE = 12, 4, 8, 12, 9
WITH_TEXTS = 14  # documents that hold all texts: few, so that few pages show them
_FROM = ("MA", "TN", "DZ", "LY", "EG", "SN", "MR", "ML", "NE", "GH", "KE", "IQ", "PK", "BD")
_TO = ("IT", "FR", "DE", "ES", "NL", "BE", "AT", "GR", "SE", "DK")
_NAMES = Locale("en").territories


def configured(folder: Path, texts: Sequence[str]) -> Configuration:
    """Sources and subscriptions that are called so. What YAML cannot write is no configuration."""
    names = cycle(text for text in texts if text.isprintable() and len(text) < 200)
    lines = ["sources:"]
    for number in range(SOURCES):
        url = f"https://source{number}.example/rss"
        lines.append(
            f"  - {{id: s{number}, kind: feed, url: {url}, name: {json.dumps(next(names))}}}"
        )
    lines.append("subscriptions:")
    for number, language in zip(range(SUBSCRIPTIONS), ("en", "ar", "fr", "es"), strict=True):
        said = f"{{id: d{number}, channels: [file], language: {language}, max_items: 40"
        lines.append(f"  - {said}, name: {json.dumps(next(names))}}}")
    path = folder / "accordwatch.yaml"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return load_configuration(path, environ={})


def write_documents(
    path: Path, titles: Sequence[str], texts: Sequence[str], urls: Sequence[str]
) -> None:
    """Articles with these titles, as a file for `import`; the first ones hold the texts."""
    outlets, addresses, shares = cycle(texts), cycle(urls), shared_out(texts)
    with path.open("w", encoding="utf-8") as out:
        for number, title in enumerate(titles):
            outlet = next(outlets)
            row = {"id": f"{number} {outlet}", "title": title, "outlet": outlet}
            row |= {"source_url": next(addresses), "lang": "en"}
            row |= _story(number, shares[number] if number < len(shares) else ())
            out.write(json.dumps(row) + "\n")


def shared_out(texts: Sequence[str]) -> list[Sequence[str]]:
    """Which of the texts stand in each of the first documents."""
    each = -(-len(texts) // WITH_TEXTS)
    return [texts[at : at + each] for at in range(0, len(texts), each)]


def _story(number: int, texts: Sequence[str]) -> dict[str, str]:
    """A report of a step, and these texts as paragraphs below it."""
    one, other = _FROM[number % len(_FROM)], _TO[number // len(_FROM) % len(_TO)]
    on = date(2026, 3, 1) + timedelta(days=number % 9)
    said = (
        f"{_NAMES[one]} and {_NAMES[other]} signed a readmission agreement on {on:%-d %B %Y}, their "
        "ministers of the interior said. It is about the return of migrants without a right to stay."
    )
    return {"text": "\n\n".join((said, *texts)), "published": on.isoformat()}


def imported(folder: Path, name: str) -> None:
    done = accordwatch("import", name, cwd=folder)
    assert done.returncode == 0, done.stderr[-2000:]


def decided(database: Database, chosen: Configuration, texts: Sequence[str]) -> None:
    """Names, places, reasons and users of decisions."""
    for number, text in enumerate(islice(texts, RENAMED), 1):
        called = text.replace("\0", "").strip() or "x"
        curator = Curator(called, called, NOW, tuple(chosen.subscriptions))
        with database.begin() as s:
            curation.rename(s, f"A{number}", called, curator)
            document = WITH_TEXTS + number  # the long ones are no reports
            curation.correct(s, document, "place", called, curator)


def troubled(database: Database, chosen: Configuration, texts: Sequence[str]) -> None:
    """A run in which every source had one of these problems."""
    sources, problems = {}, cycle(texts)
    with database.begin() as s:
        for source in chosen.sources:
            said = [next(problems) for _ in range(5)]
            sources[source.id] = {"failed": True, "problems": said, "offered": 1, "new": 0}
            record_poll(s, source.id, Poll(NOW, False, 0, 0), next(problems))
        finish_run(s, start_run(s, NOW - timedelta(minutes=5)), NOW, {"sources": sources})


def collected(database: Database, chosen: Configuration, texts: Sequence[str]) -> None:
    """Reports and doubtful documents in whose fields they stand that a file for `import` has not."""
    for number, text in enumerate(islice(texts, DIRECT)):
        where = card(parties=("BR", "PT"), place=text[:200], place_key=f"place{number}")
        report = judged(9000 + number, title=text, author=text, outlet=text, card=where)
        doubtful = unsure(9500 + number, 0.3)
        document = replace(doubtful.document, title=text, outlet=text)
        collect(database, chosen, report, replace(doubtful, document=document, quote=text), now=NOW)


def noted(database: Database, texts: Sequence[str]) -> None:
    """Notes about agreements, and subscriptions with such names, filters and makers."""
    filters = cycle(({"text": "x"}, {"sources": list(texts[:3])}, {"topics": list(texts[:2])}))
    with database.begin() as s:
        for number, text in enumerate(texts):
            name = line(text, 120) or "x"
            add_note(s, f"A{number % 5 + 1}", name, text, NOW)
            if number < PEOPLE:
                made = kept_mail(name=name, made_by=name, filter=next(filters))
                user_subscriptions.add(s, replace(made, address="x@y.example", id=0))


def paused(database: Database, texts: Sequence[str]) -> None:
    """Sources that were paused for these reasons."""
    with database.begin() as s:
        for number, text in zip(range(SOURCES), texts, strict=False):
            said = line(text, 120) or "x"
            add_source_decision(s, SourceDecision(f"s{number}", Deed.PAUSED, said, said, NOW))


@contextmanager
def hostile_site(
    folder: Path, titles: Sequence[str], texts: Sequence[str], urls: Sequence[str]
) -> Iterator[Site]:
    """The page over all this, as long as the block lasts."""
    chosen = configured(folder, titles)
    write_documents(folder / "hostile.jsonl", titles, texts, urls)
    imported(folder, "hostile.jsonl")
    database = opened(chosen)
    try:
        decided(database, chosen, titles)
        collected(database, chosen, titles)
        troubled(database, chosen, titles)
        noted(database, titles)
        paused(database, titles)
        served = Installation(database, chosen, "amina", now=lambda: NOW)
        with running(served) as site:
            yield site
    finally:
        database.close()
