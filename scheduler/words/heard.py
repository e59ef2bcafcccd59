"""Who reported an agreement first, and where its text is, in words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

from scheduler.words.labels import Labels
from scheduler.words.lines import isolated, line
from storage.records import TextState
from storage.register.records import Agreement, FirstVoice, Heard, Lead

_LONGEST = 80


def voice_sentences(voice: FirstVoice, words: Labels) -> Iterator[str]:
    """Yield who was first and when, how long before the next outlet, and before the first official
    source. `words` are those of the page.
    """
    first = _named(voice.outlet, words)
    yield words.say("page.first_voice.first", outlet=first, day=words.day(voice.on))
    if voice.next is None:
        yield words.say("page.first_voice.alone")
    else:
        yield _led(voice.next, "", words)
    if voice.is_official:
        yield words.say("page.first_voice.is_official")
    elif voice.official is None:
        yield words.say("page.first_voice.no_official")
    else:
        yield _led(voice.official, "official_", words)


def tells_hours(voice: FirstVoice) -> bool:
    """Whether one of the sentences counts hours."""
    return any(lead and lead.days in (0, 1) and lead.hours for lead in (voice.next, voice.official))


def _led(lead: Lead, kind: str, words: Labels) -> str:
    outlet = _named(lead.outlet, words)
    if lead.hours and lead.days in (0, 1):
        return words.count(f"page.first_voice.{kind}hours", lead.hours, outlet=outlet)
    if lead.days is None:
        return words.say(f"page.first_voice.{kind}undated", outlet=outlet)
    if lead.days == 0:
        return words.say(f"page.first_voice.{kind}same_day", outlet=outlet)
    return words.count(f"page.first_voice.{kind}days", lead.days, outlet=outlet)


def text_sentence(agreement: Agreement, heard: Heard, words: Labels) -> str:
    """Return where and when the text was published, or where none was found and since when that is
    watched; "" before it was signed, and where nothing is watched.
    """
    if agreement.text_state is TextState.PUBLISHED:
        where = isolated(line(host(heard.text_url or ""), _LONGEST), words.direction)
        return words.say("page.published_text.published", where=where, day=words.day(heard.text_on))
    watched = [_watched(day, hosts, words) for day, hosts in heard.watched]
    if not watched:
        return ""
    return words.say("page.published_text.missing", watched=words.say("comma").join(watched))


def _watched(day: date, hosts: Iterable[str], words: Labels) -> str:
    named = words.say("comma").join(isolated(one, words.direction) for one in hosts)
    return words.say("page.published_text.watched", hosts=named, day=words.day(day))


def host(url: str) -> str:
    """Return the host of an address as it is shown: "treaties.un.org"."""
    return url.partition("://")[2].partition("/")[0].rpartition("@")[2].removeprefix("www.") or url


def _named(outlet: str, words: Labels) -> str:
    name = line(outlet, _LONGEST) or words.say("certainty.unknown_outlet")
    return isolated(name, words.direction)
