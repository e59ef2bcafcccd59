"""The register as FollowTheMoney entities in JSON lines, as Aleph and OpenSanctions read them.

See https://followthemoney.tech; written for version 3.8 of its model. A step is an `Event` that
involves its parties, with its reports as proof; a report is an `Article`. The model has no states:
they are `PublicBody` with a country, as bodies are without one.

Ids do not depend on this installation: a report's is made of the id it was imported with and its
address (only where it has neither, of its number here), a step's of its first report, a party's of
its code. An entity that stands in the file
twice, such as a report of two agreements, is the same entity.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from scheduler.dataset.formats.order import ExportOrder, Written
from scheduler.dataset.rows import AgreementEntry, is_state
from scheduler.words.labels import labels_of
from scheduler.words.lines import web_address
from storage.languages import TABLE
from storage.register.records import Agreement, Step
from storage.search.document_rows import DocumentRow, rows_in_order

Entity = dict[str, Any]


def write_follow_the_money(
    agreements: Iterable[AgreementEntry], order: ExportOrder, path: Path
) -> Written:
    """Write an entity a line, a party before the first step that involves it."""
    known: set[str] = set()  # parties; a few hundred at most
    written = 0
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for entry in agreements:
            new = [code for code in entry.agreement.parties if code not in known]
            known.update(new)
            for entity in (*map(_party, new), *entities_of(entry)):
                file.write(json.dumps(entity, ensure_ascii=False) + "\n")
                written += 1
    return Written({"line": written}, "a FollowTheMoney entity each")


def entities_of(entry: AgreementEntry) -> Iterator[Entity]:
    """The reports and steps of an agreement, without its parties."""
    for row in entry.documents.values():
        yield _article(row)
    for step in entry.agreement.history:
        reports = rows_in_order(dict(entry.documents), sorted(step.document_ids))
        if reports:
            yield _event(entry, step, reports)


def _party(code: str) -> Entity:
    return _entity(
        _party_id(code),
        "PublicBody",
        name=[labels_of("en").party(code)],
        alias=[labels_of("fr").party(code)],
        country=_countries([code]),
        classification=["state" if is_state(code) else "international body"],
    )


def _article(row: DocumentRow) -> Entity:
    language = TABLE.get(row.language)  # None: it was not recognised
    return _entity(
        _article_id(row),
        "Article",
        title=[row.title],
        sourceUrl=[web_address(row.url)],
        publisher=[row.outlet],
        language=[language.iso3 if language else None],
        publishedAt=[row.published_on.isoformat() if row.published_on else None],
    )


def _event(entry: AgreementEntry, step: Step, reports: Sequence[DocumentRow]) -> Entity:
    one, words = entry.agreement, labels_of("en")
    status = words.status(step.status, one.instrument) if step.status else "status not known"
    return _entity(
        f"accordwatch-step-{_digest(reports[0])}",
        "Event",
        name=[f"{entry.name_en}: {status}"],
        date=[step.on.isoformat() if step.on else None],
        location=[_place(one, step)],
        country=_countries(one.parties),
        involved=map(_party_id, one.parties),
        summary=[step.quote],
        keywords=[step.status, one.instrument, *one.topics],
        recordId=[one.id],
        sourceUrl=[web_address(row.url) for row in reports],
        proof=map(_article_id, reports),
    )


def _countries(codes: Iterable[str]) -> list[str]:
    """The model counts the European Union and the United Nations as countries."""
    return [code.lower() for code in codes if len(code) == 2]


def _place(agreement: Agreement, step: Step) -> str | None:
    """Where it happened, which the register knows of the step that says how things stand."""
    is_current = (step.status, step.on) == (agreement.status, agreement.event_date)
    return agreement.place if is_current else None


def _entity(key: str, schema: str, **values: Iterable[str | None]) -> Entity:
    """An entity with what is known; each value once, in the order in which it was given."""
    known = {
        name: list(dict.fromkeys(value for value in given if value and value.strip()))
        for name, given in values.items()
    }
    properties = {name: given for name, given in known.items() if given}
    return {"id": key, "schema": schema, "properties": properties}


def _party_id(code: str) -> str:
    return f"accordwatch-party-{code.lower()}"


def _article_id(row: DocumentRow) -> str:
    return f"accordwatch-report-{_digest(row)}"


def _digest(row: DocumentRow) -> str:
    named = [part for part in (row.external_id, row.url) if part]
    key = "\n".join(named) or f"document {row.id}"
    return hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()[:32]
