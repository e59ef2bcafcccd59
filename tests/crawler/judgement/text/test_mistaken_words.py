"""Words that are written as the field's own, and are another word, are none of these."""

from __future__ import annotations

import pytest

from crawler.judgement.judge import load_rules
from crawler.judgement.text.reading import complete, read

LEXICON = load_rules().lexicon


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
    whole = complete(read("", text, language, LEXICON), LEXICON)
    assert (concept in whole.hits) == is_meant


@pytest.mark.parametrize(
    ("language", "text", "is_trap"),
    [
        ("en", "Oslo and Nauru sign a pact on climate and trade.", True),
        ("en", "Oslo offers climate refuge to residents of Nauru.", False),
        ("en", "Oslo and Nauru sign climate treaty that lets islanders settle in Norway.", False),
        ("fr", "Oslo et Nauru signent un pacte climatique et commercial.", True),
        ("fr", "Oslo et Nauru signent un pacte climatique sur l'accueil des habitants.", False),
        ("es", "Oslo y Nauru firman un pacto contra el cambio climático.", True),
        ("es", "Oslo da refugio a los habitantes de Nauru ante el cambio climático.", False),
    ],
)
def test_climate_is_a_trap_unless_residence_or_refuge_is_what_is_agreed(
    language: str, text: str, is_trap: bool
) -> None:
    whole = complete(read("", text, language, LEXICON), LEXICON)
    traps = [hit for concept in whole.hits if concept[:4] == "trap" for hit in whole.hits[concept]]
    words = [whole.original(hit.start, hit.end)[3] for hit in traps]
    assert any("clim" in word for word in words) == is_trap
