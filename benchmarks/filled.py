"""A large database of made-up documents and agreements, for measuring what readers wait for.

Words follow Zipf's law; one document in seven reports an agreement of two states.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from typing import Any

from sqlalchemy import Connection, insert, text

from storage.database.columns import Base
from storage.database.session import Database
from storage.documents.tables import Documents, Matches, MatchParties, MatchTopics, Texts
from storage.languages import LANGUAGES
from storage.records import Instrument, Status, Topic
from storage.register.tables import AgreementParties, Agreements, AgreementTopics, Reports, Steps

STATES = (
    "AF", "AL", "AM", "AO", "AR", "AT", "AU", "AZ", "BA", "BD", "BE", "BF", "BG", "BJ", "BO", "BR",
    "BW", "BY", "CA", "CD", "CF", "CG", "CH", "CI", "CL", "CM", "CN", "CO", "CR", "CU", "CV", "CY",
    "CZ", "DE", "DJ", "DK", "DO", "DZ", "EC", "EE", "EG", "ER", "ES", "ET", "FI", "FJ", "FR", "GA",
    "GB", "GE", "GH", "GM", "GN", "GQ", "GR", "GT", "GW", "HN", "HR", "HT", "HU", "ID", "IE", "IL",
    "IN", "IQ", "IR", "IS", "IT", "JM", "JO", "JP", "KE", "KG", "KH", "KR", "KW", "KZ", "LA", "LB",
    "LK", "LR", "LT", "LU", "LV", "LY", "MA", "MD", "ME", "MG", "MK", "ML", "MM", "MR", "MT", "MX",
)  # fmt: skip
_FIRST = date(2016, 1, 1)
_DAYS = 3650
_EACH_REPORTED = 3  # documents an agreement
_SENTENCES, _WORDS, _VOCABULARY = 20_000, 14, 60_000
_RANK = 200  # of the words that are searched for: each stands in one document of twenty
_BATCH = 2_000
_NOW = datetime(2026, 1, 1, tzinfo=UTC)
COMMON = (
    "agreement", "migration", "border", "minister", "signed", "visa", "readmission", "workers",
    "accord", "acuerdo", "abkommen", "اتفاق", "accordo", "acordo",
)  # fmt: skip
_GO_ON = "SELECT setval(pg_get_serial_sequence('{0}', 'id'), max(id)) FROM {0}"

Row = Mapping[str, Any]


def fill(database: Database, documents: int, agreements: int, seed: int = 1) -> None:
    chance = random.Random(seed)
    sentences = _sentences(chance)
    with database.connect() as connection:
        numbers = range(1, agreements + 1)
        parties = ({"party": one, "agreement_id": n} for n in numbers for one in _pair(n))
        topics = ({"topic": _topic(n), "agreement_id": n} for n in numbers)
        _put(connection, Agreements, (_agreement(chance, n) for n in numbers))
        _put(connection, AgreementParties, parties)
        _put(connection, AgreementTopics, topics)
        _put(connection, Steps, (_step(chance, n) for n in numbers))
    for start in range(0, documents, _BATCH):
        batch = range(start + 1, min(start + _BATCH, documents) + 1)
        with database.connect() as connection:
            _store(connection, batch, chance, sentences, agreements)
    if not database.is_sqlite:
        with database.connect() as connection:
            for name in ("documents", "agreements"):  # whose numbers were given
                connection.execute(text(_GO_ON.format(name)))


def _store(
    connection: Connection,
    numbers: range,
    chance: random.Random,
    sentences: Sequence[str],
    agreements: int,
) -> None:
    reporting = {n: home for n in numbers if (home := _home(n, agreements)) is not None}
    texts = {n: ". ".join(chance.choices(sentences, k=8)) for n in numbers}
    folded = {n: one.replace(".", "") for n, one in texts.items()}
    parties = ((n, one) for n, home in reporting.items() for one in _pair(home))
    topics = ({"topic": _topic(home), "document_id": n} for n, home in reporting.items())
    reports = (
        {"agreement_id": home, "document_id": n, "step": 0, "position": n}
        for n, home in reporting.items()
    )
    rows = ({"document_id": n, "text": texts[n], "folded": folded[n]} for n in numbers)
    taking_part = ({"party": one, "document_id": n, "taking_part": True} for n, one in parties)
    _put(connection, Documents, (_document(chance, n, texts[n]) for n in numbers))
    _put(connection, Texts, rows)
    _put(connection, Matches, (_match(chance, n, reporting.get(n)) for n in numbers))
    _put(connection, MatchParties, taking_part)
    _put(connection, MatchTopics, topics)
    _put(connection, Reports, reports)


def _home(number: int, agreements: int) -> int | None:
    """The agreement that a document reports: every seventh, in turn, until each has its reports."""
    if number % 7:
        return None
    place = number // 7 - 1
    return place % agreements + 1 if place < agreements * _EACH_REPORTED else None


def _pair(agreement: int) -> tuple[str, str]:
    """Some pairs have hundreds of agreements, most a few."""
    chance = random.Random(agreement)
    one = STATES[int(len(STATES) * chance.random() ** 2)]
    other = chance.choice([state for state in STATES if state != one])
    return one, other


def _topic(agreement: int) -> str:
    return tuple(Topic)[agreement % len(Topic)].value


def _agreement(chance: random.Random, number: int) -> Row:
    day = _FIRST + timedelta(days=chance.randrange(_DAYS))
    one, other = _pair(number)
    return {
        "id": number,
        "title": f"{one} and {other} sign an agreement on migration",
        "parties": sorted((one, other)),
        "instrument": chance.choice(tuple(Instrument)).value,
        "topics": [_topic(number)],
        "status": chance.choice(tuple(Status)).value,
        "event_date": day,
        "first_reported_at": datetime(day.year, day.month, day.day, tzinfo=UTC),
        "last_reported_on": day,
        "reasons": [],
        "doubts": [],
        "links": [],
        "minted_at": _NOW,
        "changed_at": _NOW,
        "grade_by": "",
    }


def _step(chance: random.Random, number: int) -> Row:
    day = _FIRST + timedelta(days=chance.randrange(_DAYS))
    return {
        "agreement_id": number,
        "position": 0,
        "status": Status.SIGNED.value,
        "on": day,
        "quote": "Both ministers signed the agreement on migration on Monday.",
    }


def _document(chance: random.Random, number: int, text: str) -> Row:
    day = _FIRST + timedelta(days=number * _DAYS // 1_000_000 % _DAYS)
    outlet = int(154 * chance.random() ** 2)
    return {
        "id": number,
        "identity": f"{number:064x}",
        "url": f"https://outlet{outlet}.example/{number}",
        "url_hash": f"{number:064x}",
        "outlet": f"outlet{outlet}.example",
        "source_id": f"outlet{outlet}",
        "kind": "html",
        "language": LANGUAGES[chance.randrange(len(LANGUAGES))],
        "title": text[:80],
        "published_on": day,
        "dated_on": day,
        "listed_on": day,
        "text_hash": f"{number:016x}",
        "first_seen_at": _NOW,
    }


def _match(chance: random.Random, number: int, home: int | None) -> Row:
    reports = home is not None
    card: dict[str, Any] = {"parties": [], "topics": []}
    if home is not None:
        card = {"parties": list(_pair(home)), "topics": [_topic(home)], "status": "signed"}
    return {
        "document_id": number,
        "relevant": reports,
        "registers": reports,
        "near_miss": not reports and chance.random() < 0.004,
        "score": 9.0 if reports else 0.0,
        "threshold": 1.0,
        "rules": [],
        "evidence": [],
        "vetoes": [],
        "card": card,
        "clues": [],
        "quote": "Both ministers signed the agreement on migration on Monday." if reports else "",
        "status": "signed" if reports else None,
        "instrument": "agreement" if reports else None,
        "copy_group": f"{number:016x}",
        "judged_at": _NOW,
        "probability": chance.random(),
    }


def _sentences(chance: random.Random) -> list[str]:
    vocabulary = [_word(chance) for _ in range(_VOCABULARY)]
    vocabulary[_RANK : _RANK + len(COMMON)] = COMMON
    weights = [1 / (rank + 1) for rank in range(len(vocabulary))]
    words = iter(chance.choices(vocabulary, weights, k=_SENTENCES * _WORDS))
    return [" ".join(islice(words, _WORDS)) for _ in range(_SENTENCES)]


def _word(chance: random.Random) -> str:
    syllables = ("ba", "lo", "mi", "tre", "san", "ku", "ver", "do", "li", "fa", "gen", "ost")
    return "".join(chance.choices(syllables, k=chance.randint(2, 5)))


def _put(connection: Connection, table: type[Base], rows: Iterable[Row]) -> None:
    for batch in _batches(rows):
        connection.execute(insert(table), batch)


def _batches(rows: Iterable[Row]) -> Iterator[list[Row]]:
    waiting = iter(rows)
    while batch := list(islice(waiting, _BATCH)):
        yield batch
