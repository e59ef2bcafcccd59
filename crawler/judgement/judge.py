"""From a document to a verdict.

A document is read once, the rules are evaluated over the reading, and the card is filled where
there is something to report.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from crawler.judgement.card.card import read_card
from crawler.judgement.card.mentions import Tables, load_tables
from crawler.judgement.card.parties.parties import are_partners, outlet_country
from crawler.judgement.probability.frames import roles_of
from crawler.judgement.probability.judge import Excerpt, Judge, Opinion, load_judge, weigh
from crawler.judgement.probability.passages import beginning_of
from crawler.judgement.probability.rates import FALSE_ALARMS
from crawler.judgement.rules.book import RuleFiles
from crawler.judgement.rules.cached_book import load_cached_book
from crawler.judgement.rules.evaluate import RuleOutcome, View, evaluate, evaluate_rule
from crawler.judgement.rules.model import Rule, RuleSet
from crawler.judgement.text.folding import Folded, fold
from crawler.judgement.text.grammar import PACK_FILE, card_files, language_folders
from crawler.judgement.text.lexicon import Lexicon, Opened, Opening
from crawler.judgement.text.reading import Hit, Reading, complete, read, read_part
from storage.errors import ConfigurationError
from storage.records import Card, Document, Evidence, RuleScore, Verdict, Zone

_HERE = Path(__file__).parent
# Of a file of weights, among rule files in YAML; `python -m benchmarks.real` writes one.
WEIGHTS_SUFFIX = ".json"
_DEFAULT_THRESHOLD = 1.0  # reported where no rule could start at all
# What an alert may lack, beside the vetoes of the rules.
_NO_PARTNERS, _NO_STEP, _NO_TOPIC = "no-partners", "no-step", "no-topic"
_MOST_EVIDENCE = 24  # more than an analyst reads; the strongest stay
_ZONE_ORDER = {Zone.TITLE: 0, Zone.LEAD: 1, Zone.BODY: 2}


@dataclass(frozen=True, slots=True)
class Rules:
    """Loaded rules, ready to judge; `version` changes with any file that went in."""

    rules: RuleSet
    lexicon: Lexicon
    tables: Tables
    version: str
    judge: Judge | None = None
    _openings: dict[str, Opening] = field(default_factory=dict, compare=False, repr=False)

    def opening(self, language: str) -> Opening:
        """Return what looks for the concepts that a rule can start with."""
        if language not in self._openings:
            matcher = self.lexicon.matcher(language)
            self._openings[language] = Opening(matcher, self.rules.by_concept, self._is_early)
        return self._openings[language]

    def _is_early(self, concept: str) -> bool:
        """Whether rules or judge ask for a concept, or one that competes with it."""
        return (
            concept in self.rules.elements
            or concept in self.lexicon.competing
            or bool(roles_of(concept))
        )

    @property
    def threshold(self) -> float:
        return min((rule.threshold for rule in self.rules.rules), default=_DEFAULT_THRESHOLD)


def rule_files(
    packs: Sequence[str] = ("migration-cooperation",),
    own: Sequence[Path] = (),
    languages: Sequence[Path] = (),
) -> RuleFiles:
    """Return all files of rules; `languages` are folders beside those of the shipped languages.
    Raises ConfigurationError for an unknown pack.
    """
    folders = language_folders(languages)
    return RuleFiles(
        (*pack_files(packs), *(folder / PACK_FILE for folder in folders)),
        (*data_files(), *(path for folder in folders for path in card_files(folder))),
        tuple(own),
        folders,
    )


def pack_files(packs: Sequence[str]) -> list[Path]:
    """Return the rules of these packs. Raises ConfigurationError for an unknown one."""
    paths: list[Path] = []
    for pack in packs:
        files = sorted((_HERE / "packs" / pack).glob("*.yaml"))
        if not files:
            folders = sorted(folder for folder in (_HERE / "packs").iterdir() if folder.is_dir())
            known = ", ".join(folder.name for folder in folders)
            raise ConfigurationError(f"rule pack {pack!r} is unknown; there is {known}")
        paths += files
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
    false_alarms: float = FALSE_ALARMS,
) -> Rules:
    """Load shipped packs, then the user's files over them. `false_alarms` are those in 10,000
    ordinary documents that the judge may give. Raises RuleError with every fault of every file.
    """
    rule_texts = [file for file in files if file.suffix != WEIGHTS_SUFFIX]
    book = load_cached_book(rule_files(packs, rule_texts, languages), cache_dir)
    judge = load_judge(language_folders(languages), weights_file(files), false_alarms=false_alarms)
    version = f"{book.version}-{judge.weights.version}"
    return Rules(book.rules, book.lexicon, load_tables(cache_dir), version, judge)


def weights_file(files: Sequence[Path]) -> Path | None:
    """Return the last file of weights among a user's rule files, if there is one."""
    return next((file for file in reversed(files) if file.suffix == WEIGHTS_SUFFIX), None)


