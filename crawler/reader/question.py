"""What a second reader receives: the instructions, the form of the answer, and the text."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any

from crawler.reader.answer import KINDS, TOPICS, TRANSLATED, TRANSLATIONS, Answer, languages_beside
from storage.documents.second_readings import ReaderId
from storage.records import Document, Evidence, Topic, Zone

MOST_CHARACTERS = 6_000  # of a text: about 1,500 tokens
_BEGINNING = 0.75  # of an excerpt; the rest is for the deciding sentences further down
_AROUND = 300  # characters before and behind words that the rules found
_LEFT_OUT = "[...]"
_ANSWER_TOKENS = 700  # of an answer: the quote is the longest part of it
_TRANSLATION_TOKENS = 500  # of a title and a quote in one more language; Arabic takes the most
_WISH = (
    'Add a last field "translations" with an object for each of these languages: {languages}. In '
    'it, "title" is the title of the text and "quote" is your quote, both translated faithfully '
    'into that language, or "".\n'
)
_MOST_LETTERS = {"quote": 600, "agreement": 120, "day": 10}


def instructions() -> str:
    return _instructions()[0]


def prompt_version() -> str:
    """Return what changes with the instructions and with the form of the answer."""
    return _instructions()[1]


def reader_id(model: str, *, with_review: bool = True) -> ReaderId:
    """Return who reads, as answers are stored. `with_review`: what waits for it, too."""
    return ReaderId(model, prompt_version(), with_review)


@cache
def _instructions() -> tuple[str, str]:
    text = files("crawler.reader").joinpath("instructions.md").read_text(encoding="utf-8")
    text = text.replace("<kinds>", ", ".join(KINDS)).replace("<topics>", ", ".join(TOPICS))
    form = json.dumps(answer_schema(), sort_keys=True)
    return text, hashlib.sha256(f"{text}{form}".encode()).hexdigest()[:8]


def answer_schema(translated: Sequence[str] = ()) -> dict[str, Any]:
    """Return the JSON schema (draft 2020-12) of an answer, with translations into these languages.
    It bounds texts and lists, so that a weak model comes to an end.
    """
    schema = Answer.model_json_schema()
    fields = schema["properties"]
    if translated:
        texts = {name: {"type": "string", "maxLength": most} for name, most in TRANSLATED.items()}
        fields[TRANSLATIONS] = _object(dict.fromkeys(translated, _object(texts)))
    schema |= _object(fields)
    for name, most in _MOST_LETTERS.items():
        fields[name]["maxLength"] = most
    fields["parties"] |= {"maxItems": 12, "items": {"type": "string", "maxLength": 60}}
    fields["topics"]["maxItems"] = len(Topic) - 1
    return schema


def _object(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return the schema of an object with exactly these fields."""
    closed = {"required": list(fields), "additionalProperties": False}
    return {"type": "object", "properties": fields, **closed}


def unbounded(schema: Any) -> Any:
    """Return a schema without the bounds of texts and lists, which not all servers know."""
    if isinstance(schema, list):
        return [unbounded(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    bounds = ("maxLength", "maxItems")
    return {name: unbounded(one) for name, one in schema.items() if name not in bounds}


def text_question(
    document: Document, evidence: Sequence[Evidence], translate: Sequence[str] = ()
) -> tuple[list[dict[str, str]], int, dict[str, Any]]:
    """Return what is asked about one document: the messages, the most tokens of the answer, and its
    schema. Without `translate` they are the same for all; what was answered without translations
    is not asked again for their sake, so that they are no part of `prompt_version`.
    """
    others = languages_beside(document, translate)
    most_tokens = _ANSWER_TOKENS + len(others) * _TRANSLATION_TOKENS
    return messages(document, evidence, others), most_tokens, answer_schema(others)


def messages(
    document: Document, evidence: Sequence[Evidence], translated: Sequence[str] = ()
) -> list[dict[str, str]]:
    """Return the messages of a chat about one document. The text stands between marks that it
    cannot contain, below the instructions: what it tells its reader to do stays part of the text.
    """
    wish = _WISH.format(languages=", ".join(translated)) if translated else ""
    published = document.published_on.isoformat() if document.published_on else "unknown"
    head = f"Published: {published}\nOutlet: {on_one_line(document.outlet or 'unknown')}"
    body = f"<text>\n{unmarked(document.title)}\n\n{unmarked(excerpt(document, evidence))}\n</text>"
    return [
        {"role": "system", "content": instructions()},
        {"role": "user", "content": f"{head}\n{body}\n\n{wish}Answer with the JSON object only."},
    ]


def on_one_line(text: str) -> str:
    return unmarked(" ".join(text.split()))[:200]


def unmarked(text: str) -> str:
    """Return a text that cannot close the mark around it."""
    return text.replace("<", "\u2039").replace(">", "\u203a")


def excerpt(document: Document, evidence: Sequence[Evidence], most: int = MOST_CHARACTERS) -> str:
    """Return all of a text, or at most `most` characters: its beginning, and what stands around the
    words that the rules found further down.
    """
    text = document.text
    if len(text) <= most:
        return text
    beginning = round(most * _BEGINNING)
    pieces = [text[:beginning].rstrip()]
    room = most - beginning
    for start, end in _places(text, evidence, beginning):
        piece = text[start : min(end, start + room - len(_LEFT_OUT) - 2)].strip()
        room -= len(piece) + len(_LEFT_OUT) + 2
        if piece:
            pieces.append(piece)
        if room <= _AROUND:
            break
    return f"\n{_LEFT_OUT}\n".join(pieces)


def _places(text: str, evidence: Sequence[Evidence], beginning: int) -> Iterator[tuple[int, int]]:
    """Yield the stretches around what was found behind the beginning, joined where they meet."""
    stretches = sorted(
        (max(beginning, one.start - _AROUND), min(len(text), one.end + _AROUND))
        for one in evidence
        if one.zone is not Zone.TITLE and one.end > beginning
    )
    last: tuple[int, int] | None = None
    for start, end in stretches:
        if last is None:
            last = (start, end)
        elif start <= last[1]:
            last = (last[0], max(end, last[1]))
        else:
            yield last
            last = (start, end)
    if last is not None:
        yield last
