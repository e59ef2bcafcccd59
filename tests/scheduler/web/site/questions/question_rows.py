"""The questions of `docs/questions.md`: what is asked, what a person does, and what answers."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

QUESTIONS = Path(__file__).parents[5] / "docs" / "questions.md"

_ROW = re.compile(
    r"\| (?P<number>\d+) \| (?P<question>[^|]+) \| (?P<acts>[^|]+) \| (?P<shown>[^|]+) \|"
)
_LANGUAGE = re.compile(r"^## .*\((?P<code>en|fr|es|ar)\)")
_QUOTED = re.compile(r"“([^”]*)”")


@dataclass(frozen=True, slots=True)
class Act:
    """One action: what is done (follow, write, press, ...), and the words in quotes."""

    verb: str
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Question:
    """`decides`: its answer changes the register."""

    number: int
    language: str
    question: str
    acts: tuple[Act, ...]
    shown: tuple[str, ...]
    decides: bool


def questions() -> list[Question]:
    """All questions, in the order of the document."""
    found, language = [], "en"
    for line in QUESTIONS.read_text(encoding="utf-8").splitlines():
        heading, row = _LANGUAGE.match(line), _ROW.match(line)
        if heading is not None:
            language = heading["code"]
        elif row is not None:
            acts = tuple(map(_act, row["acts"].split("→")))
            decides = any(act.verb == "decide" for act in acts)
            shown = tuple(_QUOTED.findall(row["shown"]))
            number = int(row["number"])
            found.append(Question(number, language, row["question"].strip(), acts, shown, decides))
    return found


def _act(written: str) -> Act:
    verb, *_ = written.split()
    return Act(verb, tuple(_QUOTED.findall(written)))
