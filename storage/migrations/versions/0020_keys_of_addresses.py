"""Documents and offers are found by the key of their address"""

import sqlalchemy as sa
from alembic import op

from storage.database.statements import hash_of
from storage.sources.address_keys import key_hash, key_of


revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

FRONTIER = "SELECT id, url, url_hash FROM frontier ORDER BY CASE WHEN state = 'done' THEN 0 ELSE 1 END, id"
DOCUMENTS = "SELECT id, url, url_hash, identity FROM documents WHERE url IS NOT NULL ORDER BY id"


def upgrade() -> None:
    offers()
    documents()


def offers() -> None:
    """Of the offers that have become one, a row that is done stays, else the oldest."""
    connection = op.get_bind()
    taken, twins, changed = set(), [], []
    for row in connection.execute(sa.text(FRONTIER)):
        new = key_hash(row.url)
        if new in taken:
            twins.append({"id": row.id})
        elif new != row.url_hash:
            changed.append({"id": row.id, "new": new})
        taken.add(new)
    if twins:
        connection.execute(sa.text("DELETE FROM frontier WHERE id = :id"), twins)
    if changed:
        connection.execute(sa.text("UPDATE frontier SET url_hash = :new WHERE id = :id"), changed)


def documents() -> None:
    """No document goes: of those that have become one, one is found from now on."""
    connection = op.get_bind()
    rows = connection.execute(sa.text(DOCUMENTS)).all()
    taken = {row.identity for row in rows}
    hashes, identities = [], []
    for row in rows:
        new, identity = key_hash(row.url), hash_of(f"url:{key_of(row.url)}")
        if new != row.url_hash:
            hashes.append({"id": row.id, "new": new})
        if row.identity == hash_of(f"url:{row.url}") and identity not in taken:
            identities.append({"id": row.id, "new": identity})
            taken.add(identity)
    if hashes:
        connection.execute(sa.text("UPDATE documents SET url_hash = :new WHERE id = :id"), hashes)
    if identities:
        connection.execute(sa.text("UPDATE documents SET identity = :new WHERE id = :id"), identities)


def downgrade() -> None:
    raise NotImplementedError("a database does not go back: restore the backup made before the upgrade")
