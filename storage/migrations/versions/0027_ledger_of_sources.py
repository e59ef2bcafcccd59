"""What was counted of each source, day by day"""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op


revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

COUNTED = ("polls", "polls_failed", "offered", "new", "again", "fetched", "matched", "reviewed")
COUNTED_OF_STORED = ("titled", "dated", "dated_ahead", "garbled")

KEY = (("source_id", sa.Text()), ("on", sa.Date()))


def upgrade() -> None:
    op.create_table(
        "source_days",
        *(sa.Column(name, kind, nullable=False) for name, kind in KEY),
        sa.Column("quarter", sa.Integer(), nullable=False, autoincrement=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in COUNTED + COUNTED_OF_STORED),
        sa.Column("log_length", sa.Double(), nullable=False),
        sa.Column("log_length_squared", sa.Double(), nullable=False),
        sa.Column("newest_on", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("source_id", "on", "quarter", name=op.f("pk_source_days")),
    )
    op.create_table(
        "source_day_counts",
        *(sa.Column(name, kind, nullable=False) for name, kind in KEY),
        sa.Column("quarter", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("what", sa.String(length=16), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint(
            "source_id", "on", "quarter", "what", "name", name=op.f("pk_source_day_counts")
        ),
    )
    for table in ("source_days", "source_day_counts"):
        op.create_index(f"ix_{table}_on", table, ["on"])
    take_over_open_rows()


def take_over_open_rows() -> None:
    """What is open on the frontier was offered before anything was counted: it is looked at again,
    as far as the sums go."""
    names = (*COUNTED, *COUNTED_OF_STORED, "log_length", "log_length_squared")
    listed = ", ".join(f"{name}" for name in names)
    values = ", ".join("count(*)" if name == "again" else "0" for name in names)
    op.get_bind().execute(
        sa.text(
            f'INSERT INTO source_days (source_id, "on", quarter, {listed}) '
            f"SELECT source_id, :today, 0, {values} FROM frontier "
            "WHERE state IN ('waiting', 'leased') GROUP BY source_id"
        ).bindparams(sa.bindparam("today", datetime.now(UTC).date(), type_=sa.Date()))
    )


def downgrade() -> None:
    raise NotImplementedError("a database does not go back: restore the backup made before the upgrade")
