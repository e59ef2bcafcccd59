"""Common forms tell little, rare ones much; what was never counted is taken to be rare."""

from __future__ import annotations

from pathlib import Path

from crawler.judgement.probability.frames import Frequencies, load_frequencies, save_frequencies
from crawler.judgement.text.grammar import language_folders

COUNTED = Frequencies({"en": 60_000}, {"en": {"deal": 2_000, "pact": 200, "readmission": 3}})


def test_the_rarer_a_form_the_more_it_tells() -> None:
    rarities = [COUNTED.rarity("en", form) for form in ("deal", "pact", "readmission", "unseen")]
    assert rarities == sorted(rarities)
    assert 0 < rarities[0] < rarities[1] < rarities[2]
    assert rarities[3] == 1


def test_a_language_that_was_never_counted_takes_nothing_from_its_forms() -> None:
    assert COUNTED.rarity("xx", "deal") == 1


def test_a_table_keeps_the_forms_that_are_common(tmp_path: Path) -> None:
    folder = tmp_path / "en"
    folder.mkdir()
    save_frequencies(COUNTED, folder, "en")
    stored = load_frequencies([folder])
    assert stored.having["en"] == {"deal": 2_000, "pact": 200}
    assert stored.rarity("en", "deal") == COUNTED.rarity("en", "deal")


def test_every_shipped_language_was_counted() -> None:
    shipped = load_frequencies(language_folders(()))
    assert sorted(shipped.documents) == ["ar", "de", "en", "es", "fr", "it", "pt"]
    assert shipped.rarity("en", "deal") < shipped.rarity("en", "readmission agreement")
