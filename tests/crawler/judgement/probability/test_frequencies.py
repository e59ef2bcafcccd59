"""Common forms tell little, rare ones much; what was never counted is taken to be rare."""

from __future__ import annotations

from pathlib import Path

from crawler.judgement.probability.frames import (
    Frequencies,
    load_frequencies,
    save_frequencies,
)
from crawler.judgement.text.grammar import language_folders

COUNTED = Frequencies({"en": 60_000}, {"en": {"deal": 2_000, "pact": 200, "readmission": 3}})


def test_the_rarer_a_form_the_more_it_tells() -> None:
    told = [COUNTED.telling("en", form) for form in ("deal", "pact", "readmission", "unseen")]
    assert told == sorted(told)
    assert 0 < told[0] < told[1] < told[2]
    assert told[3] == 1


def test_a_language_that_was_never_counted_takes_nothing_from_its_forms() -> None:
    assert COUNTED.telling("xx", "deal") == 1


def test_a_table_keeps_the_forms_that_are_common(tmp_path: Path) -> None:
    folder = tmp_path / "en"
    folder.mkdir()
    save_frequencies(COUNTED, folder, "en")
    kept = load_frequencies([folder])
    assert kept.having["en"] == {"deal": 2_000, "pact": 200}
    assert kept.telling("en", "deal") == COUNTED.telling("en", "deal")


def test_every_shipped_language_was_counted() -> None:
    shipped = load_frequencies(language_folders(()))
    assert sorted(shipped.documents) == ["ar", "de", "en", "es", "fr", "it", "pt"]
    assert shipped.telling("en", "deal") < shipped.telling("en", "readmission agreement")
