"""Texts that were decoded with the wrong character set."""

from __future__ import annotations

import pytest

from crawler.extract.garbled import is_garbled

FRENCH = "Le ministre a signé l’accord à Niamey ; la réunion s’est tenue « très tôt » le 3 février."
ARABIC = "وقع الوزيران اتفاقا بشأن الهجرة في الرباط صباح الثلاثاء."
PORTUGUESE = "DECLARAÇÃO SOBRE MIGRAÇÃO: A REUNIÃO DE SÃO TOMÉ NÃO TERMINOU."


@pytest.mark.parametrize("text", [FRENCH, ARABIC])
def test_utf_8_that_was_read_as_windows_1252_is_garbled(text: str) -> None:
    assert is_garbled(text.encode().decode("cp1252", "replace"))


@pytest.mark.parametrize("text", [FRENCH, ARABIC, PORTUGUESE, ""])
def test_a_text_in_its_own_letters_is_not(text: str) -> None:
    assert not is_garbled(text)


def test_one_broken_character_in_a_long_text_is_not() -> None:
    assert not is_garbled(FRENCH * 20 + "\ufffd")
