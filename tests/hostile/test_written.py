"""Hostile texts in what is sent, exported and printed: they are texts there, and nothing else."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache

import pytest
from selectolax.lexbor import LexborHTMLParser

from scheduler.cli.output import print_table
from scheduler.notify.digest.build import Digest, DigestItem
from scheduler.notify.digest.render import Rendered, render
from scheduler.views.agreements import DATASET, dataset_rows
from scheduler.views.columns import Door
from scheduler.views.register_entries import Entry
from scheduler.views.writer import csv_writer
from storage.records import Card, Status
from storage.register.entry import Agreement, Step
from storage.search.document_rows import DocumentRow
from tests.hostile.naughty import HALVES, naughty
from tests.hostile.vectors import some, vectors
from tests.scheduler.notify.digest.samples import DIGEST, ITEM, SUBSCRIPTION, about

TEXTS = (*vectors(), *naughty())
# The joiners of scripts, and the isolates that are ours.
_MEANT = "\n\u200c\u200d\u2068\u2069"
# No formula begins in a cell: as plain, as wide letters, behind spaces and ends of lines.
_FORMULAS = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
_IN_AN_ITEM = 100  # reports; the time goes by the size of the mail, not by this


@cache
def mail_of(texts: tuple[str, ...]) -> Rendered:
    """A mail in which each text is headline, outlet and address of a report, some are all else."""
    items = tuple(_item(texts[at : at + _IN_AN_ITEM]) for at in range(0, len(texts), _IN_AN_ITEM))
    subscription = replace(SUBSCRIPTION, name=texts[0])
    digest: Digest = replace(
        DIGEST, subscription=subscription, items=items, rest=items, notices=texts[:50]
    )
    return render(digest, most_bytes=None)


def _item(texts: Sequence[str]) -> DigestItem:
    link = ITEM.reports[0]
    reports = tuple(replace(link, title=text, url=text, outlet=text) for text in texts)
    first, last = texts[0], texts[-1]
    quoted = replace(link, outlet=first, quote=last)
    item = replace(ITEM, given=first, reports=reports, quoted=quoted)
    return about(item, title=first, place=last)


def shape(html: str) -> tuple[set[str], set[str]]:
    """The elements of a mail with their attributes, and where it leads."""
    root = LexborHTMLParser(html).root
    assert root is not None
    nodes = list(root.traverse())  # comments are nodes of their own
    tags = {f"{node.tag} {' '.join(node.attributes)}" for node in nodes}
    return tags, {str(node.attributes["href"]) for node in nodes if "href" in node.attributes}


def elsewhere(links: Collection[str]) -> list[str]:
    """Those links that a browser would not open as a page of the web; there have to be some."""
    assert links
    return [link for link in links if not link.startswith(("https://", "http://"))]


@cache
def entries() -> list[Entry]:
    """An agreement for each text, with a report of it."""
    return [_entry(number, text) for number, text in enumerate(TEXTS, 1)]


def _entry(number: int, text: str) -> Entry:
    row = DocumentRow(
        id=number,
        external_id=text,
        title=text,
        outlet=text,
        language="en",
        url=text,
        published_on=None,
        score=1.0,
        card=Card(parties=("IT", "TN"), status=Status.SIGNED, place=text),
        agreement_id=None,
        quote=text,
        first_seen_at=datetime(2026, 3, 12, tzinfo=UTC),
    )
    step = Step(Status.SIGNED, None, text, (number,))
    agreement = Agreement(
        id=f"A{number}",
        title=text,
        parties=("IT", "TN"),
        instrument=None,
        topics=(),
        status=Status.SIGNED,
        place=text,
        event_date=None,
        history=(step,),
    )
    return Entry(agreement, given=text, documents={number: row})


def test_a_mail_has_no_element_and_no_link_of_a_text() -> None:
    expected, _ = shape(mail_of(("Rabat", "https://news.example/a") * _IN_AN_ITEM).html)
    found, links = shape(mail_of(TEXTS).html)
    assert found <= expected
    assert elsewhere(links) == []


def test_a_mail_has_no_control_character() -> None:
    mail = mail_of(TEXTS)
    said = f"{mail.subject}\n{mail.text}\n{mail.html}"
    assert [one for one in said if not one.isprintable() and one not in _MEANT] == []


def test_no_text_is_a_template() -> None:
    asked = "{{ 6 * 7 }} {% set x = cycler.__init__ %} ${6*7} %(name)s {0.__class__}"
    mail = mail_of((asked, "Rabat"))
    assert asked.rpartition(" ")[0] in mail.subject  # which has room for so much beside the number
    assert asked in mail.text
    assert "42" not in mail.subject


def test_no_cell_of_an_export_is_a_formula_and_none_is_torn() -> None:
    made = [dataset_rows(entry) for entry in entries()]
    for table in DATASET:
        rows = [row for tables in made for row in tables[table.name]]
        cells = read_again(table.names(Door.DATASET), rows)
        assert [cell for cell in cells if cell.lstrip().startswith(_FORMULAS)] == []


def read_again(columns: Sequence[str], rows: Sequence[Mapping[str, object]]) -> list[str]:
    """The cells of the rows, as a CSV file has them."""
    out = io.StringIO(newline="")
    write = csv_writer(columns, out)
    for row in rows:
        write(row)
    out.seek(0)
    read = list(csv.DictReader(out, strict=True))
    assert len(read) == len(rows)
    return [cell for row in read for cell in row.values()]


def test_a_table_on_a_terminal_has_no_control_character(capsys: pytest.CaptureFixture[str]) -> None:
    # Longer ones make the table as wide as they are, and take half a minute.
    texts = [one for one in (*some(8), *naughty(), *HALVES) if len(one) < 500]
    print_table("", ("#", "text"), ((str(number), one) for number, one in enumerate(texts)))
    said = capsys.readouterr().out
    assert said.count("│") > 2 * len(texts)
    assert [one for one in said if not one.isprintable() and one != "\n"] == []
