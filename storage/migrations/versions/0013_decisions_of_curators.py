"""Decisions of their own, which can be undone; pins belong to one"""

from collections.abc import Hashable, Sequence
from itertools import groupby
from typing import Any

import sqlalchemy as sa
from alembic import op


revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

AT = sa.DateTime(timezone=True)
OLD_PINS = sa.table(
    "pins",
    *(sa.column(name) for name in ("id", "kind", "document_id", "other_document_id", "field", "value", "who", "why")),
    sa.column("at", AT),
)


def upgrade() -> None:
    # No alteration that both databases know adds a foreign key to a table: it is made anew.
    old = list(op.get_bind().execute(sa.select(OLD_PINS).order_by(OLD_PINS.c.id)))
    op.drop_table("pins")
    decisions = op.create_table(
        "decisions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("agreement_id", sa.Integer(), nullable=True),
        sa.Column("other_agreement_id", sa.Integer(), nullable=True),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("at", AT, nullable=False),
        sa.Column("undone_at", AT, nullable=True),
        sa.Column("undone_by", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decisions")),
        sqlite_autoincrement=True,
    )
    pins = make_pins()
    for _, group in groupby(old, key=decided_together):
        own = list(group)
        first = own[0]
        values = {"kind": kind_of(own), "who": first.who, "why": first.why, "at": first.at}
        number = op.get_bind().execute(sa.insert(decisions).values(values).returning(decisions.c.id)).scalar_one()
        op.bulk_insert(pins, [new_pin(pin, number) for pin in own])


def make_pins() -> sa.Table:
    pins = op.create_table(
        "pins",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("decision_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("document_id", sa.Integer(), nullable=False),
        sa.Column("other_document_id", sa.Integer(), nullable=True),
        sa.Column("field", sa.Text(), nullable=True),
        sa.Column("value", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["decision_id"], ["decisions.id"], name=op.f("fk_pins_decision_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["document_id"], ["documents.id"], name=op.f("fk_pins_document_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["other_document_id"], ["documents.id"], name=op.f("fk_pins_other_document_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pins")),
    )
    for column in ("decision_id", "document_id", "other_document_id"):
        op.create_index(op.f(f"ix_pins_{column}"), "pins", [column])
    return pins


def decided_together(pin: Any) -> Hashable:
    """Links of one moment by one person are one decision; a correction or a document ruled out is
    one by itself.
    """
    of_links = pin.kind in ("must_link", "cannot_link")
    return (pin.who, pin.why, pin.at, "links" if of_links else pin.id)


def kind_of(pins: Sequence[Any]) -> str:
    kinds = {pin.kind for pin in pins}
    leaving = {pin.document_id for pin in pins if pin.kind == "cannot_link"}
    if kinds == {"must_link"}:
        return "merge"
    if kinds == {"must_link", "cannot_link"} and len(leaving) == 1:
        return "move"
    return {"field": "correct", "irrelevant": "irrelevant"}.get(pins[0].kind, "split")


def new_pin(pin: Any, decision_id: int) -> dict[str, Any]:
    kept = {name: getattr(pin, name) for name in ("kind", "document_id", "other_document_id", "field", "value")}
    return kept | {"decision_id": decision_id}


def downgrade() -> None:
    raise NotImplementedError("a database does not go back: restore the backup made before the upgrade")
