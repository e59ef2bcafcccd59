"""How to cite one agreement of the register: as a sentence, for BibTeX, and for RIS.

BibTeX: an entry `misc`, which old styles know, with the `url` and `urldate` of biblatex. RIS: the
type ELEC of https://refdb.sourceforge.net/manual-0.9.6/sect1-ris-format.html.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

_AUTHOR = "Accordwatch"
_SPECIAL = {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}
_SPECIAL |= {sign: f"\\{sign}" for sign in "&%$#_"}
# BibTeX counts braces that are escaped, too: a single one would end the field, or never.
_SPECIAL |= {"{": r"\textbraceleft{}", "}": r"\textbraceright{}"}
_SPACES = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class EntryCitation:
    """What is cited: an agreement `id` of the register `register`, as it was on the day `seen_on`.
    `publisher` may be "". `address` is that of its page, or of the data set; "" if there is none.
    """

    id: str
    name: str
    register: str
    publisher: str
    address: str
    seen_on: date
    language: str = "en"

    @property
    def author(self) -> str:
        return self.publisher or _AUTHOR

    def as_sentence(self) -> str:
        """A sentence, the same in all languages but for the name, which readers know."""
        seen = self.seen_on.isoformat()
        text = f"{self.author} ({self.seen_on.year}). {self.name} [{self.id}]. {self.register}."
        return _plain(f"{text} {self.address} ({seen})")

    def as_bibtex(self) -> str:
        fields = {
            "author": f"{{{_escaped(self.author)}}}",
            "title": f"{{{_escaped(self.name)}}}",
            "howpublished": _escaped(self.register),
            "year": str(self.seen_on.year),
            # what would end the braces around it is written by its code
            "url": _plain(self.address).translate({ord(c): f"%{ord(c):X}" for c in "{}\\"}),
            "urldate": self.seen_on.isoformat(),
            "note": f"Entry {self.id}, as of {self.seen_on.isoformat()}",
        }
        filled = {name: value for name, value in fields.items() if value}
        written = "".join(f"  {name} = {{{value}}},\n" for name, value in filled.items())
        return f"@misc{{accordwatch-{self.id},\n{written}}}\n"

    def as_ris(self) -> str:
        """Return a record for reference managers, in UTF-8; lines end with CR LF."""
        fields = (
            ("TY", "ELEC"),
            ("TI", self.name),
            ("AU", f"{self.author},"),  # with a comma behind it, the name is not taken apart
            ("T2", self.register),
            ("PY", str(self.seen_on.year)),
            *([("UR", self.address)] if self.address else []),
            ("Y2", f"{self.seen_on:%Y/%m/%d}"),
            ("LA", self.language),
            ("N1", f"Entry {self.id}, as of {self.seen_on.isoformat()}"),
            ("ID", f"accordwatch-{self.id}"),
            ("ER", ""),
        )
        return "".join(f"{tag}  - {_plain(value)}\r\n" for tag, value in fields)


def _escaped(text: str) -> str:
    return "".join(_SPECIAL.get(sign, sign) for sign in _plain(text))


def _plain(text: str) -> str:
    """One line, without the signs that turn the direction of a text."""
    return _SPACES.sub(" ", re.sub("[\u200e\u200f\u202a-\u202e\u2066-\u2069]", "", text)).strip()
