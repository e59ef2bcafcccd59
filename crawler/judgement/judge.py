"""From a document to a verdict.

A document is read once, the rules are evaluated over the reading, and the card is filled where
there is something to report.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from crawler.judgement.card.card import read_card
from crawler.judgement.card.outlets import outlet_country
from crawler.judgement.card.parties import says_our_country
from crawler.judgement.card.tables import Tables, load_tables
from crawler.judgement.rules.book import RuleFiles, load_book
from crawler.judgement.rules.evaluate import RuleOutcome, evaluate
from crawler.judgement.rules.model import RuleSet
from crawler.judgement.text.grammar import PACK_FILE, card_files, language_folders
from crawler.judgement.text.lexicon import Lexicon
from crawler.judgement.text.reading import Hit, Reading, read
from storage.errors import ConfigurationError
from storage.records import Card, Document, Evidence, RuleScore, Verdict, Zone

_HERE = Path(__file__).parent
_DEFAULT_THRESHOLD = 1.0  # reported where no rule could start at all
_MOST_EVIDENCE = 24  # more than an analyst reads; the strongest stay
_ZONE_ORDER = {Zone.TITLE: 0, Zone.LEAD: 1, Zone.BODY: 2}


@dataclass(frozen=True, slots=True)
class Rules:
    """Loaded rules, ready to judge; `version` changes with any file that went in."""

    rules: RuleSet
    lexicon: Lexicon
    tables: Tables
    version: str

    @property
    def threshold(self) -> float:
        return min((rule.threshold for rule in self.rules.rules), default=_DEFAULT_THRESHOLD)


def rule_files(
    packs: Sequence[str] = ("migration-cooperation",),
    own: Sequence[Path] = (),
    languages: Sequence[Path] = (),
) -> RuleFiles:
    """Return the files of shipped packs, the user's own, and the folders of all languages.

    `languages` are folders beside those of the shipped languages. Raises ConfigurationError for an
    unknown pack.
    """
    folders = language_folders(languages)
    return RuleFiles(
        (*pack_files(packs), *(folder / PACK_FILE for folder in folders)),
        (*data_files(), *(path for folder in folders for path in card_files(folder))),
        tuple(own),
        folders,
    )


def pack_files(packs: Sequence[str]) -> list[Path]:
    """Return the rules of these packs, with what is the same in every language.

    Raises ConfigurationError for an unknown pack.
    """
    paths: list[Path] = []
    for pack in packs:
        found = sorted((_HERE / "packs" / pack).glob("*.yaml"))
        if not found:
            folders = sorted(folder for folder in (_HERE / "packs").iterdir() if folder.is_dir())
            known = ", ".join(folder.name for folder in folders)
            raise ConfigurationError(f"rule pack {pack!r} is unknown; there is {known}")
        paths += found
    return paths


def data_files() -> list[Path]:
    """Return the gazetteer, and the files that say what the concepts of the card mean."""
    folders = (_HERE / "gazetteer", _HERE / "lexicons")
    return [path for folder in folders for path in sorted(folder.glob("*.yaml"))]


def load_rules(
    packs: Sequence[str] = ("migration-cooperation",),
    files: Sequence[Path] = (),
    cache_dir: Path | None = None,
    languages: Sequence[Path] = (),
) -> Rules:
    """Load shipped packs, then the user's files over them.

    `languages` are folders of languages beside the shipped ones. Raises RuleError with every fault
    of every file.
    """
    book = load_book(rule_files(packs, files, languages), cache_dir)
    return Rules(book.rules, book.lexicon, load_tables(cache_dir), book.version)


def judge(document: Document, rules: Rules) -> Verdict:
    """Judge one document; the card is filled where it is relevant or nearly so."""
    return judge_reading(read_document(document, rules), document, rules)


def read_document(document: Document, rules: Rules) -> Reading:
    """Return the reading that `judge_reading` and `find_clues` share."""
    return read(document.title, document.text, document.language, rules.lexicon)


def judge_reading(
    reading: Reading, document: Document, rules: Rules, *, with_card: bool = False
) -> Verdict:
    """Judge a document that has been read; `with_card` fills the card whatever the rules say."""
    outcomes = evaluate(rules.rules, reading)
    best = outcomes[0] if outcomes else None
    near_miss = (
        best is not None
        and not best.relevant
        and any(outcome.near_miss and outcome.rule.register for outcome in outcomes)
    )
    wanted = with_card or near_miss or (best is not None and best.relevant)
    card, proof = _card(reading, document, rules.tables) if wanted else (Card(), ())
    if best is None:
        return Verdict(False, 0.0, rules.threshold, document.language, card=card, evidence=proof)
    telling = [outcome for outcome in outcomes if outcome.relevant or outcome.near_miss] or [best]
    return Verdict(
        best.relevant,
        best.score,
        best.rule.threshold,
        document.language,
        tuple(
            RuleScore(outcome.rule.id, outcome.rule.version, outcome.score) for outcome in telling
        ),
        card,
        (*rule_evidence(reading, telling), *proof),
        tuple(f"{outcome.rule.id}/{veto}" for outcome in telling for veto in outcome.vetoes),
        near_miss,
        tuple(outcome.rule.id for outcome in outcomes if outcome.relevant),
        any(outcome.relevant and outcome.rule.register for outcome in outcomes),
    )


def _card(
    reading: Reading, document: Document, tables: Tables
) -> tuple[Card, tuple[Evidence, ...]]:
    home = outlet_country(document.outlet, document.url) if says_our_country(reading) else None
    return read_card(reading, document.published_on, tables, home)


def rule_evidence(reading: Reading, outcomes: Iterable[RuleOutcome]) -> tuple[Evidence, ...]:
    """Return the words that made the rules fire.

    The weight of a signal is divided among its words; a word of several signals gets the sum.
    """
    shares = [
        (outcome.rule.id, hit, weight)
        for outcome in outcomes
        for hit, weight in _shares(outcome).items()
    ]
    shares.sort(key=lambda share: -abs(share[2]))
    found = [
        reading.evidence(hit, rule, round(weight, 3))
        for rule, hit, weight in shares[:_MOST_EVIDENCE]
    ]
    return tuple(
        sorted(
            found, key=lambda evidence: (_ZONE_ORDER[evidence.zone], evidence.start, evidence.end)
        )
    )


def _shares(outcome: RuleOutcome) -> dict[Hit, float]:
    shares: dict[Hit, float] = {}
    for fired in (*outcome.signals, *outcome.traps):
        hits = outcome.first_place(fired)
        for hit in hits:
            shares[hit] = shares.get(hit, 0.0) + fired.weight / len(hits)
    return shares
