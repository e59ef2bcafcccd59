"""Read the dates that a text names and resolve them against the day of publication."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta

from crawler.judgement.card.mentions import DateMention, Precision
from crawler.judgement.text.reading import Hit, Reading

_YEAR = re.compile(r"(?:19|20)\d\d$")
_FIGURES = re.compile(r" (?=(\d{1,2}) (\d{1,2}) (?:((?:19|20)\d\d) )?)")
_IN_FIGURES = re.compile(r"\d{1,2}([./-])\d{1,2}\1(?:(?:19|20)\d\d)?$")
_YEARS = re.compile(r" (?=((?:19|20)\d\d) )")
_MONTHS = tuple(
    f"date.{kind}.{month}" for kind in ("month", "short-month") for month in range(1, 13)
)
_BESIDE = 2  # words between a date and what qualifies it: "le mois de mars dernier"
OLD = timedelta(days=60)  # of 87 articles with a date, none reports a step that lies further back
# Who writes "in March" without a day does not report what happened this month.
_MONTH_SLACK = timedelta(days=15)
_NEXT_MONTHS = 10  # "in January", written in November: the next one


def find_dates(reading: Reading, published_on: date | None) -> tuple[DateMention, ...]:
    years = [
        (reading.token_at(match.start() + 1), int(match.group(1)))
        for match in _YEARS.finditer(reading.folded)
    ]
    old_before = published_on - OLD if published_on else _lately(reading, years)
    months = _months(reading, published_on, old_before)
    months += _figures(reading, published_on, old_before)
    months += _feasts(reading, published_on, old_before)
    named = {token for month in months for token in range(month.token, month.last_token + 1)}
    months += [
        date_mention
        for date_mention in _of_this_month(reading, published_on)
        if named.isdisjoint(range(date_mention.token, date_mention.last_token + 1))
    ]
    taken = {token for mention in months for token in range(mention.token, mention.last_token + 1)}
    date_mentions = list(months)
    date_mentions += [
        m
        for m in weekdays(reading, published_on)
        if not taken & set(range(m.token - 2, m.last_token + 4))
    ]
    date_mentions += relative_days(reading, published_on)
    date_mentions += [
        _year(reading, token, year, published_on, old_before)
        for token, year in years
        if token not in taken
    ]
    return tuple(
        sorted(_qualified(reading, date_mentions, published_on), key=lambda mention: mention.token)
    )


def _lately(reading: Reading, years: Sequence[tuple[int, int]]) -> date | None:
    """Return a day in the latest year that a text names, without years of periods."""
    limits = {
        hit.last_token + step for hit in reading.hits.get("date.since", ()) for step in (1, 2, 3, 4)
    }
    named = [year for token, year in years if token not in limits]
    return date(max(named), 1, 1) if named else None


def _months(
    reading: Reading, published_on: date | None, old_before: date | None
) -> list[DateMention]:
    hits = sorted(
        (hit for concept in _MONTHS for hit in reading.hits.get(concept, ())),
        key=lambda hit: hit.token,
    )
    date_mentions: list[DateMention] = []
    for hit in hits:
        month = int(hit.concept.rpartition(".")[2])
        if date_mentions and _is_second_name(date_mentions[-1], hit, month):
            date_mentions[-1] = _with_year(reading, date_mentions[-1], hit, month, published_on)
            continue
        mention = _month(reading, hit, month, published_on, old_before)
        if mention is not None:
            date_mentions.append(mention)
    return date_mentions


def _figures(
    reading: Reading, published_on: date | None, old_before: date | None
) -> Iterable[DateMention]:
    """Yield days in figures, the day first: "29.11.2025", "29/11/2025", "29.11."."""
    for match in _FIGURES.finditer(reading.folded):
        year = int(match.group(3)) if match.group(3) else None
        if (year is None and not reading.grammar.dates_without_year) or not 1 <= int(
            match.group(2)
        ) <= 12:
            continue
        end = match.end(3) if year else match.end(2) + 1  # the dot behind the month is of the date
        if not _IN_FIGURES.match(reading.original(match.start(1), end)[3].strip()):
            continue
        day = _resolve(year, int(match.group(2)), int(match.group(1)), published_on)
        if day is not None:
            first = reading.token_at(match.start(1))
            old = old_before is not None and day < old_before
            last, sentence = first + (2 if year else 1), reading.sentence_of[first]
            yield DateMention(
                token=first,
                last_token=last,
                sentence=sentence,
                precision=Precision.DAY,
                day=day,
                old=old,
                ahead=is_after(day, published_on),
            )


def _feasts(
    reading: Reading, published_on: date | None, old_before: date | None
) -> Iterable[DateMention]:
    """Yield feasts that have a day of their own, the nearest to publication: "on Christmas Eve"."""
    for hit in reading.family("date.feast"):
        month, number = map(int, hit.concept.rpartition(".")[2].split("-"))
        year, last = year_after(reading, hit.last_token)
        day = _resolve(year, month, number, published_on)
        old = old_before is not None and day is not None and day < old_before
        mention = _mention(hit, Precision.DAY, day, ahead=is_after(day, published_on))
        yield mention._replace(last_token=last, old=old)


def _of_this_month(reading: Reading, published_on: date | None) -> Iterable[DateMention]:
    """Yield days without a month: "le 12 courant", "no passado dia 12", "يوم 12 من الشهر الجاري".
    They are of the month of publication; what is only called a day is the latest such day, and may
    be one to come, like a weekday.
    """
    if published_on is None:
        return
    read: set[int] = set()  # the tokens of numbers
    for hit in reading.hits.get("date.this-month", ()):
        number, first = day_ending(reading, hit.token - 1)
        if number is not None and reading.sentence_of[first] == hit.sentence:
            read.update(range(first, hit.token))
            day = _day_of(published_on.year, published_on.month, number)
            mention = _mention(hit, Precision.DAY, day, ahead=is_after(day, published_on))
            yield mention._replace(token=first)
    coming = _tokens(reading, "date.ahead")
    for hit in reading.hits.get("date.day-number", ()):
        token = hit.last_token + 1
        number = number_at(reading, token)
        if number is None or token in read or hit.token - 1 in coming:
            continue
        if reading.sentence_of[token] == hit.sentence:
            day = _latest_day(published_on, number)
            yield _mention(hit, Precision.WEEKDAY, day)._replace(last_token=token)


def _latest_day(published_on: date, number: int) -> date | None:
    """Return the last day with this number, up to that of publication."""
    before = published_on.replace(day=1) - timedelta(days=1)
    this = _day_of(published_on.year, published_on.month, number)
    if this is not None and this <= published_on:
        return this
    return _day_of(before.year, before.month, number)


def _is_second_name(before: DateMention, hit: Hit, month: int) -> bool:
    """Return whether this is the same month in another calendar: "20 أكتوبر/تشرين الأول"."""
    return (
        hit.token == before.last_token + 1
        and before.hit is not None
        and before.hit.concept.endswith(f".{month}")
    )


def _with_year(
    reading: Reading, before: DateMention, hit: Hit, month: int, published_on: date | None
) -> DateMention:
    year, last = year_after(reading, hit.last_token)
    day = before.day
    if year is not None and day is not None:
        day = _day_of(year, month, day.day)
    elif year is not None and published_on is None and before.precision is Precision.DAY:
        day = _day_of(year, month, number_at(reading, before.token) or 0)
    return before._replace(last_token=last, day=day)


def _month(
    reading: Reading, hit: Hit, month: int, published_on: date | None, old_before: date | None
) -> DateMention | None:
    number, first, last = day_beside(reading, hit)
    year, last = year_after(reading, last)
    if number is None and year is None and hit.concept.startswith("date.short-month"):
        return None
    day = None if number is None else _resolve(year, month, number, published_on)
    if number is None:
        old, ahead = _place_month(year, month, published_on, old_before)
    else:
        old = old_before is not None and (day or date(year or 9999, 12, 31)) < old_before
        ahead = is_after(day, published_on)
    precision = Precision.MONTH if number is None else Precision.DAY
    mention = _mention(hit, precision, day, ahead=ahead)
    return mention._replace(token=first, last_token=last, old=old)


def day_beside(reading: Reading, hit: Hit) -> tuple[int | None, int, int]:
    """Return the day before a month's name ("17 de julio") or, in some languages, after it ("July
    17"), None where there is none, with the first and last token of the two together.
    """
    before = hit.token - 1
    if before > 0 and reading.word(before) in reading.grammar.date_joints:
        before -= 1
    number, first = day_ending(reading, before)
    if number is not None:
        return number, first, hit.last_token
    if reading.grammar.day_after_month:
        number = number_at(reading, hit.last_token + 1)
    return number, hit.token, hit.last_token + (1 if number is not None else 0)


def year_after(reading: Reading, last: int) -> tuple[int | None, int]:
    """Return the year behind a date that ends at `last`, and the last token of the date with it."""
    for step in (1, 2):
        word = word_at(reading, last + step)
        if _YEAR.match(word):
            return int(word), last + step
        if word not in reading.grammar.date_joints:
            break
    return None, last


def _day_of(year: int, month: int, number: int) -> date | None:
    try:
        return date(year, month, number)
    except ValueError:
        return None


def _resolve(year: int | None, month: int, number: int, published_on: date | None) -> date | None:
    if year is not None:
        return _day_of(year, month, number)
    if published_on is None:
        return None
    near = (_day_of(published_on.year + shift, month, number) for shift in (-1, 0, 1))
    return min((day for day in near if day), key=lambda day: abs(day - published_on), default=None)


def _place_month(
    year: int | None, month: int, published_on: date | None, old_before: date | None
) -> tuple[bool, bool]:
    """Return whether a month, the nearest without a year, is long past or to come."""
    if year is None:
        if published_on is None:
            return False, False
        if (published_on.month - month) % 12 >= _NEXT_MONTHS:
            return False, True
        year = published_on.year if month <= published_on.month else published_on.year - 1
    end = date(year, month, monthrange(year, month)[1])
    old = old_before is not None and end - _MONTH_SLACK < old_before
    return old, is_after(end.replace(day=1), published_on)


def _year(
    reading: Reading, token: int, year: int, published_on: date | None, old_before: date | None
) -> DateMention:
    old = old_before is not None and date(year, 12, 31) < old_before
    return DateMention(
        token=token,
        last_token=token,
        sentence=reading.sentence_of[token],
        precision=Precision.YEAR,
        day=None,
        old=old,
        ahead=is_after(date(year, 1, 1), published_on),
    )


def _qualified(
    reading: Reading, mentions: Iterable[DateMention], published_on: date | None
) -> Iterable[DateMention]:
    """Mark periods ("until 31 May"), and weekdays and months beside "next" or "last"."""
    since = {hit.last_token for hit in reading.hits.get("date.since", ())}
    starts = {hit.last_token for hit in reading.hits.get("date.start", ())}
    following = _tokens(reading, "date.ahead")
    past = _tokens(reading, "date.past")
    for mention in mentions:
        around = range(mention.token - _BESIDE, mention.last_token + _BESIDE + 1)
        period = mention.token - 1 in since or mention.token - 2 in since
        opens = mention.token - 1 in starts or mention.token - 2 in starts
        mention = mention._replace(opens=opens) if opens else mention
        if mention.precision in (Precision.DAY, Precision.RELATIVE):
            yield mention._replace(period=period) if period else mention
        elif following.intersection(around):
            day = _following(mention, published_on)
            yield mention._replace(day=day, ahead=True, period=period)
        elif (
            mention.precision is Precision.WEEKDAY
            and mention.day == published_on
            and past.intersection(around)
        ):
            yield mention._replace(day=mention.day - timedelta(days=7) if mention.day else None)
        else:
            yield mention._replace(period=period) if period else mention


def _following(mention: DateMention, published_on: date | None) -> date | None:
    """Return the day of "next Friday", which nobody writes of tomorrow."""
    if mention.day is None or mention.precision is not Precision.WEEKDAY or mention.ahead:
        return mention.day
    coming = mention.day + timedelta(days=7)
    is_tomorrow = published_on is not None and coming - published_on == timedelta(days=1)
    return coming + timedelta(days=7) if is_tomorrow else coming


def _tokens(reading: Reading, concept: str) -> set[int]:
    return {token for hit in reading.hits.get(concept, ()) for token in (hit.token, hit.last_token)}


# Days from the one that is named to that of publication; None for "next week", which names no day.
_DAYS_BACK: Mapping[str, int | None] = {
    "date.tomorrow": -1,
    "date.day-after": -2,
    "date.today": 0,
    "date.yesterday": 1,
    "date.eve": 1,
    "date.day-before": 2,
    **{f"date.ago.{days}": days for days in range(3, 8)},
    "date.soon": None,
}


def weekdays(reading: Reading, published_on: date | None) -> Iterable[DateMention]:
    """Yield the weekdays that are named: the last such day, or the one of the number beside it."""
    for weekday, hit in (
        (n, hit) for n in range(7) for hit in reading.hits.get(f"date.weekday.{n}", ())
    ):
        number = number_at(reading, hit.last_token + 1)
        numbered = _numbered(published_on, weekday, number)
        named = numbered or _of_week(reading, hit, weekday, published_on)
        day = named or (
            published_on - timedelta(days=(published_on.weekday() - weekday) % 7)
            if published_on
            else None
        )
        yield _mention(hit, Precision.WEEKDAY, day, ahead=is_after(named, published_on))


def _of_week(reading: Reading, hit: Hit, weekday: int, published_on: date | None) -> date | None:
    """Return the day in the week that is named beside it: "Thursday of next week"."""
    if published_on is None:
        return None
    for concept, weeks in (("date.next-week", 1), ("date.last-week", -1)):
        if any(
            one.sentence == hit.sentence
            and (one.token == hit.last_token + 1 or 0 < hit.token - one.last_token <= _BESIDE)
            for one in reading.hits.get(concept, ())
        ):
            return published_on + timedelta(weeks=weeks, days=weekday - published_on.weekday())
    return None


def _numbered(published_on: date | None, weekday: int, number: int | None) -> date | None:
    """Return the nearest such weekday, within five weeks, on that day of a month."""
    if published_on is None or number is None:
        return None
    near = sorted(range(-35, 36), key=abs)
    days = (published_on + timedelta(days=shift) for shift in near)
    return next((day for day in days if day.weekday() == weekday and day.day == number), None)


def relative_days(reading: Reading, published_on: date | None) -> Iterable[DateMention]:
    """Yield the days that are counted from publication, and "next week", which names no day."""
    for concept, lag in _DAYS_BACK.items():
        for hit in reading.hits.get(concept, ()):
            day = None
            if published_on is not None and lag is not None:
                day = published_on - timedelta(days=lag)
            yield _mention(hit, Precision.RELATIVE, day, ahead=lag is None or lag < 0)


def _mention(
    hit: Hit, precision: Precision, day: date | None, *, ahead: bool = False
) -> DateMention:
    """Return the date that a hit is, as long as the hit itself."""
    return DateMention(
        token=hit.token,
        last_token=hit.last_token,
        sentence=hit.sentence,
        precision=precision,
        day=day,
        ahead=ahead,
        hit=hit,
    )


def is_after(day: date | None, published_on: date | None) -> bool:
    return day is not None and published_on is not None and day > published_on


# --- numbers of days, in figures and in words -----------------------------------------------------

_DAY_IN_FIGURES = re.compile(r"(\d{1,2})([^\W\d_]*)$")
_LAST = 31
_TEN = 10  # a ten alone is no day: Arabic has another word for the tenth


def word_at(reading: Reading, token: int) -> str:
    """Return the folded word at a token, or "" where the text has no such token."""
    return reading.word(token) if 0 <= token < len(reading.sentence_of) else ""


def number_at(reading: Reading, token: int) -> int | None:
    """Return a number from 1 to 31 that stands in figures at a token, or None."""
    match = _DAY_IN_FIGURES.match(word_at(reading, token))
    if match is None:
        return None
    figures, ending = match.groups()
    if ending and ending not in reading.grammar.ordinal_endings:
        return None
    number = int(figures)
    return number if 1 <= number <= _LAST else None


def day_ending(reading: Reading, token: int) -> tuple[int | None, int]:
    """Return the number of the day that ends at a token, or None, and the token where it begins."""
    number = number_at(reading, token)
    if number is not None or not reading.grammar.ordinals:
        return number, token
    tens = reading.grammar.ordinal_tens.get(word_at(reading, token), 0)
    ones = reading.grammar.ordinals.get(word_at(reading, token - 1 if tens else token), 0)
    if tens == _TEN and not ones:
        return None, token
    total = tens + ones
    first = token - 1 if tens and ones else token
    return (total if 1 <= total <= _LAST else None), first
