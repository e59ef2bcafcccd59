"""Real documents gathered from public archives, to learn from: `python -m benchmarks.real FOLDER
--gathered ARCHIVES`.

ARCHIVES holds `NAME.jsonl` files of documents (id, lang, title, text, published, outlet), which are
other people's and no part of the project. `labels/gathered.jsonl` has what readers said of those
that passed the gate, without a word of the texts: a document is known by a key of its title and the
beginning of its text. What nobody read is left out.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

from benchmarks.fitting.examples import LabelledDocument, Material, example_of
from benchmarks.fitting.weights import TrainingExample
from crawler.judgement.judge import Rules
from scheduler.jobs.documents_file import TRUTH, read_documents
from storage.records import Document

LABELS = Path(__file__).parent / "labels" / "gathered.jsonl"
# Archives that are ordinary news, as a feed or a daily look at many outlets brought it, and how many
# documents they hold: what false alarms on them are a share of. What readers were not shown, for
# the judge of that day called it improbable, counts as none.
_ORDINARY = {
    "betterfrench_fr": ("fr", 8_690),
    "valkopt_pt": ("pt", 25_676),
    "manchetes_pt": ("pt", 4_192),
    "newsapi2014_pt": ("pt", 6_861),
    "saudinews_ar": ("ar", 28_765),
    "shafaq_ar": ("ar", 3_264),
}
_TITLE, _TEXT = 150, 60  # characters of each that tell documents apart


def key_of(title: str, text: str) -> str:
    """The key by which the labels know a document: 16 hexadecimal digits."""
    told = f"{_plain(title)[:_TITLE]}|{_plain(text)[:_TEXT]}"
    return hashlib.sha256(told.encode()).hexdigest()[:16]


def _plain(written: str) -> str:
    return re.sub(r"\s+", " ", written).strip()


def labels_of_gathered() -> dict[str, bool | None]:
    """What readers said, by key; None where that is a coin-flip."""
    rows = map(json.loads, LABELS.read_text("utf-8").splitlines())
    return {row["key"]: TRUTH[row["label"]] for row in rows}


def read_files(
    archives: Path, labels: Mapping[str, bool | None]
) -> Iterator[tuple[str, str, Document]]:
    """The documents with a label: the name of their archive, their key, and themselves, each once."""
    seen: set[str] = set()
    for path in sorted(archives.glob("*.jsonl")):
        for line in path.read_bytes().splitlines():
            row = json.loads(line)
            key = key_of(row["title"] or "", row["text"] or "")
            if key in labels and key not in seen:
                seen.add(key)
                for document in read_documents([line], str(path)):
                    yield path.stem, key, document


def examples_of(archives: Path, rules: Rules) -> Iterator[tuple[str, TrainingExample]]:
    """An example of each document that was read and is no coin-flip, with its archive's name; and
    one that stands for the rest of an archive of ordinary news.
    """
    labels = labels_of_gathered()
    told: Counter[str] = Counter()
    for name, key, document in read_files(archives, labels):
        label = labels[key]
        if label is not None:
            told[name] += 1
            material = Material.ORDINARY if name in _ORDINARY else Material.TOPICAL
            group = name.split("_")[0]  # two files of one archive tell the same stories
            labelled = LabelledDocument(document, label, material, group)
            yield name, example_of(labelled, rules)
    for name in sorted(told.keys() & _ORDINARY.keys()):
        language, size = _ORDINARY[name]
        rest = TrainingExample(
            id=name,
            group=name,
            language=language,
            relevant=False,
            weight=0.0,
            stands_for=size - told[name],
            is_real=False,
            features=None,
        )
        yield name, rest
