"""Stored agreements as lists show them, under the names that persons gave them."""

from __future__ import annotations

from collections.abc import Sequence

from scheduler.web.site.register.agreement_views import AgreementLine, agreement_line
from scheduler.words.labels import Labels
from storage.database.session import Session
from storage.register.given_names import given_names
from storage.register.records import Agreement


def agreement_lines(s: Session, found: Sequence[Agreement], words: Labels) -> list[AgreementLine]:
    """Return a line for each agreement, in their order."""
    names = given_names(s, [one.id for one in found])
    return [agreement_line(one, names.get(one.id), words) for one in found]
