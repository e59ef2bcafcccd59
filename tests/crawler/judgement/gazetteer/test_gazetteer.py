"""The gazetteer as data: complete, consistent, and the homonyms settled."""

from __future__ import annotations

from functools import cache

import pytest
from babel import Locale

from crawler.judgement.card.mentions import GAZETTEER, load_tables
from crawler.judgement.text.lexicon import Lexicon
from crawler.judgement.text.reading import read
from storage.languages import LANGUAGES
from tests.crawler.judgement.lexicon import load_lexicon

ISO_CODES = """
    AD AE AF AG AL AM AO AR AT AU AZ BA BB BD BE BF BG BH BI BJ BN BO BR BS BT BW BY BZ CA CD CF CG
    CH CI CL CM CN CO CR CU CV CY CZ DE DJ DK DM DO DZ EC EE EG ER ES ET FI FJ FM FR GA GB GD GE GH
    GM GN GQ GR GT GW GY HN HR HT HU ID IE IL IN IQ IR IS IT JM JO JP KE KG KH KI KM KN KP KR KW KZ
    LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MG MH MK ML MM MN MR MT MU MV MW MX MY MZ NA NE NG
    NI NL NO NP NR NZ OM PA PE PG PH PK PL PT PW PY QA RO RS RU RW SA SB SC SD SE SG SI SK SL SM SN
    SO SR SS ST SV SY SZ TD TG TH TJ TL TM TN TO TR TT TV TZ UA UG US UY UZ VA VC VE VN VU WS YE ZA
    ZM ZW XK PS TW EH
"""
STATES = ISO_CODES.split()
# CLDR's name is not what newspapers write, or is another word too: "Maurice", "Grenade", Oman that
# is also Amman.
NOT_BY_CLDR = {
    ("MM", "fr"), ("MM", "en"), ("MM", "ar"), ("MM", "es"), ("MM", "it"), ("MM", "pt"),
    ("MU", "fr"), ("MU", "es"), ("MU", "pt"), ("GD", "fr"), ("GD", "es"), ("GD", "pt"),
    ("OM", "ar"), ("DM", "fr"), ("GY", "pt"), ("LC", "it"), ("CG", "es"), ("VA", "fr"),
    ("VA", "en"), ("VA", "es"), ("VA", "it"), ("VA", "pt"), ("VA", "de"),
}  # fmt: skip


@cache
def gazetteer() -> Lexicon:
    return load_lexicon(sorted(GAZETTEER.glob("*.yaml")))


def codes(text: str, language: str) -> set[str]:
    """State and body codes that a text names."""
    hits = read("", text, language, gazetteer()).hits
    kinds = ("state", "nationals", "capital", "seat", "body", "shared")
    return {concept.split(".")[1] for concept in hits if concept.split(".")[0] in kinds}


@pytest.mark.parametrize("code", STATES)
def test_every_state_has_its_name_in_every_language(code: str) -> None:
    for language in LANGUAGES:
        name = Locale(language).territories[code]
        if (code, language) not in NOT_BY_CLDR:
            assert code in codes(f"x {name} y", language), (language, name)


@pytest.mark.parametrize("code", STATES)
def test_every_state_has_a_capital_with_a_key(code: str) -> None:
    if code not in {"NR", "FM", "KI", "KN", "VC", "LC", "MH", "SM", "MC", "LU", "SG", "EH", "BE"}:
        assert any(concept.startswith(f"capital.{code}.") for concept in gazetteer().concepts), code


def test_groups_expand_to_states_of_the_gazetteer() -> None:
    concepts = gazetteer().concepts
    members = load_tables().group_members
    groups = {
        concept.removeprefix("group.") for concept in concepts if concept.startswith("group.")
    }
    assert groups == set(members)
    for codes_ in (*members.values(), load_tables().union_states):
        assert all(f"state.{code}" in concepts for code in codes_)


def test_bodies_that_contract_are_bodies() -> None:
    concepts = gazetteer().concepts
    assert all(f"body.{code}" in concepts for code in load_tables().contracting_bodies)


def test_shared_names_know_their_candidates() -> None:
    concepts = gazetteer().concepts
    shared = {
        concept.removeprefix("shared.") for concept in concepts if concept.startswith("shared.")
    }
    assert shared == set(load_tables().shared_names)


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("fr", "le ministre nigérien", {"NE"}),
        ("fr", "le ministre nigérian", {"NG"}),
        ("en", "the Nigerien and the Nigerian minister", {"NE", "NG"}),
        ("es", "el ministro nigerino y el nigeriano", {"NE", "NG"}),
        ("it", "il ministro nigerino e quello nigeriano", {"NE", "NG"}),
        ("pt", "o ministro nigerino e o nigeriano", {"NE", "NG"}),
        ("de", "der nigrische und der nigerianische Minister", {"NE", "NG"}),
        ("ar", "الوزير النيجري والوزير النيجيري", {"NE", "NG"}),
        ("en", "in the Niger Delta", set()),
        ("fr", "la Guinée équatoriale", {"GQ"}),
        ("fr", "la Guinée-Bissau", {"GW"}),
        ("fr", "la Papouasie-Nouvelle-Guinée", {"PG"}),
        ("en", "the Gulf of Guinea", set()),
        ("fr", "la République démocratique du Congo", {"CD"}),
        ("en", "South Sudan", {"SS"}),
        ("en", "Northern Ireland", set()),
        ("en", "the Indian Ocean", set()),
        ("en", "a tournament at Indian Wells", set()),
        ("fr", "l'océan Indien", set()),
        ("en", "in New Mexico and New England", set()),
        ("en", "Mexico City", {"MX"}),
        ("es", "Ciudad de Guatemala", {"GT"}),
        ("es", "la República Dominicana", {"DO"}),
        ("en", "tell us about it", set()),
        ("en", "the US and UK", {"US", "GB"}),
        ("en", "roast turkey on fine china", set()),
        ("it", "i mali del secolo", set()),
        ("it", "la riga usa la mosca", set()),
        ("es", "no irán a catar vino", set()),
        ("fr", "de l'eau à La Réunion, l'homme de Man", set()),
        ("fr", "Marocaine, marocains et marocaines", {"MA"}),
        ("de", "Türkei-Deal mit türkischen Behörden", {"TR"}),
        ("de", "Deutschkurse", set()),
        ("ar", "بلدان المغرب العربي", set()),
        ("ar", "بالمغرب وللمغرب والمغاربة", {"MA"}),
        ("ar", "دعم مالي وتقني", set()),
        ("ar", "وقعت مالي اتفاقا", {"ML"}),
        ("ar", "سلطنة عمان", {"OM"}),
        ("ar", "مسقط رأسه", set()),
        ("ar", "الاتحاد الأوربي والاتحاد الاوروبي", {"EU"}),
        ("es", "la OIM y ACNUR", {"IOM", "UNHCR"}),
        ("fr", "le Haut-Commissariat des Nations unies aux réfugiés", {"UNHCR"}),
        ("fr", "le Conseil de l'Europe", {"COE"}),
        ("fr", "les Vingt-Sept", {"EU"}),
        ("it", "a Palazzo Chigi e alla Farnesina", {"IT"}),
        ("pt", "o Itamaraty e o Planalto", {"BR"}),
        ("de", "im Kanzleramt", {"DE"}),
        ("en", "Whitehall, Malacañang and Aso Rock", {"GB", "PH", "NG"}),
        ("en", "The Washington Post and the New York Times", set()),
    ],
)
def test_names_mean_what_they_mean(language: str, text: str, expected: set[str]) -> None:
    assert codes(text, language) == expected
