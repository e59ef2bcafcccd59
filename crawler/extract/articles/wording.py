"""What pages say that are no articles: `wording.yaml`, ready to be looked for in folded text."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from crawler.located_yaml import load_yaml
from storage.letters import fold_text

_FILE = Path(__file__).with_name("wording.yaml")
_SOME_WORDS = r"(?:\S+ ){0,2}\S+"  # what "*" stands for
_LONGEST_TITLE = 120  # characters; no wall has a longer one


@dataclass(frozen=True, slots=True)
class Wording:
    """Patterns over folded text, by reason, in the order of the file."""

    titles: dict[str, re.Pattern[str]]
    phrases: dict[str, re.Pattern[str]]

    def of_title(self, title: str) -> str | None:
        """Return the reason whose title this is, as a whole; None if it is none."""
        if len(title) > _LONGEST_TITLE:
            return None
        folded = fold_text(title).strip()
        return next((name for name, one in self.titles.items() if one.fullmatch(folded)), None)

    def of_text(self, text: str) -> str | None:
        """Return the first reason of which a phrase stands in a text; None if there is none."""
        folded = f" {fold_text(text)} "
        return next((name for name, one in self.phrases.items() if one.search(folded)), None)


@cache
def load_wording() -> Wording:
    """Read the file, once in a process."""
    raw = load_yaml(_FILE).data
    return Wording(
        {name: _any_of(one["titles"]) for name, one in raw.items()},
        {name: _any_of(one["phrases"], " ") for name, one in raw.items() if one["phrases"]},
    )


def _any_of(texts: list[str], edge: str = "") -> re.Pattern[str]:
    return re.compile("|".join(f"{edge}{_pattern(text)}{edge}" for text in texts) or r"(?!)")


def _pattern(text: str) -> str:
    return " ".join(
        _SOME_WORDS if word == "*" else re.escape(fold_text(word).strip()) for word in text.split()
    )
