"""The list of known agreements that we ship (`known-agreements.csv`): imported or taken back."""

from __future__ import annotations

import hashlib
from datetime import datetime
from pathlib import Path

from crawler.ingest.listing import take_back
from storage.database.session import Database
from storage.register.decisions import imports_of, listed_by, set_undone

FILE = Path(__file__).with_name("known-agreements.csv")
ID, NAME = "accordwatch", "Accordwatch: known agreements"
WHO = "configuration"


def sync_known_list(database: Database, wanted: bool, now: datetime) -> None:
    """Import our list into the register, or take it back if it is not `wanted`. A list that is in
    the register already is left alone, and so is one that a person took back.
    """
    with database.read() as s:
        decisions = imports_of(s, ID)
        standing = [one for one in decisions if one.undone_at is None]
        # An earlier version could be killed between noting an import and its rows.
        rows = listed_by(s, standing[-1].id) if standing else []
    if not wanted:
        for decision in reversed(standing):
            with database.begin() as s:
                set_undone(s, decision.id, WHO, now)
                take_back(s, decision.id, now)
        return
    version = hashlib.sha256(FILE.read_bytes()).hexdigest()[:12]
    is_there = bool(rows) and version in standing[-1].why
    a_person_took_it_back = bool(decisions) and not standing and decisions[-1].undone_by != WHO
    if is_there or a_person_took_it_back:
        return
    # imported here, for most runs find the list in the register
    from scheduler.exchange.list_import import Extent, ImportOrder, ListName, import_list
    from scheduler.exchange.list_rows import opened_rows, read_rows

    with opened_rows(str(FILE)) as opened:
        _, listed = read_rows(opened, FILE.name, now.date())
        order = ImportOrder(ListName(ID, NAME), WHO, now, version, Extent.WHOLE)
        import_list(database, listed, order)
