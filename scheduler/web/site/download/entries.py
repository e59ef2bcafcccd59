"""One agreement as a file: its reports as a table, all of it as JSON, and how to cite it."""

from __future__ import annotations

from fastapi import Request
from starlette.datastructures import URL
from starlette.responses import Response

from scheduler.exchange.citation import EntryCitation
from scheduler.exchange.package import TITLE
from scheduler.views.agreements import AGREEMENTS, REPORTS, entries_of, reports_of
from scheduler.views.words.names import name_of, name_parts
from scheduler.views.words.page import words_of
from scheduler.web.site.access.own_addresses import asked_address
from scheduler.web.site.download.forms import (
    LIST_FORMS,
    Form,
    about_file,
    attached,
    download,
    download_links,
)
from scheduler.web.site.filters.addresses import language_for
from scheduler.web.site.rendering import served_by
from storage.database.session import Session
from storage.register.given_names import given_names
from storage.register.records import Agreement

FORMS = (*LIST_FORMS, Form.BIBTEX, Form.RIS)


def entry_links(agreement_id: str) -> list[tuple[str, str]]:
    """The forms of a file with one agreement, and their addresses."""
    return download_links(lambda form: f"/agreements/{agreement_id}?format={form}", FORMS)


def citation_of(request: Request, found: Agreement, named: str | None) -> EntryCitation:
    """How to cite an agreement: under the address of its page, as it is today."""
    served, words = served_by(request), words_of(language_for(request))
    own = served.chosen.settings.dataset
    address = URL(asked_address(request)).replace(query="", fragment="")
    return EntryCitation(
        id=found.id,
        name=name_of(name_parts(found, named), words),
        register=own.title or TITLE,
        publisher=own.publisher,
        address=str(address),
        seen_on=served.now().date(),
        language=words.language,
    )


def entry_file(request: Request, s: Session, found: Agreement, form: Form) -> Response:
    """The file of an agreement. A table has a row a report; JSON has what the API answers."""
    about = about_file(request, "agreement", [("id", found.id)])
    cited = citation_of(request, found, given_names(s, [found.id]).get(found.id))
    if form is Form.BIBTEX:
        return attached(form, about, [cited.as_bibtex().encode()])
    if form is Form.RIS:
        return attached(form, about, [cited.as_ris().encode()])
    (entry,) = entries_of(s, [found], language_for(request))
    if form is Form.JSON:
        return download(form, about, AGREEMENTS, [entry])
    return download(form, about, REPORTS, list(reports_of(entry)))
