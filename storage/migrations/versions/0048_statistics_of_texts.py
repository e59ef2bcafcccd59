"""PostgreSQL counts the newest texts anew after each hundredth that is added: it plans searches of the newest documents
by these counts"""

from alembic import op


revision = "0048"
down_revision = "0047"
branch_labels = None
depends_on = None


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE texts SET (autovacuum_analyze_scale_factor = 0.01)")


def downgrade() -> None:
    raise NotImplementedError("a database does not go back: restore the backup made before the upgrade")
