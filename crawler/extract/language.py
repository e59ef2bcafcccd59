"""Detecting which of our languages a text is in.

A text that is plainly in one of our languages is recognised by resiliparse, in a twentieth of the
time. Of all others, the model of py3langid ranks all its languages for each passage. We use the
best of our languages. The model is then right on every headline that we have, but takes Dutch for
English, Turkish for German and Persian for Arabic. So in long texts, the best of all languages
decides whether it is one of ours.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, cast

from crawler import disk_cache
from crawler.judgement.text.grammar import Grammar, load_grammars
from storage.languages import LANGUAGES, UNKNOWN_LANGUAGE

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier  # type: ignore[import-untyped]  # it ships no types

_FEWEST_LETTERS = 4  # letters; less than a word says nothing
_PRIOR_BELOW = 60  # letters, a headline; below this the source's language is the better guess
_REFUSE_FROM = 200  # letters; from here on the model recognizes languages that are not ours
_PASSAGE = 400  # characters; paragraphs are joined up to this length, which is enough to tell
_LOOK_AT = 1600  # characters, four passages; this takes 2 ms, since the model is pure Python
# Of 8,988 texts in seven languages, resiliparse was sure of 6,565 by this much, and never of
# another language than py3langid names; 0.1 ms instead of 2. By 10 it is right on all but one.
_SURE_BY = 25

_ARABIC = re.compile("[\u0620-\u064a\u0671-\u06d3\ufb50-\ufdff\ufe70-\ufefc]+")
_LATIN = re.compile("[A-Za-z\u00c0-\u024f]+")
_NO_LETTERS = "×÷"  # that stand among the Latin letters of Unicode
# URLs and tags are in no language. Most texts have no addresses of mail, which are slow to find.
_NAMES = re.compile(r"https?://\S+|#\w+")
_NAMES_AND_MAIL = re.compile(r"https?://\S+|\S+@\S+|[#@]\w+")


def detect_language(title: str, text: str, prior: str | None = None) -> str:
    """Return one of LANGUAGES, or "und". `prior`, any code, only counts if the text is short."""
    sample = f"{title}\n{text[:_LOOK_AT]}"[:_LOOK_AT]
    sample = (_NAMES_AND_MAIL if "@" in sample else _NAMES).sub(" ", sample)
    not_latin = _LATIN.sub("", sample)
    latin, arabic = len(sample) - len(not_latin), _count(_ARABIC, not_latin)
    letters = latin - sum(map(sample.count, _NO_LETTERS)) + sum(map(str.isalpha, not_latin))
    if letters < _FEWEST_LETTERS:
        return _known(prior)
    if arabic + latin < letters / 2:
        return UNKNOWN_LANGUAGE  # Cyrillic, Greek, Hebrew, Bengali, Chinese...
    if letters < _PRIOR_BELOW and prior and _fits_script(prior, arabic > latin):
        return _known(prior)
    may_refuse = letters >= _REFUSE_FROM
    passages = [*_passages(sample, may_mix=arabic > 0)]
    return (_plain(sample, passages) if may_refuse else None) or _vote(passages, may_refuse)


def _plain(sample: str, passages: Sequence[str]) -> str | None:
    """Return one of LANGUAGES if the sample, and each passage, is plainly in it."""
    ranks = _fast()
    ranked = ranks(sample, n_results=2) if ranks is not None else []
    is_sure = len(ranked) == 1 or (len(ranked) > 1 and ranked[0][1] + _SURE_BY <= ranked[1][1])
    if ranks is None or not is_sure or ranked[0][0] not in LANGUAGES:
        return None
    language = ranked[0][0]
    nearest = (ranks(passage, n_results=2)[:1] for passage in passages)
    return language if all(found and found[0][0] == language for found in nearest) else None


def _fits_script(language: str, is_arabic: bool) -> bool:
    grammar = _grammars().get(language)
    return (grammar is not None and grammar.script == "arabic") == is_arabic


def _known(prior: str | None) -> str:
    return prior if prior in LANGUAGES else UNKNOWN_LANGUAGE


def _vote(passages: Sequence[str], may_refuse: bool) -> str:
    """Return the language of most characters: single passages may be in another language."""
    votes: Counter[str] = Counter()
    left = sum(map(len, passages))
    for passage in passages:
        votes[_identify(passage, may_refuse)] += len(passage)
        left -= len(passage)
        (first, most), *others = votes.most_common(2)
        if most > left + (others[0][1] if others else 0):
            return first  # whatever the rest is in
    return votes.most_common(1)[0][0]


def _passages(sample: str, *, may_mix: bool) -> Iterator[str]:
    """Join paragraphs up to a length, but not those in different scripts, if there may be any."""
    passage = ""
    for paragraph in sample.splitlines():
        is_other = may_mix and _is_arabic(passage) != _is_arabic(paragraph)
        if passage and (is_other or len(passage) >= _PASSAGE):
            yield passage
            passage = ""
        passage = f"{passage} {paragraph.strip()}".strip()
    if passage:
        yield passage


def _is_arabic(text: str) -> bool:
    if _ARABIC.search(text) is None:
        return False
    return _count(_ARABIC, text) > _count(_LATIN, text)


def _count(letters: re.Pattern[str], text: str) -> int:
    return len(text) - len(letters.sub("", text))


def _identify(passage: str, may_refuse: bool) -> str:
    first: str = _identifier().classify(passage)[0]
    if first in LANGUAGES:
        return first
    if may_refuse:
        return _relatives().get(first, UNKNOWN_LANGUAGE)
    ranking: list[str] = [language for language, _ in _identifier().rank(passage)]
    return next(language for language in ranking if language in LANGUAGES)


@cache
def _grammars() -> Mapping[str, Grammar]:
    return load_grammars()


@cache
def _relatives() -> Mapping[str, str]:
    """Map dialects and close relatives to our language beside them: on names and quotes, the model
    often answers with one of these for plain Spanish, Italian, French, German or Arabic.
    """
    return {
        relative: language
        for language, grammar in _grammars().items()
        for relative in grammar.relatives
    }


@cache
def _fast() -> Callable[..., list[tuple[str, int]]] | None:
    """Return resiliparse's function; None on a machine for which there is no wheel of it."""
    try:
        from resiliparse.parse.lang import detect_fast
    except ImportError:
        return None
    return cast("Callable[..., list[tuple[str, int]]]", detect_fast)


@cache
def _identifier() -> LanguageIdentifier:
    return load_identifier()


def load_identifier() -> LanguageIdentifier:
    """Return the identifier. Its model, 70 MB of arrays that take half a second to unpack, is
    mapped from the user's cache folder if it is there.
    """
    parts = (Path(__file__).read_bytes(), version("numpy").encode(), version("py3langid").encode())
    identifier = disk_cache.cached_or_built("languages", parts, _unpacked)
    # Their items are plain integers, which the identifier looks up one by one.
    for name in _LOOKED_UP:
        setattr(identifier, name, memoryview(getattr(identifier, name)))
    return identifier


_LOOKED_UP = ("tk_nextmove", "tk_output", "_rowbase")


def _unpacked() -> LanguageIdentifier:
    """Return the identifier with arrays where it has lists of integers: these are not mapped."""
    import numpy as np
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE)
    identifier.tk_row = ()  # only `_rowbase` is looked up
    for name in _LOOKED_UP:
        setattr(identifier, name, np.array(getattr(identifier, name)))
    return identifier
