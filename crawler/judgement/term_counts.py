"""How often the forms of our terms stand in documents: in ordinary ones (`Frequencies`), and which
of them stand in false alarms.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from crawler.judgement.judge import Rules, judge_reading, read_document
from crawler.judgement.probability.features import complete_pairs
from crawler.judgement.probability.frames import PARTY, TRAP, read_frames, roles_of
from crawler.judgement.probability.frequencies import Frequencies
from crawler.judgement.text.reading import Reading
from storage.records import Document

COLUMNS = ("language", "concept", "form", "ordinary", "per_10k", "true", "false_alarms")

_Form = tuple[str, str, str]  # language, concept, folded form


def count_forms(documents: Iterable[Document], rules: Rules) -> Frequencies:
    """Count the forms of all terms but names of parties and traps, by language of the document."""
    read: Counter[str] = Counter()
    having: dict[str, Counter[str]] = defaultdict(Counter)
    for document in documents:
        reading = read_document(document, rules)
        read[reading.language] += 1
        having[reading.language].update(
            {
                reading.folded[hit.start : hit.end]
                for concept, hits in reading.hits.items()
                if (roles_of(concept) or (PARTY,))[0] not in (PARTY, TRAP)
                for hit in hits
            }
        )
    return Frequencies(read, having)


@dataclass(frozen=True, slots=True)
class Prevalence:
    """How one form of a concept is spread. `ordinary`, `true`: how many documents have it.

    `per_10k`: of 10,000 ordinary documents of the language. `false_alarms`: ids of those it is
    part of.
    """

    language: str
    concept: str
    form: str
    ordinary: int
    per_10k: float
    true: int
    false_alarms: tuple[str, ...]

    @property
    def harm(self) -> tuple[float, float]:
        """Return the false alarms for each true report, then the ordinary documents for each. One
        is added to the true reports, so that nothing is divided by 0.
        """
        return len(self.false_alarms) / (self.true + 1), self.ordinary / (self.true + 1)

    def row(self) -> dict[str, object]:
        """Return a row for `--format jsonl` and `csv`, under the names of `COLUMNS`."""
        return {
            "language": self.language,
            "concept": self.concept,
            "form": self.form,
            "ordinary": self.ordinary,
            "per_10k": round(self.per_10k, 1),
            "true": self.true,
            "false_alarms": list(self.false_alarms),
        }


class Spread:
    """A count that grows with each document; those of several processes add up by `join`."""

    def __init__(self) -> None:
        self.documents: Counter[str] = Counter()  # ordinary ones, by language
        self._ordinary: Counter[_Form] = Counter()
        self._true: Counter[_Form] = Counter()
        self._false_alarms: dict[_Form, list[str]] = defaultdict(list)

    def add(self, document: Document, is_true: bool, rules: Rules) -> None:
        """Judge a document and count its forms. `is_true`: it is known to report a step."""
        reading = read_document(document, rules)
        forms = set(_forms(reading, rules, range(len(reading.sentences))))
        if is_true:
            self._true.update(forms)
            return
        self.documents[reading.language] += 1
        self._ordinary.update(forms)
        if judge_reading(reading, document, rules).relevant:
            name = document.external_id or document.title
            for form in set(_forms(reading, rules, _telling_sentences(reading, rules))):
                self._false_alarms[form].append(name)

    def join(self, other: Spread) -> None:
        self.documents.update(other.documents)
        self._ordinary.update(other._ordinary)
        self._true.update(other._true)
        for form, names in other._false_alarms.items():
            self._false_alarms[form] += names

    def worst(self, most: int | None = None) -> list[Prevalence]:
        """Return the `most` forms that do the most harm for what they find, or all of them."""
        found = [self._prevalence(form) for form in self._ordinary]
        found.sort(
            key=lambda one: (-one.harm[0], -one.harm[1], one.language, one.concept, one.form)
        )
        return found[:most]

    def _prevalence(self, form: _Form) -> Prevalence:
        ordinary = self._ordinary[form]
        return Prevalence(
            *form,
            ordinary,
            10_000 * ordinary / self.documents[form[0]],
            self._true[form],
            tuple(self._false_alarms.get(form, ())),
        )


def spread_of(
    documents: Iterable[Document], labels: Mapping[str, bool | None], rules: Rules
) -> Spread:
    """Count the forms of terms in documents.

    `labels` say by id whether a document reports a step. One with the label None is in doubt and
    left out. A document without a label counts as ordinary: of 10,000 that nobody chose, three or
    four report a step.
    """
    spread = Spread()
    for document in documents:
        label = labels.get(document.external_id or "", False)
        if label is not None:
            spread.add(document, label, rules)
    return spread


def table_cells(rows: Iterable[Prevalence]) -> Iterator[Sequence[str]]:
    """Yield the cells of a table for people, under `COLUMNS`. False alarms are counted."""
    for row in rows:
        yield (
            row.language,
            row.concept,
            row.form,
            str(row.ordinary),
            f"{row.per_10k:.1f}",
            str(row.true),
            str(len(row.false_alarms)),
        )


def _forms(reading: Reading, rules: Rules, sentences: Iterable[int]) -> Iterator[_Form]:
    """Yield the forms in these sentences that rules or the judge look for, except traps."""
    wanted = set(sentences)
    for concept, hits in reading.hits.items():
        roles = roles_of(concept)
        if TRAP in roles or not (roles or concept in rules.rules.elements):
            continue
        for hit in hits:
            if hit.sentence in wanted:
                yield reading.language, concept, reading.folded[hit.start : hit.end]


def _telling_sentences(reading: Reading, rules: Rules) -> Iterable[int]:
    """Return the sentences in which the parts of a report meet, or all sentences if they meet
    nowhere.
    """
    frequencies = rules.judge.frequencies if rules.judge else Frequencies()
    pairs = complete_pairs(read_frames(reading, frequencies))
    return {at for pair in pairs for at in pair} or range(len(reading.sentences))
