"""Parties as people write them, alone or among the words of a search: codes (ISO 3166-1 alpha-2 of
states, and those of bodies such as EU), names in all our languages, and among words adjectives.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from itertools import chain, product
from pathlib import Path
from typing import NamedTuple

import babel
from babel import Locale

from crawler.disk_cache import cached_or_built
from crawler.judgement.text.terms import parse_term
from crawler.located_yaml import shipped_yaml
from scheduler.configuration.search_days import AN_ISO_DAY
from scheduler.configuration.vocabulary import AND_IN_ARABIC, ARTICLE_IN_ARABIC, value_of
from scheduler.views.words.labels import BODIES, body_names
from storage.filter import load_party_groups
from storage.languages import LANGUAGES, typed_words
from storage.letters import fold_text
from storage.query_words import PIECE

# What states are called in texts: names, and adjectives in all inflections.
_GAZETTEER = Path(str(files("crawler.judgement"))) / "gazetteer"
_PLURALS_ARE_PERSONS = frozenset({"es", "it", "pt"})  # "marroquíes" are persons, or agreements
_ENDINGS = ("", "e", "en", "er", "es", "em")  # of German adjectives, whose ends are open there
# CLDR also has codes for tests, for regions of the world and for "unknown".
_NO_STATES = frozenset({"EZ", "QO", "XA", "XB", "ZZ"})
# Abbreviations that people write for states which have another code.
_OTHER_NAMES = Path(str(files("scheduler.views.words"))) / "party-names.yaml"
_ARTICLES = typed_words("articles")
_ELIDED = typed_words("elided")
_LEAST_COMPARED = 4  # letters; shorter words are like too many others
_LIKENESS = 0.8  # difflib's ratio: one letter in five may be wrong
_COMPARED = 8  # names that are near; most are the same one in several languages
MOST_WORDS = 12  # of a query; a longer one is a sentence
_SMALL = frozenset({"eu", "uae", "ue", "uk", "usa"})  # abbreviations that are no words
_OPERATORS = frozenset('"*')
_CUT = re.compile(r"[\s,;?¿؟/&–—-]+")
_POSSESSIVE = re.compile("['’]s$")  # Tunisia's
_PUNCTUATION = ",;?¿؟"
# A host; "ee.uu" is how "EE.UU.", the United States, are typed on a phone.
AN_OUTLET = re.compile(r"(?!ee\.uu)(?:[a-z0-9][a-z0-9-]*\.)+[a-z]{2,}")
# What stands between the words of a name, as between names: "Bosnia & Herzegovina" or "and".
JOINTS = typed_words("joints")


def party_codes() -> frozenset[str]:
    """Every code that an agreement's `parties` can hold."""
    return _names()[0]


def party_meant(written: str) -> str | None:
    """The code that a code in any letters, an abbreviation or a name means; None if it is none."""
    for name in (written.strip(), _without_article(written)):
        if name.upper() in party_codes():
            return name.upper()
    named = _name_meant(written)
    return None if named is None else named[1]


def _name_meant(written: str) -> tuple[str, str] | None:
    """The name that is written here, with an article or without, as we write it, and its code."""
    return _by_name().get(_folded(written)) or _by_name().get(_folded(_without_article(written)))


def _without_article(written: str) -> str:
    """A name without an article before it: "USA" for "the USA", "Algérie" for "l'Algérie"."""
    plain = written.strip().replace("’", "'")
    before, _, name = plain.partition("'")
    if name and before.lower() in _ELIDED:  # dell'Italia
        return name.strip()
    first, _, rest = plain.replace("'", " ").partition(" ")
    return rest.strip() if rest and first.lower() in _ARTICLES else written.strip()


def party_fault(written: str) -> str | None:
    """What is wrong with a party code, and which one may be meant; None if the code exists."""
    if written in party_codes():
        return None
    meant, near = party_meant(written), nearest_parties(written)
    hint = f"did you mean {meant}?" if meant else "write one like MA or EU"
    if not meant and near:
        code, name = next(iter(near.items()))
        hint = f"did you mean {name} ({code})?"
    return f"{written!r} is not a party code; {hint}"


