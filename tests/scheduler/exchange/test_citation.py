"""Citations of one agreement, as a sentence, for BibTeX and for RIS."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

from scheduler.exchange.citation import EntryCitation

CITED = EntryCitation(
    id="A17",
    name="EU–Tunisia memorandum of understanding, 2023",
    register="Register of agreements",
    publisher="",
    address="https://watch.example/agreements/A17",
    seen_on=date(2026, 11, 28),
)


def test_a_sentence_has_who_when_what_and_where() -> None:
    assert CITED.as_sentence() == (
        "Accordwatch (2026). EU–Tunisia memorandum of understanding, 2023 [A17]. "
        "Register of agreements. https://watch.example/agreements/A17 (2026-11-28)"
    )


def test_what_bibtex_would_read_as_its_own_is_escaped() -> None:
    hostile = replace(CITED, name="50 % & more_{a\n\\x ^~ $#", publisher="Lab & Co")
    found = hostile.as_bibtex()
    assert found.startswith("@misc{accordwatch-A17,\n  author = {{Lab \\& Co}},\n")
    title = r"title = {{50 \% \& more\_\textbraceleft{}a \textbackslash{}x \textasciicircum{}\textasciitilde{} \$\#}},"
    assert title in found
    assert found.count("\n") == 9
    assert found.count("{") == found.count("}")


def test_ris_has_one_line_a_field_with_its_own_line_ends() -> None:
    hostile = replace(CITED, name="a\r\nER  - \r\nTY  - b", publisher="Corridor Lab")
    lines = hostile.as_ris().split("\r\n")
    assert lines[0] == "TY  - ELEC"
    assert lines[1] == "TI  - a ER - TY - b"
    assert "AU  - Corridor Lab," in lines
    assert "Y2  - 2026/11/28" in lines
    assert lines[-2:] == ["ER  - ", ""]
    assert all(re.fullmatch(r"[A-Z][A-Z0-9]  - .*", line) for line in lines[:-1])


def test_what_has_no_address_is_cited_without_one() -> None:
    nowhere = replace(CITED, address="")
    assert nowhere.as_sentence().endswith("Register of agreements. (2026-11-28)")
    assert "url = " not in nowhere.as_bibtex()
    assert "UR  -" not in nowhere.as_ris()


def test_signs_that_turn_the_direction_are_left_out() -> None:
    turned = replace(CITED, name="\u2067اتفاق\u2069")
    assert "\u2067" not in turned.as_sentence() + turned.as_bibtex() + turned.as_ris()
