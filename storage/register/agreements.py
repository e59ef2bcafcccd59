"""Agreements as they are stored: finding and reading them."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterable, Sequence

from sqlalchemy import func, select

from storage.database import sql
from storage.database.columns import record_of
from storage.database.session import Session, process_cache
from storage.records import Status, TextState
from storage.register.entry import Agreement, Step
from storage.register.tables import (
    AgreementParties,
    Agreements,
    Aliases,
    Decisions,
    RegisterStamp,
    Reports,
    Steps,
)


def number(agreement_id: str) -> int:
    """Return 17 for "A17", and 0, which no agreement has, for anything that is not an id."""
    digits = agreement_id.removeprefix("A").removeprefix("a")
    # Nine digits fit an integer of both databases.
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 10 else 0


def resolve(s: Session, agreement_id: str) -> str | None:
    """Return the present id of an agreement, which may have been merged; None if there is none."""
    row_id = number(agreement_id)
    if s.scalar(select(Agreements.id).where(Agreements.id == row_id)) is not None:
        return f"A{row_id}"
    heir = s.scalar(select(Aliases.agreement_id).where(Aliases.alias == row_id))
    return None if heir is None else f"A{heir}"


def merged_ids(s: Session, agreement_id: str) -> list[str]:
    """The former ids of an agreement: of those that were merged into it."""
    merged = select(Aliases.alias).where(Aliases.agreement_id == number(agreement_id))
    return [f"A{alias}" for alias in s.scalars(merged.order_by(Aliases.alias))]


def agreement_ids(s: Session, document_ids: Iterable[int]) -> list[int]:
    return sorted(sql.values_among(s, Reports.agreement_id, Reports.document_id, document_ids))


def agreements_with(s: Session, document_ids: Iterable[int]) -> list[Agreement]:
    """Return the agreements that hold one of these documents."""
    return load_agreements(s, agreement_ids(s, document_ids))


def load_agreements(s: Session, ids: Iterable[int]) -> list[Agreement]:
    """Read agreements by row id, in the order of `ids`. Ids that do not exist are left out."""
    ids = list(ids)
    agreements: dict[int, Agreement] = {}
    for chunk in sql.chunks(ids):
        agreements |= _load(s, chunk)
    return [agreements[row_id] for row_id in ids if row_id in agreements]


def with_texts(
    s: Session, parties: Collection[tuple[str, ...]], state: TextState
) -> list[Agreement]:
    """Return the agreements of exactly these parties whose texts are in this state."""
    codes = {code for party in parties for code in party}
    in_state = _WITH_TEXTS.where(Agreements.text_state == state)
    ids = {row.id for row in sql.rows_of(s, in_state, codes)}
    return [
        agreement for agreement in load_agreements(s, sorted(ids)) if agreement.parties in parties
    ]


_WITH_TEXTS = (
    select(Agreements.id)
    .join(AgreementParties, AgreementParties.agreement_id == Agreements.id)
    .where(AgreementParties.party.in_(sql.IDS))
)


def _load(s: Session, ids: Sequence[int]) -> dict[int, Agreement]:
    documents: dict[tuple[int, int | None], list[int]] = {}
    listed: dict[int, list[int]] = {}
    for agreement_id, position, document_id, is_row in s.execute(_REPORTS_OF, {"ids": ids}):
        documents.setdefault((agreement_id, position), []).append(document_id)
        if is_row:
            listed.setdefault(agreement_id, []).append(document_id)
    histories: dict[int, list[Step]] = {}
    for agreement_id, position, status, on, quote, expected_on in s.execute(
        _STEPS_OF, {"ids": ids}
    ):
        reports = tuple(documents.get((agreement_id, position), ()))
        step = Step(Status(status) if status else None, on, quote, reports, expected_on)
        histories.setdefault(agreement_id, []).append(step)
    rows = s.execute(_AGREEMENTS_OF, {"ids": ids})
    agreements = {}
    for row in rows:
        of_others = {
            "id": f"A{row.id}",
            "history": histories.get(row.id, ()),
            "mentions": documents.get((row.id, None), ()),
            "listed": sorted(listed.get(row.id, ())),
            "provisions": row.provisions or (),  # None: stored before they were read
        }
        agreements[row.id] = record_of(Agreement, row._asdict() | of_others)
    return agreements


_REPORTS_OF = (
    select(Reports.agreement_id, Reports.step, Reports.document_id, Reports.listed)
    .where(Reports.agreement_id.in_(sql.IDS))
    .order_by(Reports.agreement_id, Reports.position, Reports.document_id)
)
_STEPS_OF = (
    select(
        Steps.agreement_id, Steps.position, Steps.status, Steps.on, Steps.quote, Steps.expected_on
    )
    .where(Steps.agreement_id.in_(sql.IDS))
    .order_by(Steps.agreement_id, Steps.position)
)
_AGREEMENTS_OF = select(sql.plain(Agreements)).where(Agreements.id.in_(sql.IDS))


def reported_among(s: Session, agreement_ids: Iterable[str]) -> set[str]:
    """Return those of these agreements that have a published report."""
    ids = map(number, agreement_ids)
    is_reported = Agreements.listed_only.is_(False)
    return {
        f"A{one}" for one in sql.values_among(s, Agreements.id, Agreements.id, ids, is_reported)
    }


# --- whether the register has changed -------------------------------------------------------------
#
# The stamp is a random word that changes with the register: a process that keeps a part of the
# register in memory compares stamps to see whether another process has changed it since.


def recall(s: Session) -> object | None:
    """Take what this process has in memory of the register, unless the register has changed. Put it
    back by `remember`, since an error on the way may leave it inconsistent.
    """
    stamped, memory = process_cache(s).pop(_MEMORY, (None, None))
    return memory if stamped == stamp(s) else None


def remember(s: Session, memory: object) -> None:
    """Keep what was read of the register as it is now; after a rollback it is of no use."""
    process_cache(s)[_MEMORY] = stamp(s), memory


_MEMORY = "register"

_STAMP = select(RegisterStamp.stamp)
_DECIDED = select(func.max(Decisions.id), func.max(Decisions.undone_at))


def stamp(s: Session) -> str | None:
    return s.scalar(_STAMP)


def shown_stamp(s: Session) -> str:
    """A text that changes whenever readers see another register, given names included."""
    last, undone_at = s.execute(_DECIDED).one()
    return f"{stamp(s)} {last} {undone_at}"


def restamp(s: Session) -> str:
    """Replace the stamp, because the register or its input has changed, and return the new one."""
    word = secrets.token_hex(16)
    sql.put(s, RegisterStamp, id=1, stamp=word)
    return word