def nearest_parties(written: str) -> dict[str, str]:
    """Names that are written like this one or have it as a word, by code, the nearest first."""
    folded, known = _folded(written), _by_name()
    if len(folded) < _LEAST_COMPARED:
        return {}
    close = get_close_matches(folded, known, _COMPARED, _LIKENESS)
    longer = [name for name in known if folded in name.split()]
    nearest: dict[str, str] = {}
    for near in (*close, *longer[:_COMPARED]):
        name, code = known[near]
        nearest.setdefault(code, name)
    return nearest


def corridor_meant(written: str) -> str | None:
    """The pair of codes, IT-TN, of two names with a dash between; names may have dashes, too."""
    plain = written.replace("–", "-").replace("—", "-")
    for place in (place for place, sign in enumerate(plain) if sign == "-"):
        first, second = party_meant(plain[:place]), party_meant(plain[place + 1 :])
        if first and second and first != second:
            return f"{first}-{second}"
    return None


def corridor_fault(written: str) -> str | None:
    """What is wrong with a pair of party codes such as IT-TN; None if nothing is."""
    first, dash, second = written.partition("-")
    if not (first and dash and second):
        return f"{written!r} should be two party codes with a dash, like IT-TN"
    # What nobody calls a party is the fault, rather than a name where a code should be.
    by_doubt = sorted((first, second), key=lambda part: party_meant(part) is not None)
    return next(filter(None, map(party_fault, by_doubt)), None)


def parties_among(query: str) -> tuple[tuple[str, ...], tuple[str, ...], str]:
    """The codes of the parties that a query names, in its order, the ids of the groups, and its
    other words: TN, eu-members and "visa" for "Tunisia EU members visa".

    A code must be written in capitals, since some are words ("de", "es", "no"). A
    query with "OR", a phrase, or a word that must not occur, names none.
    """
    words = plain_words(query)
    if not 0 < len(words) <= MOST_WORDS:
        return (), (), query
    parties, groups, rest = list[str](), list[str](), list[str]()
    index = 0
    while index < len(words):
        meant, is_group, length = name_at(words, index)
        if meant is not None:
            (groups if is_group else parties).append(meant)
        elif fold_text(words[index]) not in JOINTS:
            rest.append(words[index])
        index += length
    return tuple(dict.fromkeys(parties)), tuple(dict.fromkeys(groups)), " ".join(rest)


def instead_of(query: str) -> str | None:
    """The query with the names that it may mean, if it is names, some misspelt; else None."""
    words, names, is_misspelt = plain_words(query), list[str](), False
    index = 0
    while index < len(words[:MOST_WORDS]):
        meant, _, length = name_at(words, index)
        near = None if meant else next(iter(nearest_parties(words[index]).values()), None)
        if not meant and near is None and fold_text(words[index]) not in JOINTS:
            return None
        names.append(near or " ".join(words[index : index + length]))
        is_misspelt = is_misspelt or near is not None
        index += length
    return " ".join(names) if is_misspelt else None


def plain_words(query: str) -> list[str]:
    """The words of a query; none of one with a phrase, OR, or what must not occur."""
    if _OPERATORS & set(query) or query.lstrip().startswith("-") or " -" in query:
        return []
    words = [word for word in _CUT.split(query) if word]
    return [] if "OR" in words else words


class Word(NamedTuple):
    """A word as it was typed, whether it must not occur, and whether it is searched for as it is
    written: a phrase, or the beginning of words.
    """

    text: str
    is_excluded: bool = False
    is_literal: bool = False


def words_of(query: str) -> list[Word]:
    """The words of a search, with phrases and beginnings of words as they are written."""
    words = []
    for minus, phrase, star, plain in PIECE.findall(query):
        bare = plain.strip(_PUNCTUATION)
        if AN_ISO_DAY.fullmatch(bare):
            words.append(Word(bare, bool(minus)))
        elif phrase or plain.endswith("*"):
            literal = f'"{phrase}"{star}' if phrase else plain
            words.append(Word(minus + literal, is_literal=True))
        elif bare == "OR" or AN_OUTLET.fullmatch(bare):
            words.append(Word(bare, bool(minus)))
        else:
            parts = [_POSSESSIVE.sub("", part) for part in plain_words(plain)]
            is_denied = len(parts) == 2 and fold_text(parts[0]) == "non"
            if is_denied and not value_of(fold_text(parts[1])) and not name_at(parts, 1)[0]:
                parts = [bare]  # "non-binding" is a word, "non-EU" a party that is excluded
            words += [Word(part, bool(minus) and not at) for at, part in enumerate(parts)]
    return words