def judge(document: Document, rules: Rules) -> Verdict:
    """Judge one document; the card is filled where it is relevant or nearly so."""
    opened = open_document(fold_document(document), document, rules)
    if opened is None:
        return judge_nothing(document, rules)
    return judge_reading(read_document(document, rules, opened), document, rules)


def fold_document(document: Document) -> Folded:
    """Return title and text as words that can be compared."""
    return fold(f"{document.title}\n{document.text}")


def open_document(folded: Folded, document: Document, rules: Rules) -> Opened | None:
    """Return what `read_document` takes, or None if no rule can start in a document."""
    return rules.opening(document.language).opened(folded)


def judge_nothing(document: Document, rules: Rules) -> Verdict:
    """Return the verdict on a document in which no rule can start."""
    return Verdict(False, 0.0, rules.threshold, document.language)


def read_document(document: Document, rules: Rules, opened: Opened | None = None) -> Reading:
    """Return the reading for `judge_reading`, with the hits that rules and judge ask for."""
    return read(document.title, document.text, document.language, rules.lexicon, opened)


def judge_reading(
    reading: Reading, document: Document, rules: Rules, *, with_card: bool = False
) -> Verdict:
    """Return the verdict on a document. `with_card` fills the card whatever the rules say."""
    findings = sorted(
        (_finding(outcome, reading, rules) for outcome in evaluate(rules.rules, reading)),
        key=_clearest_first,
    )
    wanted = with_card or any(finding.alert or _may_be_report(finding) for finding in findings)
    card, proof = _card(reading, document, rules) if wanted else (Card(), ())
    lacking = tuple(lacking_in(card, rules.tables)) if wanted else ()
    if lacking:
        findings = sorted(
            (_held_back(finding, lacking) for finding in findings), key=_clearest_first
        )
    best = findings[0] if findings else None
    near_miss = best is not None and not best.alert and any(map(_may_be_report, findings))
    if best is None:
        return Verdict(False, 0.0, rules.threshold, document.language, card=card, evidence=proof)
    shown = [finding.outcome for finding in findings if finding.alert or finding.review] or [
        best.outcome
    ]
    opinion = next((finding.opinion for finding in findings if finding.opinion is not None), None)
    return Verdict(
        relevant=best.alert,
        score=best.outcome.score,
        threshold=best.outcome.rule.threshold,
        language=document.language,
        rules=tuple(
            RuleScore(outcome.rule.id, outcome.rule.version, outcome.score) for outcome in shown
        ),
        card=card,
        evidence=(*rule_evidence(reading, shown), *proof),
        vetoes=(
            *(f"{outcome.rule.id}/{veto}" for outcome in shown for veto in outcome.vetoes),
            *(
                f"{finding.outcome.rule.id}/{what}"
                for finding in findings
                for what in finding.lacking
            ),
        ),
        near_miss=near_miss,
        found_by=tuple(finding.outcome.rule.id for finding in findings if finding.alert),
        registers=any(finding.alert and finding.outcome.rule.register for finding in findings),
        probability=opinion.probability if opinion else None,
        frame=opinion.frame if opinion else None,
        reasons=opinion.reasons if opinion else (),
    )


@dataclass(frozen=True, slots=True)
class _Finding:
    """What one rule comes to: the judge's answer if the rule asks for it, else its own."""

    outcome: RuleOutcome
    alert: bool
    review: bool
    opinion: Opinion | None = None
    lacking: tuple[str, ...] = ()


