"""Words that are written as the field's own, and are another word, are none of these."""

from __future__ import annotations

import pytest

from crawler.judgement.text.reading import complete, read
from tests.crawler.judgement.card.test_status import _lexicon


@pytest.mark.parametrize(
    ("language", "text", "concept", "is_meant"),
    [
        ("en", "The ruling deals another blow to London.", "instrument.loose", False),
        ("en", "Judges deal a severe blow to Cairo.", "instrument.loose", False),
        ("en", "Oslo and Accra deals were another success.", "instrument.loose", True),
        ("es", "Denuncian el trato a los migrantes.", "instrument.loose", False),
        ("es", "Piden un trato digno para los refugiados.", "instrument.loose", False),
        ("es", "Oslo y Acra cierran un trato.", "instrument.loose", True),
        ("it", "Si tratta di migranti e di visti.", "topic.trafficking_smuggling", False),
        ("it", "Lotta alla tratta di migranti.", "topic.trafficking_smuggling", True),
    ],
)
def test_a_verb_or_another_noun_is_no_word_of_the_field(
    language: str, text: str, concept: str, is_meant: bool
) -> None:
    whole = complete(read("", text, language, _lexicon()), _lexicon())
    assert (concept in whole.hits) == is_meant
