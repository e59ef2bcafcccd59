"""Filling in the forms of a page, as a browser without script does."""

from __future__ import annotations

from html.parser import HTMLParser
from urllib.parse import urlencode

from tests.scheduler.web.site.running import Answer, Site

Fields = list[tuple[str, str]]


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: dict[str, Fields] = {}
        self._fields: Fields | None = None
        self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._fields = self.forms.setdefault(found["action"], [])
        elif self._fields is None:
            return
        elif tag == "input" and (
            found.get("type") not in ("checkbox", "radio") or "checked" in found
        ):
            self._fields.append((found["name"], found.get("value", "")))
        elif tag == "select":
            self._select = found["name"]
        elif tag == "option" and "selected" in found:
            self._fields.append((self._select, found["value"]))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._fields = None


def form_in(shown: Answer, action: str) -> Fields:
    """What a browser would send of the form to this address, if nobody touched it."""
    parser = _Forms()
    parser.feed(shown.text)
    return parser.forms[action]


def send(site: Site, action: str, fields: Fields, **headers: str) -> Answer:
    sent = {"Content-Type": "application/x-www-form-urlencoded", **headers}
    return site.post(action, urlencode(fields), sent)


def fill(fields: Fields, **values: str) -> Fields:
    """The form with other values; a value of a field that may stand several times is added."""
    unchanged = [(name, value) for name, value in fields if name not in values]
    return [*unchanged, *values.items()]
