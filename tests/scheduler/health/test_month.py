"""A small replayed month: what breaks is named, and what is well is not accused."""

from __future__ import annotations

from benchmarks.coverage_month import FAILURES, replay

KINDS = ("undated feed", "list cut to a third", "feed became HTML")


def test_planted_failures_are_named_and_healthy_sources_are_not_accused() -> None:
    failures = [one for one in FAILURES if one.kind in KINDS]
    outcome = replay(3, 2, failures, 16)
    assert [one.failure.kind for one in outcome.planted if one.named_at is None] == []
    assert outcome.accused == []
    assert all(one.others == [] for one in outcome.planted)
