"""Speed of judgement on one core: the shipped pack, and with 100, 1,000 and 10,000 more rules.

Run as `python -m benchmarks.judgement`. The rules made up here have five terms each: three words
that no article has, two phrases of words that articles have but seldom side by side, so that some
rules are evaluated, as in real life.
"""

from __future__ import annotations

import json
import random
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from crawler.judgement.judge import Rules, judge, load_rules, read_document
from crawler.judgement.rules.evaluate import evaluate
from storage.letters import fold_text
from storage.records import Document
from tests.eval.corpus import load_articles

# over all articles, so that none finds its own data in the cache; of each article the least time
# counts,
_SWEEPS = 7
# since the machine's other work only ever slows it down
_TERMS = 5


def main() -> None:
    documents = [labelled.document for labelled in load_articles()]
    words = sum(len(document.text.split()) for document in documents) / len(documents)
    print(f"{len(documents)} articles of {words:.0f} words, one core")
    shipped = load_rules()
    print(
        f"shipped pack: read {_us(documents, lambda d: read_document(d, shipped)):.0f} us, ", end=""
    )
    readings = {document.external_id: read_document(document, shipped) for document in documents}
    print(
        f"evaluate {_us(documents, lambda d: evaluate(shipped.rules, readings[d.external_id])):.0f} us an article"
    )
    print(f"{'rules':>8} {'terms':>8} {'load s':>8} {'articles/s':>11} {'cost':>6}")
    base = 0.0
    for count in (0, 100, 1_000, 10_000):
        started = time.perf_counter()
        rules = _with_rules(count, documents) if count else shipped
        for document in documents:
            judge(document, rules)  # compiles the automata
        loaded_s = time.perf_counter() - started
        cost = _us(documents, lambda d, rules=rules: judge(d, rules))  # type: ignore[misc]  # mypy: bound default
        base = cost if count == 100 else base
        ratio = f"{cost / base:.2f}" if base else ""
        print(f"{count:>8} {count * _TERMS:>8} {loaded_s:>8.2f} {1e6 / cost:>11.0f} {ratio:>6}")


def _us(documents: Sequence[Document], work: Callable[[Document], object]) -> float:
    """Microseconds an article."""
    least = [float("inf")] * len(documents)
    for _ in range(_SWEEPS):
        for index, document in enumerate(documents):
            started = time.perf_counter()
            work(document)
            least[index] = min(least[index], time.perf_counter() - started)
    return sum(least) / len(least) * 1e6


def _with_rules(count: int, documents: Sequence[Document]) -> Rules:
    """The shipped rules and `count` more."""
    chance = random.Random(7)
    vocabulary = sorted(
        {
            word
            for document in documents
            for word in fold_text(document.text).split()
            if len(word) > 4
        }
    )
    concepts, rules = {}, []
    for number in range(count):
        letters = [
            "".join(chance.choices("abcdefghijklmnopqrstuvwxyz", k=8)) for _ in range(_TERMS - 2)
        ]
        phrases = [" ".join(chance.choices(vocabulary, k=2)) for _ in range(2)]
        concepts[f"made.n{number}"] = {"terms": {"any": letters + phrases}}
        core = {
            "id": "core",
            "near": [f"made.n{number}", "subject.core", "state.*"],
            "weight": 2,
            "core": True,
        }
        more = {
            "id": "more",
            "near": ["step.conclude", f"made.n{number}"],
            "within": "8 words",
            "weight": 1,
        }
        rules.append({"id": f"made-{number}", "threshold": 3, "signals": [core, more]})
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "made.yaml"
        path.write_text(
            json.dumps({"schema": 1, "concepts": concepts, "rules": rules}), "utf-8"
        )  # JSON is YAML
        return load_rules(files=(path,), cache_dir=Path(folder) / "cache")


if __name__ == "__main__":
    main()
