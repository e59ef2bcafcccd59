"""Compare the sentences of the code with their translations, or (`update`) write what is new into
the PO files, where translators find it.
"""

from __future__ import annotations

import ast
import io
import re
import string
import sys
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import PoFileError, read_po, write_po
from jinja2 import Environment
from jinja2.ext import extract_from_ast

from scheduler.views.words.messages import FAULTS, LOCALE

LAYERS = ("storage", "crawler", "spiders", "scheduler")
_MARKS = {
    "N_": (0, 1),
    "NP_": (0, 2),
    "NC_": (1, 1),
    "NPC_": (1, 2),
    "say": (0, 1),
    "count": (0, 2),
}
# What systems say of a fault is translated, too.
OF_SYSTEMS = (
    *("Connection refused", "timed out", "Name or service not known", "Network is unreachable"),
    *("Temporary failure in name resolution", "No such file or directory", "Permission denied"),
    "Read-only file system",
)
_JINJA = Environment(autoescape=True)
_DATED = re.compile(
    r'"(?:POT-Creation-Date|PO-Revision-Date|Last-Translator|Report-Msgid-Bugs-To|Generated-By'
    r"|Project-Id-Version|Language-Team): [^\n]*\n"
)


@cache
def template() -> Catalog:
    """All sentences that the code says, and what it and systems say in plain lines."""
    found = Catalog()
    for path in sorted(file for layer in LAYERS for file in Path(layer).rglob("*.py")):
        tree = ast.parse(path.read_text("utf-8"))
        for context, texts in _of_python(tree):
            found.add(texts, context=context)
    for path in sorted(Path("scheduler").rglob("*.j2")):
        page = _JINJA.parse(path.read_text("utf-8"))
        for _, name, parts in extract_from_ast(page, ("say", "count")):
            said = [part for part in (parts if isinstance(parts, tuple) else [parts]) if part]
            if len(said) == (2 if name == "count" else 1):
                found.add(tuple(said) if name == "count" else said[0])
    for form in OF_SYSTEMS:
        found.add(form, context=FAULTS)
    return found


def problems(path: Path, code: Catalog, texts: frozenset[str]) -> Iterator[str]:
    """What is wrong with a PO file, each with file and line. `texts` are all texts of the code, for
    a form of a fault may be kept in a constant.
    """
    try:
        catalog = read_po(io.BytesIO(path.read_bytes()), abort_invalid=True)
    except PoFileError as error:
        yield f"{path}:{error.lineno}: {error}"
        return
    for message in code:
        if message.id and catalog.get(_first(message), message.context) is None:
            yield f"{path}:1: lacks {_first(message)!r} ({message.context or 'no context'})"
    for message in catalog:
        if message.id:
            for fault in _faults(message, code, texts):
                yield f"{path}:{message.lineno}: {fault}: {_first(message)!r}"


def _faults(message: Message, code: Catalog, texts: frozenset[str]) -> Iterator[str]:
    sources = _all(message.id)
    is_form = message.context == FAULTS and sources[0] in texts
    if code.get(sources[0], message.context) is None and not is_form:
        yield "nobody says it any more"
    translations = _all(message.string)
    if not all(translations) or message.fuzzy:
        yield "is not translated"
    wanted = _names(sources[-1])
    for text in filter(None, translations):
        try:
            given = _names(text)
        except ValueError as error:
            yield f"a placeholder is broken ({error})"
            continue
        # "One document" and "two documents" need not name the number, nor what is one of it.
        may_lack = wanted if message.pluralizable and text != translations[-1] else set()
        if not wanted - may_lack <= given <= wanted:
            yield "its placeholders differ"


def _names(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def _all(texts: str | Iterable[str] | None) -> list[str]:
    return [texts] if isinstance(texts, str) else list(texts or ())


def _first(message: Message) -> str:
    return _all(message.id)[0]


def _of_python(tree: ast.AST) -> Iterator[tuple[str | None, str | tuple[str, ...]]]:
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)) if name in _MARKS:
                # The command line prints with a `say` of its own.
                is_ours = isinstance(node.func, ast.Attribute) or name[0] == "N"
                before, number = _MARKS[name]
                texts = [arg.value for arg in node.args if isinstance(arg, ast.Constant)]
                wanted = [text for text in texts if isinstance(text, str)][: before + number]
                if is_ours and len(wanted) == before + number:
                    context, of = (wanted[0] if before else None), wanted[before:]
                    yield context, (of[0] if number == 1 else tuple(of))
            case ast.Call(func=ast.Name("Phrase" | "problem" | "warning" | "well")):
                # a form and perhaps its plural; before them findings have a name
                forms = node.args[0 if node.func.id == "Phrase" else 1 :]
                texts = [form.value for form in forms if isinstance(form, ast.Constant)]
                if texts:
                    yield None, texts[0] if len(texts) == 1 else tuple(texts)
            case ast.keyword("empty", ast.Constant(value=str(text))):  # of columns
                yield None, text
            case ast.Assign([ast.Name("form")], ast.Constant(value=str(text))):
                yield None, text
            case ast.Call(args=[ast.Constant(value=str(text))], keywords=[_, *_] as values):
                if _is_form(text, {value.arg for value in values}):
                    yield None, text


def _is_form(text: str, values: set[str | None]) -> bool:
    try:
        names = _names(text)
    except ValueError:
        return False
    return (
        bool(names) and names <= values and bool(re.search("[a-z]{3}", re.sub("{.*?}", "", text)))
    )


@cache
def texts_of_code() -> frozenset[str]:
    return frozenset(
        node.value
        for layer in LAYERS
        for path in Path(layer).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    )


def update(path: Path, code: Catalog, texts: frozenset[str]) -> None:
    """Put what is new into a PO file, untranslated, and take out what nobody says any more."""
    catalog = read_po(io.BytesIO(path.read_bytes()))
    for message in [one for one in catalog if one.id]:
        is_form = message.context == FAULTS and _first(message) in texts
        if code.get(_first(message), message.context) is None and not is_form:
            catalog.delete(_first(message), message.context)
    for message in code:
        if message.id and catalog.get(_first(message), message.context) is None:
            catalog.add(message.id, context=message.context)
    written = io.BytesIO()
    write_po(written, catalog, width=100, sort_output=True)
    path.write_text(_DATED.sub("", written.getvalue().decode()), "utf-8")


def main(arguments: list[str]) -> int:
    code, texts = template(), texts_of_code()
    files = sorted(LOCALE.rglob("*.po"))
    if arguments == ["update"]:
        for path in files:
            update(path, code, texts)
        return 0
    found = [line for path in files for line in problems(path, code, texts)]
    print("\n".join(found) or f"{len(code)} sentences, translated in {len(files)} languages")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