def name_at(words: Sequence[str], index: int) -> tuple[str | None, bool, int]:
    """The longest name from this word on: its code or group, whether a group, how many words."""
    for last in range(min(len(words), index + _longest_name()), index, -1):
        if fold_text(words[last - 1]) not in JOINTS:
            name = " ".join(words[index:last])
            code = _code(name)
            if code is None and name.startswith(AND_IN_ARABIC):
                code = _code(name.removeprefix(AND_IN_ARABIC))
            named = load_party_groups().by_name
            forms = (fold_text(name), fold_text(_without_article(name)), _folded(name))
            group = next((named[form] for form in forms if form in named), None)
            if code and group != "european-states":  # "Europe", which as a party is the EU
                group = None
            if code or group:
                return group or code, group is not None, last - index
    return None, False, 1


def _code(name: str) -> str | None:
    """The code of a party. Codes have to be capitals, since some are words ("de", "eau", "no")."""
    bare = _without_article(name)
    if bare in _SMALL or (bare.isupper() and bare in party_codes()):
        return party_meant(bare)
    spelt, code = _name_meant(name) or ("", _adjectives().get(fold_text(bare)))
    return code if bare.isupper() or not spelt.isupper() else None


@cache
def _adjectives() -> Mapping[str, str]:
    """The codes of states by their folded adjectives ("Greek", "sénégalais")."""
    paths = sorted(_GAZETTEER.glob("states-*.yaml"))
    parts = [path.read_bytes() for path in (Path(__file__), _OTHER_NAMES, *paths)]
    return cached_or_built("adjectives", parts, lambda: _read_adjectives(paths))


def _read_adjectives(paths: Sequence[Path]) -> dict[str, str]:
    concepts = dict(chain.from_iterable(shipped_yaml(path)["concepts"].items() for path in paths))
    names = shipped_yaml(_OTHER_NAMES)
    codes = {half: code for code, halves in names["compounds"].items() for half in halves}
    for concept, language in product(concepts, LANGUAGES):
        kind, _, code = concept.partition(".")
        if kind == "nationals" and language not in _PLURALS_ARE_PERSONS:
            continue
        written = concepts[concept]["terms"].get(language, ())
        for term in chain.from_iterable(parse_term(one) for one in written if isinstance(one, str)):
            for name in chain.from_iterable(term.parts):
                endings = _ENDINGS if name.open_right else ("",)
                articles = ("", ARTICLE_IN_ARABIC) if language == "ar" else ("",)
                for article, ending in product(articles, endings):
                    codes.setdefault(fold_text(article + name.text + ending), code)
    return {name: code for name, code in codes.items() if name not in names["other_words"]}


@cache
def _longest_name() -> int:
    return max(len(name.split()) for name in (*_by_name(), *load_party_groups().by_name))


# All party codes, and (name, code) of states and bodies by their folded names.
_Names = tuple[frozenset[str], dict[str, tuple[str, str]]]


@cache
def _names() -> _Names:
    """The names in all our languages. Looking for them in the data of Babel takes 0.1 s."""
    files = (Path(__file__), _OTHER_NAMES, BODIES)
    parts = [babel.__version__.encode(), *(path.read_bytes() for path in files)]
    return cached_or_built("names", parts, _read_names)


def _by_name() -> dict[str, tuple[str, str]]:
    return _names()[1]


def _read_names() -> _Names:
    states = {
        code for code in map(str, Locale("en").territories) if len(code) == 2 and code.isalpha()
    }
    codes = frozenset(states - _NO_STATES) | body_names().keys()
    by_name: dict[str, tuple[str, str]] = {}
    for language in LANGUAGES:
        for code, name in Locale(language).territories.items():
            if code in codes:
                by_name.setdefault(_folded(name), (name, code))
    for code, names in body_names().items():
        by_name |= {_folded(name): (name, code) for name in names.values()}
    for code, others in shipped_yaml(_OTHER_NAMES).items():
        if code in codes:
            by_name |= {_folded(name): (name, code) for name in others}
    return codes, by_name


def _folded(name: str) -> str:
    """A name as names are compared: without the words that join its parts."""
    words = fold_text(name).split()
    return " ".join(word for word in words if word not in JOINTS) or fold_text(name).strip()
