"""The register as linked data: schema.org in JSON-LD 1.1.

An agreement is a `Legislation`, which schema.org took from the European Legislation Identifier
(ELI). It is the vocabulary that search engines for data sets read, and it has what a register
needs: type, dates, legal force and jurisdiction. ELI itself describes the texts of official
journals, which the register does not hold. A step is an `Event` about the agreement, since a
signature or a suspension has a day and a place of its own; a report is a `NewsArticle`. The whole
is a `Dataset`. States are `Country`, as the jurisdiction; bodies are `Organization`.
"""

from __future__ import annotations

import json
from typing import Any, TextIO

from scheduler.dataset.publication import KEYWORDS, Publication
from scheduler.dataset.rows import AgreementEntry, first_day, is_state, numbered_steps
from scheduler.words.labels import labels_of
from scheduler.words.lines import web_address
from storage.languages import UNKNOWN_LANGUAGE
from storage.records import Status
from storage.register.records import Agreement, Step
from storage.search.document_rows import DocumentRow

_IN_FORCE = frozenset({Status.IN_FORCE, Status.RENEWED})
_NOT_IN_FORCE = frozenset(Status) - _IN_FORCE


class LinkedDataFile:
    """Writes the document as agreements come, so that it is never in memory as a whole."""

    def __init__(self, about: Publication, out: TextIO) -> None:
        self._about, self._out, self._joint = about, out, "\n"

    def __enter__(self) -> LinkedDataFile:
        head = json.dumps(_data_set(self._about), ensure_ascii=False)
        self._out.write(f'{head[:-1]}, "hasPart": [')
        return self

    def __exit__(self, *_: object) -> None:
        self._out.write("\n]}\n")

    def add(self, entry: AgreementEntry) -> None:
        self._out.write(self._joint + json.dumps(_legislation(entry), ensure_ascii=False))
        self._joint = ",\n"


def _data_set(about: Publication) -> dict[str, Any]:
    return _known(
        {
            "@context": "https://schema.org",
            "@type": "Dataset",
            "name": about.title,
            "description": about.description,
            "version": about.version,
            "dateCreated": f"{about.created_at:%Y-%m-%dT%H:%M:%SZ}",
            "keywords": list(KEYWORDS),
            "license": about.license,
            "url": about.address,
            "publisher": _organization(about.publisher) if about.publisher else None,
        }
    )


def _legislation(entry: AgreementEntry) -> dict[str, Any]:
    one = entry.agreement
    steps = [_event(one, step_id, step) for step_id, _, step in numbered_steps(one)]
    reports = [_article(row) for row in entry.documents.values()]
    return _known(
        {
            "@id": f"#{one.id}",
            "@type": "Legislation",
            "identifier": one.id,
            "name": [
                {"@value": entry.name_en, "@language": "en"},
                {"@value": entry.name_fr, "@language": "fr"},
            ],
            "legislationType": one.instrument,
            "creativeWorkStatus": one.status,
            "legislationLegalForce": _force(one.status),
            "legislationDate": _first_day(one, Status.SIGNED),
            "legislationDateOfApplicability": _first_day(one, Status.IN_FORCE),
            "legislationJurisdiction": [_country(code) for code in one.parties if is_state(code)],
            "legislationPassedBy": [
                _organization(labels_of("en").party(code), code)
                for code in one.parties
                if not is_state(code)
            ],
            "about": list(one.topics),
            "subjectOf": [*steps, *reports],
        }
    )


def _event(agreement: Agreement, step_id: str, step: Step) -> dict[str, Any]:
    return _known(
        {
            "@id": f"#{step_id}",
            "@type": "Event",
            "name": step.status or "unknown",
            "startDate": step.on.isoformat() if step.on else None,
            "description": step.quote,
            "about": {"@id": f"#{agreement.id}"},
        }
    )


def _article(row: DocumentRow) -> dict[str, Any]:
    return _known(
        {
            "@type": "NewsArticle",
            "identifier": str(row.id),
            "headline": row.title,
            "url": web_address(row.url),
            "inLanguage": None if row.language == UNKNOWN_LANGUAGE else row.language,
            "datePublished": row.published_on.isoformat() if row.published_on else None,
            "publisher": _organization(row.outlet) if row.outlet else None,
        }
    )


def _country(code: str) -> dict[str, Any]:
    return {"@type": "Country", "identifier": code, "name": labels_of("en").party(code)}


def _organization(name: str, code: str | None = None) -> dict[str, Any]:
    return _known({"@type": "Organization", "identifier": code, "name": name})


def _force(status: Status | None) -> str | None:
    if status in _IN_FORCE:
        return "https://schema.org/InForce"
    return "https://schema.org/NotInForce" if status in _NOT_IN_FORCE else None


def _first_day(agreement: Agreement, status: Status) -> str | None:
    first = first_day(agreement, status)
    return first.isoformat() if first else None


def _known(values: dict[str, Any]) -> dict[str, Any]:
    """Leave out what is not known."""
    return {name: value for name, value in values.items() if value not in (None, "", [])}
