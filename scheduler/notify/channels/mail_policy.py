"""How header lines of a digest are broken: only between words (RFC 5322, 2.2.3).

The standard library breaks before the first word of a long subject, and turns a word of more than
78 characters into encoded words (RFC 2047). No mail program decodes those in a List-Unsubscribe or
a References header: the button would be missing and the thread broken.
"""

from __future__ import annotations

from email.header import Header
from email.policy import EmailPolicy

_LINE_LENGTH = 78
_PLAIN = (
    "in-reply-to",
    "references",
    "message-id",
    "subject",
    "list-id",
    "list-unsubscribe",
    "list-unsubscribe-post",
)


class _MailPolicy(EmailPolicy):
    def fold(self, name: str, value: str) -> str:
        """A header as the lines that are sent."""
        text = _encoded_phrase(str(value)) if name.lower() == "list-id" else str(value)
        if name.lower() in _PLAIN and text.isascii():
            return self.linesep.join(_lines(f"{name}:", text.split())) + self.linesep
        return str(super().fold(name, value))

    def fold_binary(self, name: str, value: str) -> bytes:
        """A header as the bytes that are sent."""
        if name.lower() in _PLAIN:
            return self.fold(name, value).encode()
        return bytes(super().fold_binary(name, value))


# Every server takes 7-bit bodies. Some still damage 8-bit ones, and with them a signature.
MAIL_POLICY = _MailPolicy(linesep="\r\n", cte_type="7bit")


def _lines(line: str, words: list[str]) -> list[str]:
    """`line` and the words after it, in as many lines as they need. The first word always stands in
    the first line.
    """
    lines: list[str] = []
    for position, word in enumerate(words):
        if position and len(line) + 1 + len(word) > _LINE_LENGTH:
            lines.append(line)
            line = ""
        line += f" {word}"
    return [*lines, line]


def _encoded_phrase(text: str) -> str:
    """A List-Id with its name in ASCII. Its identity stays as it is (RFC 2919)."""
    phrase, _, identity = text.rpartition(" ")
    if phrase.isascii():
        return text
    header = Header(phrase, "utf-8", maxlinelen=_LINE_LENGTH, header_name="List-Id")
    return f"{header.encode(linesep='')} {identity}"
