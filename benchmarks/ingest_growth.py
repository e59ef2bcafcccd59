"""How long a batch, and one more document, take while the database grows.

python benchmarks/ingest_growth.py [DOCUMENTS] [DATABASE_URL]: relevant documents of many partners over ten
years, in batches of 50, then single documents into the full register.
"""

from __future__ import annotations

import random
import statistics
import sys
import tempfile
import time
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from itertools import combinations

from crawler.ingest.ingest import ingest
from crawler.judgement.text.grammar import Grammar
from crawler.register.fingerprint import fingerprint
from crawler.register.quote import quote_of
from storage.database.session import Database, open_database
from storage.filter import Filter
from storage.letters import fold_text
from storage.queries import counts, search
from storage.records import (
    Card,
    DateBasis,
    Document,
    Evidence,
    Instrument,
    Judged,
    Status,
    Topic,
    Verdict,
    Zone,
)

NOW = datetime(2026, 3, 12, tzinfo=UTC)
_CODES = "MA NE ES FR IT TN LY EG DZ SN ML MR TR AL GB RW UG DE NL SE GR CY MT PT BE AT PL LT HU RS"
STATES = _CODES.split()
TOPICS = [topic for topic in Topic if topic is not Topic.OTHER]
BATCH = 50
chance = random.Random(7)
# A few partners are in the news all the time, most hardly ever.
PAIRS = list(combinations(STATES, 2))
WEIGHTS = [1 / (rank + 3) for rank in range(len(PAIRS))]
REPORTS_OF_AN_EVENT = 8
told: Counter[tuple[str, str]] = Counter()
WORDS = [f"word{number}" for number in range(5_000)]


def made_card(parties: tuple[str, str], event: date) -> Card:
    """What is read of a report of this event; reports of one event differ in status and paper."""
    scores = ((parties[0], 3.0), (parties[1], 2.0), (chance.choice(STATES), 0.5))
    status = chance.choice([Status.SIGNED, Status.SIGNED, Status.RATIFIED, None])
    return Card(
        parties=parties,
        instrument=chance.choice([Instrument.AGREEMENT, Instrument.MEMORANDUM]),
        topics=tuple(random.Random(str(event)).sample(TOPICS, 2)),
        status=status,
        event_date=event,
        event_date_basis=DateBasis.TEXT,
        place="Rabat",
        place_key="rabat",
        party_scores=scores,
    )


def document(number: int) -> Judged:
    (parties,) = chance.choices(PAIRS, WEIGHTS)
    told[parties] += 1
    event_number = f"{parties}{told[parties] // REPORTS_OF_AN_EVENT}"
    event = date(2016, 1, 1) + timedelta(days=random.Random(event_number).randrange(3_600))
    published = event + timedelta(days=chance.randrange(4))
    words = " ".join(chance.choices(WORDS, k=350))
    text = f"The two governments signed it on {event}. {words}"
    title = f"{parties[0]} and {parties[1]} sign ({number})"
    kept = Document(
        title=title,
        text=text,
        language="en",
        published_on=published,
        url=f"https://news.example/{number}",
        outlet="news.example",
    )
    card = made_card(parties, event)
    evidence = (
        Evidence(
            rule="signing",
            concept="act.sign",
            zone=Zone.BODY,
            start=20,
            end=26,
            text=text[20:26],
            weight=2.0,
        ),
    )
    verdict = Verdict(True, 8.0, 5.0, "en", card=card, evidence=evidence)
    return Judged(
        kept,
        verdict,
        fingerprint(title, text),
        folded=fold_text(f"{title}\n{text}"),
        quote=quote_of(kept, verdict, Grammar("en")),
        clues=(f"year:{event.year}",),
    )


def put(database: Database, judged: list[Judged]) -> float:
    """Seconds that one transaction takes."""
    started = time.perf_counter()
    with database.begin() as s:
        ingest(s, judged, (), now=NOW, run_id=None, crawl=False, max_age_days=None)
    return time.perf_counter() - started


def main(total: int, url: str) -> None:
    database = open_database(url)
    spent = 0.0
    for start in range(0, total, BATCH):
        spent += put(database, [document(number) for number in range(start, start + BATCH)])
        done = start + BATCH
        if done % (total // 10) == 0:
            print(
                f"{done:>8} documents: {spent / (total // 10) * 1000:.1f} ms a document", flush=True
            )
            spent = 0.0
    singles = sorted(put(database, [document(total + number)]) * 1000 for number in range(100))
    print(
        f"one more: median {statistics.median(singles):.1f} ms, 95th {singles[94]:.1f} ms, worst {singles[-1]:.1f} ms"
    )
    with database.read() as s:
        print(counts(s))
        started = time.perf_counter()
        found = len(list(search(s, Filter(query="governments"), limit=50)))
        print(f"newest {found} of a common word: {(time.perf_counter() - started) * 1000:.0f} ms")
    database.close()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        address = sys.argv[2] if len(sys.argv) > 2 else f"sqlite:///{folder}/growth.db"
        main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000, address)
