"""English by code: what is looked up by a value that is known at run time."""

from __future__ import annotations

from collections.abc import Mapping

from scheduler.views.words.messages import Message
from scheduler.views.words.terms.digest import DIGEST
from scheduler.views.words.terms.filters import FILTERS
from scheduler.views.words.terms.page import PAGE
from scheduler.views.words.terms.people import PEOPLE
from scheduler.views.words.terms.system import SYSTEM

TERMS: Mapping[str, Message] = {**SYSTEM, **PAGE, **FILTERS, **PEOPLE, **DIGEST}