def _clearest_first(finding: _Finding) -> tuple[bool, bool, float]:
    return not finding.alert, not finding.review, -finding.outcome.score


def _may_be_report(finding: _Finding) -> bool:
    return finding.review and finding.outcome.rule.register


def lacking_in(card: Card, tables: Tables) -> Iterator[str]:
    """Yield what a report must contain and this text does not. Of 183 alerts on real news that were
    read, 9 lacked step or topic; none was true.
    """
    if not are_partners(card.parties, tables.union_states):
        yield _NO_PARTNERS
    if card.status is None:
        yield _NO_STEP
    if not card.topics:
        yield _NO_TOPIC


def _held_back(finding: _Finding, lacking: tuple[str, ...]) -> _Finding:
    """Leave to review what the judge took for a report, where the text contains none."""
    if not (finding.alert and finding.outcome.rule.judged):
        return finding
    return replace(finding, alert=False, review=True, lacking=lacking)


def judged_excerpts(reading: Reading, rules: Rules) -> Iterator[Excerpt]:
    """Yield what may be judged of a reading, in which a judged rule finds something."""
    for outcome in evaluate(rules.rules, reading):
        if outcome.rule.judged:
            yield from _excerpts(reading, outcome, rules)


def _excerpts(reading: Reading, outcome: RuleOutcome, rules: Rules) -> Iterator[Excerpt]:
    """Yield the beginning of a document if the rule lets it pass, then all of it if that passes."""
    if outcome.vetoes:
        return
    beginning = beginning_of(reading.text) if outcome.core or _passes(outcome) else None
    if beginning is not None:
        excerpt = excerpt_of(beginning, reading, outcome.rule, rules)
        if excerpt is not None:
            yield excerpt
    if _passes(outcome):
        yield Excerpt(reading, outcome.score)


def excerpt_of(
    text: str, whole: Reading, rule: Rule, rules: Rules, part: str = ""
) -> Excerpt | None:
    """Return a part of a document, under its title, if the rule lets it pass."""
    reading = read_part(text, whole, rules.lexicon)
    outcome = evaluate_rule(rule, View(reading, rules.rules.elements))
    return Excerpt(reading, outcome.score, part) if _passes(outcome) else None


def _passes(outcome: RuleOutcome) -> bool:
    return not outcome.vetoes and outcome.score >= outcome.rule.threshold


def _finding(outcome: RuleOutcome, reading: Reading, rules: Rules) -> _Finding:
    if not outcome.rule.judged or rules.judge is None:
        return _Finding(outcome, outcome.relevant, outcome.near_miss)
    opinions = (weigh(excerpt, rules.judge) for excerpt in _excerpts(reading, outcome, rules))
    opinion = next((one for one in opinions if one is not None), None)
    if opinion is None:
        return _Finding(outcome, False, False)
    return _Finding(outcome, opinion.alert, opinion.review, opinion)


def _card(reading: Reading, document: Document, rules: Rules) -> tuple[Card, tuple[Evidence, ...]]:
    home = outlet_country(document.outlet, document.url)
    whole = complete(reading, rules.lexicon)
    return read_card(whole, document.published_on, rules.tables, home)


def rule_evidence(reading: Reading, outcomes: Iterable[RuleOutcome]) -> tuple[Evidence, ...]:
    """Return the words that made the rules fire, which share the weight of each signal."""
    shares = [
        (outcome.rule.id, hit, weight)
        for outcome in outcomes
        for hit, weight in _shares(outcome).items()
    ]
    shares.sort(key=lambda share: -abs(share[2]))
    passages = [
        reading.evidence(hit, rule, round(weight, 3))
        for rule, hit, weight in shares[:_MOST_EVIDENCE]
    ]
    return tuple(
        sorted(
            passages,
            key=lambda evidence: (_ZONE_ORDER[evidence.zone], evidence.start, evidence.end),
        )
    )


def _shares(outcome: RuleOutcome) -> dict[Hit, float]:
    shares: dict[Hit, float] = {}
    for fired in (*outcome.signals, *outcome.traps):
        hits = outcome.first_place(fired)
        for hit in hits:
            shares[hit] = shares.get(hit, 0.0) + fired.weight / len(hits)
    return shares
