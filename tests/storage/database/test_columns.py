"""Text as both databases take it."""

from __future__ import annotations

import json

import pytest

from storage.database.columns import storable, to_json

WELL = ["", "plain", "café", "اتفاقية", "😀 \U0010ffff", "\x01\x7f\x80\ufffd"]
BROKEN = {
    "a\x00b": "a\ufffdb",
    "é\x00": "é\ufffd",
    "a\ud800b": "a\ufffdb",
    "\udfff😀": "\ufffd😀",
    "\ud83d\ude00": "\ufffd\ufffd",
    "\x00\udc00\x00": "\ufffd\ufffd\ufffd",
}


@pytest.mark.parametrize("text", WELL)
def test_text_that_can_be_stored_stays_as_it_is(text: str) -> None:
    assert storable(text) == text
    assert to_json({text: (text, 1)}) == json.dumps({text: [text, 1]})


@pytest.mark.parametrize("text", BROKEN)
def test_each_character_that_a_database_rejects_is_replaced(text: str) -> None:
    assert storable(text) == BROKEN[text]
    assert json.loads(to_json({text: [text, 1]})) == {BROKEN[text]: [BROKEN[text], 1]}
