"""Validators for conditional requests."""

from __future__ import annotations

from storage.database.session import Database
from storage.sources.manners import Validators, save_validators, validators
from tests.storage.given import NOW


def test_validators_are_kept_by_address(database: Database) -> None:
    long = "https://news.example/" + "x" * 5_000
    with database.begin() as s:
        assert validators(s, long) == Validators()
        save_validators(s, long, '"a"', None, "hash", now=NOW)
        save_validators(s, long, '"b"', "Tue, 10 Mar 2026 10:00:00 GMT", "hash", now=NOW)
        kept = Validators('"b"', "Tue, 10 Mar 2026 10:00:00 GMT", "hash", saved_at=NOW)
        assert validators(s, long) == kept
        save_validators(s, long, '"b"', None, "other", now=NOW, lied=True)
        save_validators(s, long, '"b"', None, "hash", now=NOW)
        assert validators(s, long).distrusted_at == NOW
