"""Validators for conditional requests."""

from __future__ import annotations

from storage.database.session import Database
from storage.sources.manners import Validators, save_validators, validators
from tests.storage.given import NOW


def test_validators_are_kept_by_address(database: Database) -> None:
    long = "https://news.example/" + "x" * 5_000
    with database.begin() as s:
        assert validators(s, long) == Validators()
        save_validators(s, long, Validators('"a"', None, "hash", saved_at=NOW))
        save_validators(
            s, long, Validators('"b"', "Tue, 10 Mar 2026 10:00:00 GMT", "hash", saved_at=NOW)
        )
        kept = Validators('"b"', "Tue, 10 Mar 2026 10:00:00 GMT", "hash", saved_at=NOW)
        assert validators(s, long) == kept
        save_validators(s, long, Validators('"b"', None, "other", saved_at=NOW, distrusted_at=NOW))
        save_validators(s, long, Validators('"b"', None, "hash", saved_at=NOW))
        assert validators(s, long).distrusted_at == NOW
