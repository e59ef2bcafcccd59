from __future__ import annotations

import re

import pytest

from crawler.extract.articles.reasons import REASONS
from crawler.extract.page_words import words, words_pattern
from crawler.judgement.text.grammar import LANGUAGES_FOLDER, PAGES_FILE
from crawler.located_yaml import shipped_yaml
from storage.languages import LANGUAGES

_DESCRIBED = (LANGUAGES_FOLDER / "README.md").read_text("utf-8").partition(f"`{PAGES_FILE}`\n")[2]
_BY_NAME = ("for_subscribers", "months", "walls")


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_key_of_a_language_is_described(language: str) -> None:
    described = set(re.findall(r"`([a-z_]+)`", _DESCRIBED))
    assert shipped_yaml(LANGUAGES_FOLDER / language / PAGES_FILE).keys() <= described


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_word_of_a_language_is_a_regular_expression(language: str) -> None:
    pages = shipped_yaml(LANGUAGES_FOLDER / language / PAGES_FILE)
    for key in pages.keys() - set(_BY_NAME):
        for word in pages[key]:
            re.compile(word)


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_language_names_the_twelve_months_and_reasons_that_exist(language: str) -> None:
    pages = shipped_yaml(LANGUAGES_FOLDER / language / PAGES_FILE)
    assert [int(month) for month in pages["months"]] == list(range(1, 13))
    assert pages["walls"].keys() <= REASONS.keys()


def test_words_of_all_languages_count_together() -> None:
    sharing = words_pattern("<sharing>")
    assert all(map(sharing.fullmatch, ("share", "teilen", "شارك")))


def test_a_key_without_words_matches_nothing() -> None:
    assert words("no_such_key") == ()
    assert words_pattern("<no_such_key>").search("anything") is None
