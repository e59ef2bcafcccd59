"""Where sentences and paragraphs end, in the original text."""

from __future__ import annotations

import re

# A run of closing marks, then blanks; the look-behind keeps the search linear on a megabyte of dots.
_STOP = re.compile(r"(?<![.!?…؟])[.!?…؟۔]++[\"'”’»)\]›]*+(?=\s)|\n")
_INITIAL = re.compile(r"(?:^|[\s.(«\"'’])[^\W\d_]$")
_ABBREVIATION = re.compile(
    r"(?:^|[\s('’«])(?:mr|mrs|ms|dr|prof|gen|col|lt|sgt|capt|st|ste|no|nr|art|sr|sra|srta|dra|gral|lic|ing|sig|dott|on|mme|mm|mlle|"
    r"bzw|ca|z|vgl|etc|vs|inc|u|d|abs|hr|fr|jan|feb|aug|sept|sep|oct|okt|nov|dec|dez|janv|févr|juil|approx|rev|hon|sen|rep|gov|min)$",
    re.IGNORECASE,
)
_ORDINAL = re.compile(r"(?:^|\s)\d{1,2}$")  # German "am 3. Juli"


def boundaries(text: str, language: str) -> list[tuple[int, bool]]:
    """Where a new sentence starts, in order: index into `text`, and whether a new line makes it."""
    found = []
    for stop in _STOP.finditer(text):
        start, end = stop.span()
        if text[start] == "\n":
            found.append((end, True))
        elif text[start:end] != "." or not _is_no_end(text, start, end, language):
            found.append((end, False))
    return found


def _is_no_end(text: str, dot: int, end: int, language: str) -> bool:
    before = text[max(0, dot - 12) : dot]
    following = text[end : end + 3].lstrip()[:1]
    if following and following.islower():
        return True
    if language == "de" and _ORDINAL.search(before):
        return True
    return bool(_INITIAL.search(before) or _ABBREVIATION.search(before))
