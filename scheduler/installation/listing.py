"""Lists of known agreements of another installation: their rows are no news here, either."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from crawler.ingest.listing import RowOfList, ingest_rows
from crawler.judgement.text.letters import fold_text
from scheduler.lists import known
from storage.database.session import Database, Session
from storage.documents.documents import stored_under
from storage.maintenance.handover import HandedRow
from storage.records import Fingerprint, Judged, Verdict
from storage.register.decisions import (
    add_decision,
    add_listed,
    imports_of,
    said_of_lists,
    same_decision,
)
from storage.register.listed import LIST_SOURCE
from storage.register.records import Decision, DecisionKind


@dataclass(slots=True)
class ListsTaken:
    """What became of the rows of lists, a document each for their steps. `taken_back` are lists
    that a person took back here, and of which nothing is taken in. Nor is of the list that comes
    with us, which every installation has.
    """

    read: int = 0
    stored: int = 0
    taken_back: set[str] = field(default_factory=set)
    faults: list[str] = field(default_factory=list)
    _imports: dict[str, Decision] = field(default_factory=dict)
    _decisions: dict[str, int] = field(default_factory=dict)

    def begin(self, database: Database, given: Iterable[Decision], now: datetime) -> None:
        """Note the last import in force of each list of the file."""
        for one in given:
            if one.kind is DecisionKind.LIST and one.undone_at is None:
                self._imports[one.why.partition(": ")[0]] = one
        with database.read() as s:
            for list_id in self._imports:
                own = imports_of(s, list_id)
                is_gone = own and all(one.undone_at is not None for one in own)
                if is_gone and list_id != known.ID:
                    self.taken_back.add(list_id)

    def take(
        self, s: Session, batch: Sequence[Sequence[HandedRow]], ids: dict[int, int], now: datetime
    ) -> None:
        """Store rows about an agreement each, in the caller's transaction. A row that was imported
        here before, or left a list here, is as it was.
        """
        every = [row for rows in batch for row in rows]
        self.read += len(every)
        names = [row.document.external_id or "" for row in every]
        here = {name: number for name, (number, _) in stored_under(s, names).items()}
        settled = said_of_lists(s, here.values())
        new: list[list[HandedRow]] = []
        for rows in batch:
            kept = []
            for row in rows:
                number = here.get(row.document.external_id or "")
                if number is not None:
                    ids[row.id] = number
                if number not in settled and _list_of(row) not in {*self.taken_back, known.ID}:
                    kept.append(row)
            if kept:
                new.append(kept)
        done = ingest_rows(s, [RowOfList(tuple(map(_judged, rows))) for rows in new], now)
        for rows, one in zip(new, done, strict=True):
            if one.fault:
                self.faults.append(f"{rows[0].document.external_id}: {one.fault}")
                continue
            ids.update(zip((row.id for row in rows), one.documents, strict=True))
            self.stored += len(one.fresh)
            listed = zip(one.documents, (row.row for row in rows), strict=True)
            add_listed(s, self._decision(s, rows[0], now), dict(listed))

    def _decision(self, s: Session, row: HandedRow, now: datetime) -> int:
        """The decision with which the rows of a list came in: one for each list and import."""
        list_id = _list_of(row)
        if list_id not in self._decisions:
            given = self._imports.get(list_id)
            decided = given or Decision(
                DecisionKind.LIST, (), "import", f"{list_id}: {row.document.outlet}", now
            )
            kept = same_decision(s, decided)  # of an import that was killed
            is_there = kept is not None and kept.undone_at is None
            self._decisions[list_id] = kept.id if kept and is_there else add_decision(s, decided)
        return self._decisions[list_id]


def _list_of(row: HandedRow) -> str:
    return (row.document.source_id or "").removeprefix(LIST_SOURCE)


def _judged(row: HandedRow) -> Judged:
    document = row.document
    return Judged(
        document=document,
        verdict=Verdict(True, 1.0, 1.0, document.language, card=row.card),
        fingerprint=Fingerprint(row.text_hash),
        folded=fold_text(f"{document.title}\n{document.text}"),
        quote=row.quote,
        clues=row.clues,
    )
