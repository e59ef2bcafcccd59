from __future__ import annotations

from spiders.kinds.table import KINDS
from spiders.local.table import LOCAL_KINDS
from storage.source import LOCAL_SOURCES, SourceKind


def test_every_kind_is_read_from_the_web_from_this_machine_or_by_imap() -> None:
    assert set(LOCAL_KINDS) == set(LOCAL_SOURCES)
    assert set(KINDS) | set(LOCAL_KINDS) | {SourceKind.IMAP} == set(SourceKind)
    assert not set(KINDS) & set(LOCAL_KINDS)
