"""What a worker does with one document, by name; and what it does once, before the first."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from crawler.extract import dates
from crawler.extract.extract import extract
from crawler.judgement.judge import Rules
from crawler.process.pages import process_page
from crawler.process.process import (
    judge_article,
    judge_document,
    judge_whole,
    process,
    process_message,
)
from crawler.process.several import ToRead, WantedDocuments, judge_several
from storage.languages import LANGUAGES
from storage.records import Document, Fetched


def _judge_several(asked: tuple[Sequence[ToRead], WantedDocuments], rules: Rules) -> Any:
    return judge_several(*asked, rules)


# The stages that have a name. Others (reading a feed, for instance) are passed as functions.
STAGES: dict[str, Callable[[Any, Rules], Any]] = {
    "process": process,
    "process_page": process_page,
    "process_message": process_message,
    "judge_article": judge_article,
    "judge_document": judge_document,
    "judge_whole": judge_whole,
    "judge_several": _judge_several,
}

# Reading this page loads all models, which takes 2 s, before the first real page. Its day stands
# beside its headline: what parses other days is loaded by the first page that needs it.
_WARMING_PAGE = (
    "<html><head><title>Accord signé</title></head><body><h1>Accord signé</h1>"
    "<p>Publié le 3 mars 2024</p><p>Les deux ministres ont signé lundi un accord sur le retour des "
    "migrants en situation irrégulière.</p></body></html>"
)


def warm_up(rules: Rules) -> None:
    """Do what takes longer for the first page than for others."""
    url = "https://warm.invalid/"
    found = extract(Fetched(url, url, "text/html", _WARMING_PAGE.encode(), datetime.now(UTC)))
    judge_document(Document(found.title, found.text, found.language), rules)
    if rules.judge is not None:
        rules.judge.warm()


def warm_up_languages(rules: Rules) -> None:
    """Load what else takes longer for the first page of each language: half a second, 25 MB."""
    dates.warm_up()
    for language in LANGUAGES:
        rules.lexicon.matcher(language)
