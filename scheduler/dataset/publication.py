"""What a data set says of itself: title, version, who publishes it, and what it was made from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from storage.records import Source

NAME = "accordwatch-register"
TITLE = "Register of migration-cooperation agreements"
DESCRIPTION = (
    "Agreements on migration between states and international bodies, as news and official pages "
    "report them: each with its steps, its parties and the reports that are the evidence. The "
    "register is made by Accordwatch, which judges documents by rules, and corrected by people."
)
KEYWORDS = ("migration", "international agreements", "readmission", "bilateral agreements")


@dataclass(frozen=True, slots=True)
class Publication:
    """`rules` is the version of the rules; `chosen` says which filters it was made with, if any.

    `license` is an SPDX identifier or an address. What the owner did not configure is "".
    """

    created_at: datetime
    rules: str
    sources: Sequence[Source] = ()
    chosen: str = ""
    title: str = TITLE
    publisher: str = ""
    license: str = ""
    address: str = ""

    @property
    def version(self) -> str:
        """The day and the rules: the same register judged by other rules is another version."""
        return f"{self.created_at:%Y-%m-%d}+rules.{self.rules}"

    @property
    def license_is_address(self) -> bool:
        return self.license.startswith(("http://", "https://"))

    @property
    def description(self) -> str:
        return f"{DESCRIPTION} Only a part: {self.chosen}." if self.chosen else DESCRIPTION
