"""What the judgement knows of a language beside its terms, from `languages/<code>/grammar.yaml`.

The default of every value fits a language without the habit in question, so that a new language
states only what sets it apart. languages/README.md describes every key.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from crawler.located_yaml import LocatedYaml, load_yaml
from storage.errors import Problem, RuleError
from storage.letters import fold_text

GRAMMAR_FILE = "grammar.yaml"
PACK_FILE = "pack.yaml"  # of a language: what the rules look for
PAGES_FILE = "pages.yaml"  # what its pages say around an article
LANGUAGES_FOLDER = Path(__file__).parents[1] / "languages"
_SCALES = {"thousand": 1_000, "million": 1_000_000, "milliard": 1_000_000_000}


@dataclass(frozen=True, slots=True)
class Clitics:
    """Small words that a language writes in one piece with the next word, as Arabic does.
    `contracted`: what a preposition and the article become together.
    """

    article: str = ""
    conjunctions: tuple[str, ...] = ()
    prepositions: tuple[str, ...] = ()
    contracted: Mapping[str, str] = field(default_factory=dict)

    @property
    def before_bare_word(self) -> frozenset[str]:
        """All that may stand before a word that is written without the article."""
        articled = [self.contracted.get(p, p + self.article) for p in self.prepositions]
        return self._conjoined(["", *self.prepositions, self.article, *articled])

    @property
    def before_article(self) -> frozenset[str]:
        """All that may stand before a word that is written with the article."""
        return self._conjoined(["", *(p for p in self.prepositions if p not in self.contracted)])

    @property
    def instead_of_article(self) -> frozenset[str]:
        """The contracted forms, which take the article's place."""
        return self._conjoined(self.contracted.values())

    def _conjoined(self, endings: Iterable[str]) -> frozenset[str]:
        found = list(endings)
        return frozenset(before + ending for before in ("", *self.conjunctions) for ending in found)


@dataclass(frozen=True, slots=True)
class Grammar:
    """The habits of a language: see languages/README.md. `abbreviations` are not folded."""

    language: str
    script: str = "latin"
    relatives: frozenset[str] = frozenset()
    clitics: Clitics | None = None
    abbreviations: frozenset[str] = frozenset()
    ordinal_dots: bool = False
    nouns_have_capitals: bool = False
    number_scales: Mapping[str, int] = field(default_factory=dict)
    date_joints: frozenset[str] = frozenset()
    ordinal_endings: frozenset[str] = frozenset()
    ordinals: Mapping[str, int] = field(default_factory=dict)
    ordinal_tens: Mapping[str, int] = field(default_factory=dict)
    number_words: Mapping[str, int] = field(default_factory=dict)
    day_after_month: bool = False
    dates_without_year: bool = False
    modal_reach: int = 4
    modal_behind: int = 0
    definite: frozenset[str] = frozenset()
    indefinite: frozenset[str] = frozenset()
    joiners: frozenset[str] = frozenset()
    companions: frozenset[str] = frozenset()
    fillers: frozenset[str] = frozenset()
    joining_prefix: str = ""
    persons_before: frozenset[str] = frozenset()
    home: str = ""
    locatives: frozenset[str] = frozenset()
    locative_prefix: str = ""
    locative_lookalikes: frozenset[str] = frozenset()
    object_breaks: frozenset[str] = frozenset()
    object_break_prefix: str = ""
    city_states: Mapping[str, str] = field(default_factory=dict)
    round_ups: frozenset[str] = frozenset()
    round_up_labels: frozenset[str] = frozenset()


_WORD_LISTS = frozenset(one.name for one in fields(Grammar) if str(one.type) == "frozenset[str]")


def language_folders(more: Iterable[Path] = ()) -> tuple[Path, ...]:
    """Return the folders of the shipped languages, in the order of their codes, then `more`."""
    shipped = (path.parent for path in LANGUAGES_FOLDER.glob(f"*/{GRAMMAR_FILE}"))
    return (*sorted(shipped), *more)


def card_files(folder: Path) -> list[Path]:
    """Return the files of a language's folder that hold the words of the card."""
    others = (GRAMMAR_FILE, PACK_FILE, PAGES_FILE)
    return [path for path in sorted(folder.glob("*.yaml")) if path.name not in others]


def load_grammars(
    folders: Iterable[Path] | None = None, cache_dir: Path | None = None
) -> dict[str, Grammar]:
    """Return language code -> grammar for these folders, by default the shipped ones. Raises
    RuleError with every fault of every file.
    """
    problems: list[Problem] = []
    grammars = {}
    for folder in language_folders() if folders is None else folders:
        source = load_yaml(folder / GRAMMAR_FILE, cache_dir)
        grammars[folder.name] = read_grammar(source, folder.name, problems)
    if problems:
        raise RuleError(*problems)
    return grammars


def read_grammar(source: LocatedYaml, language: str, problems: list[Problem]) -> Grammar:
    """Read the grammar of one file; what is wrong with it is added to `problems`."""
    problems += source.problems
    if source.problems:
        return Grammar(language)
    if not isinstance(source.data, dict):
        problems.append(source.problem((), "must be a mapping"))
        return Grammar(language)
    values: dict[str, Any] = {}
    for key, value in source.data.items():
        if key not in _READERS:
            known = ", ".join(sorted(_READERS))
            problems.append(source.problem((key,), f"is not one of {known}"))
            continue
        try:
            values[key] = _READERS[key](value)
        except (TypeError, ValueError, AttributeError, KeyError) as error:
            problems.append(source.problem((key,), f"cannot be read: {error}"))
    return Grammar(language, **values)


def with_shared_scales(grammars: Mapping[str, Grammar]) -> dict[str, Grammar]:
    """Give each grammar the number scales of all: "3 billion" stands in texts of every language."""
    scales: dict[str, int] = {}
    for grammar in grammars.values():
        scales |= grammar.number_scales
    return {code: replace(grammar, number_scales=scales) for code, grammar in grammars.items()}


def grammar_of_no_language(grammars: Iterable[Grammar]) -> Grammar:
    """Return the grammar for an unknown language: the words of all, and the habits of none."""
    known = list(grammars)
    words: dict[str, Any] = {
        name: frozenset().union(*(getattr(grammar, name) for grammar in known))
        for name in _WORD_LISTS - _OWN_LANGUAGE_ONLY
    }
    scales = known[0].number_scales if known else {}
    return Grammar("", number_scales=scales, **words)


# Whoever does not know the language does not know these habits either.
_OWN_LANGUAGE_ONLY = frozenset(("relatives", "persons_before", "locatives", "locative_lookalikes"))


def _clitics(body: Any) -> Clitics:
    return Clitics(
        article=_word(body.get("article", "")),
        conjunctions=tuple(map(_word, body.get("conjunctions", ()))),
        prepositions=tuple(map(_word, body.get("prepositions", ()))),
        contracted={_word(key): _word(value) for key, value in body.get("contracted", {}).items()},
    )


def _word(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is not text")
    return fold_text(value)


def _words(body: Any) -> frozenset[str]:
    if not isinstance(body, list):
        raise TypeError("it should be a list of words")
    return frozenset(map(_word, body))


def _abbreviations(body: Any) -> frozenset[str]:
    return frozenset(str(word).lower() for word in body)


def _numbers(body: Any) -> Mapping[str, int]:
    return {_word(word): int(number) for word, number in body.items()}


def _number_words(body: Any) -> Mapping[str, int]:
    """Numbers by the parts of words that say them; those of one number stand in one text."""
    return {word: int(number) for number, words in body.items() for word in _word(words).split()}


def _scales(body: Any) -> Mapping[str, int]:
    return {str(word).casefold(): _SCALES[name] for name, words in body.items() for word in words}


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError("it should be true or false")
    return value


def _keys(body: Any) -> Mapping[str, str]:
    return {str(state): str(key) for state, key in body.items()}


_READERS: Mapping[str, Any] = {
    **dict.fromkeys(sorted(_WORD_LISTS), _words),
    "abbreviations": _abbreviations,
    "city_states": _keys,
    "clitics": _clitics,
    "dates_without_year": _flag,
    "day_after_month": _flag,
    "home": str,
    "joining_prefix": _word,
    "locative_prefix": _word,
    "modal_behind": int,
    "modal_reach": int,
    "nouns_have_capitals": _flag,
    "number_scales": _scales,
    "number_words": _number_words,
    "object_break_prefix": _word,
    "ordinal_dots": _flag,
    "ordinal_tens": _numbers,
    "ordinals": _numbers,
    "script": str,
}
