from __future__ import annotations

import tracemalloc
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from protego import Protego

from spiders.fetch.refusals import Refusal
from spiders.fetch.robots import (
    MAX_BYTES,
    MAX_RULES,
    TooManyRules,
    failing,
    holds_while_failing,
    is_fresh,
    learned,
    lifetime,
    our_lines,
    read_robots,
)
from storage.sources.tables import CachedRobots

URL = "https://a.org/robots.txt"


def read_rules(body: bytes, agent: str) -> Protego:
    return Protego.parse(our_lines(body, agent))


def allowed(status: int, body: bytes, path: str = "/x") -> bool:
    try:
        read_robots(status, body, URL).check(f"https://a.org{path}")
    except Refusal:
        return False
    return True


@pytest.mark.parametrize("status", [401, 403, 404, 410])
def test_a_missing_file_allows_everything(status: int) -> None:
    assert allowed(status, b"User-agent: *\nDisallow: /")


@pytest.mark.parametrize("status", [429, 500, 502, 503])
def test_a_failing_server_allows_nothing(status: int) -> None:
    with pytest.raises(Refusal) as refusal:
        read_robots(status, b"", URL).check("https://a.org/x")
    assert refusal.value.reason == "robots_unreachable"
    assert refusal.value.transient


def test_rules_for_us_come_before_rules_for_all() -> None:
    body = b"User-agent: *\nAllow: /\n\nUser-agent: accordwatch\nDisallow: /private/\n"
    assert allowed(200, body)
    assert not allowed(200, body, "/private/x")


def test_the_longest_rule_decides() -> None:
    body = b"User-agent: *\nDisallow: /news\nAllow: /news/public\n"
    assert not allowed(200, body, "/news/x")
    assert allowed(200, body, "/news/public/x")


def test_a_web_page_instead_of_rules_forbids_nothing() -> None:
    assert allowed(200, b"<html><body>Welcome \xff</body></html>")


def test_a_file_with_too_many_rules_for_us_allows_nothing() -> None:
    body = b"User-agent: *\n" + b"".join(
        b"Disallow: /%d\n" % number for number in range(MAX_RULES + 1)
    )
    with pytest.raises(Refusal, match="more than the limit of 10000") as refusal:
        read_robots(200, body, URL).check("https://a.org/x")
    assert refusal.value.reason == "robots_unreachable"


_AGENT = "Accordwatch"
_PATHS = ("/", "/news", "/news/public", "/private/x.html", "/a?b=c")
_LINES = st.sampled_from(
    [
        *(
            f"User-agent: {name}"
            for name in ("*", "Accordwatch", "accord", "ACCORDWATCH*", "Otherbot", "watch")
        ),
        *(
            "user agent Accordwatch",
            "Useragent:*",
            "User-agent:",
            "User-agent: **",
            "  USER-AGENT : accordwatch  # us",
        ),
        *(
            f"{field}: {path}"
            for field in ("Disallow", "Allow")
            for path in ("", "/", "/news", "/*.html$", "/private/")
        ),
        *(
            "Dissallow: /news",
            "Crawl-delay: 3",
            "Sitemap: https://a.org/s.xml",
            "Host: a.org",
            "",
            "# a word",
            "nonsense",
        ),
    ]
)


@given(st.lists(_LINES, max_size=14))
def test_it_answers_as_the_whole_file_does(lines: list[str]) -> None:
    text = "\n".join(lines)
    whole, ours = Protego.parse(text), read_rules(text.encode(), _AGENT)
    answers = [ours.can_fetch(f"https://a.org{path}", _AGENT) for path in _PATHS]
    assert answers == [whole.can_fetch(f"https://a.org{path}", _AGENT) for path in _PATHS]
    assert ours.crawl_delay(_AGENT) == whole.crawl_delay(_AGENT)


def test_many_agents_with_many_rules_take_little_memory() -> None:
    agents = "".join(f"User-agent: bot{number}\n" for number in range(2_000))
    rules = "".join(f"Disallow: /{number}\n" for number in range(2_000))
    body = f"{agents}User-agent: *\n{rules}".encode()
    tracemalloc.start()
    protego = read_rules(body, _AGENT)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert not protego.can_fetch("https://a.org/1999", _AGENT)
    assert most < 100 * len(body)


def test_what_follows_the_first_500_kb_is_left_out_by_whole_lines() -> None:
    start = b"User-agent: *\nDisallow: /first\n"
    filling = b"#" * (MAX_BYTES - len(start) - 12)
    protego = read_rules(start + filling + b"\nDisallow: /private\nDisallow: /late\n", _AGENT)
    answers = {
        path: protego.can_fetch(f"https://a.org{path}", _AGENT)
        for path in ("/first", "/private", "/late", "/x")
    }
    assert answers == {"/first": False, "/private": True, "/late": True, "/x": True}


def test_more_rules_than_are_read_are_an_error() -> None:
    rules = [f"Disallow: /{number}" for number in range(MAX_RULES)]
    assert not read_rules("\n".join(["User-agent: *", *rules]).encode(), _AGENT).can_fetch(
        "https://a.org/7", _AGENT
    )
    with pytest.raises(TooManyRules):
        read_rules("\n".join(["User-agent: *", *rules, "Allow: /"]).encode(), _AGENT)


@pytest.mark.parametrize(
    "name",
    [
        "Accordwatch/0.1",
        "accordwatch 0.1",
        "Accordwatch News",
        "ACCORDWATCH(+https://a.org)",
        "Accordwatch*",
    ],
)
def test_our_name_ends_where_its_letters_end(name: str) -> None:
    body = f"User-agent: {name}\nDisallow: /\nUser-agent: *\nDisallow:\n".encode()
    assert not read_rules(body, _AGENT).can_fetch("https://a.org/news", _AGENT)


@pytest.mark.parametrize(
    "name", ["Accordwatch-News", "Accordwatcher", "a1", "Other Accordwatch", "x/accordwatch"]
)
def test_the_names_of_others_are_not_ours(name: str) -> None:
    body = f"User-agent: {name}\nDisallow: /\n".encode()
    assert read_rules(body, _AGENT).can_fetch("https://a.org/news", _AGENT)


@pytest.mark.parametrize(
    "line",
    [
        "Noindex: /x",
        "Content-Signal: ai-train=no",
        "Clean-param: a /b",
        "what is this",
        "Sitemap: /s.xml",
        "",
    ],
)
@pytest.mark.parametrize("order", [("Accordwatch", "Otherbot"), ("Otherbot", "Accordwatch")])
def test_an_unknown_line_between_names_does_not_part_them(
    line: str, order: tuple[str, str]
) -> None:
    first, second = order
    body = f"User-agent: {first}\n{line}\nUser-agent: {second}\n{line}\nDisallow: /\n".encode()
    assert not read_rules(body, _AGENT).can_fetch("https://a.org/news", _AGENT)


@pytest.mark.parametrize(
    "rule", ["Disallow: /", "Disalow: /", "Diasllow: /", "disallaw : /", "disallow /"]
)
def test_a_rule_parts_groups_however_it_is_spelt(rule: str) -> None:
    body = f"User-agent: Otherbot\n{rule}\nUser-agent: Accordwatch\nDisallow: /private\n".encode()
    assert read_rules(body, _AGENT).can_fetch("https://a.org/news", _AGENT)
    ours = read_rules(f"User-agent: Accordwatch\n{rule}\n".encode(), _AGENT)
    assert not ours.can_fetch("https://a.org/news", _AGENT)


NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
RULES = "User-agent: *\nDisallow: /x"


@pytest.mark.parametrize(
    ("cache_control", "hours"),
    [
        ("", 24),
        ("public", 24),
        ("max-age=7200", 2),
        ('public, max-age="7200"', 2),
        ("max-age=60", 1),
        ("max-age=0, no-cache", 1),
        ("no-store", 1),
        ("max-age=31536000", 24),
        ("s-maxage=60", 24),
        ("max-age=999999999999999999", 24),
        ("max-age=soon", 24),
    ],
)
def test_a_file_is_good_for_as_long_as_its_server_says_within_an_hour_and_a_day(
    cache_control: str, hours: int
) -> None:
    assert lifetime(cache_control) == timedelta(hours=hours)


def test_a_kept_file_is_used_for_a_day() -> None:
    cached = learned("https://a.example:443", RULES, NOW, "")
    assert is_fresh(cached, NOW + timedelta(hours=23, minutes=59))
    assert not is_fresh(cached, NOW + timedelta(hours=24))
    assert not is_fresh(cached, NOW - timedelta(hours=1))  # a clock was set back
    assert not is_fresh(CachedRobots("https://a.example:443"), NOW)


def test_a_file_that_fails_stops_us_for_half_a_day_then_the_last_copy_holds_again() -> None:
    cached = failing(learned("https://a.example:443", RULES, NOW, ""), NOW + timedelta(days=1))
    assert not is_fresh(cached, NOW + timedelta(hours=1))
    assert not holds_while_failing(cached, NOW + timedelta(days=1, hours=11))
    again = failing(cached, NOW + timedelta(days=1, hours=12))
    assert holds_while_failing(again, NOW + timedelta(days=1, hours=12))
    assert again.rules == RULES
    assert not holds_while_failing(again, NOW + timedelta(days=31))


def test_a_file_that_was_never_read_allows_nothing_however_long_it_fails() -> None:
    cached = failing(CachedRobots("https://a.example:443"), NOW)
    assert not holds_while_failing(cached, NOW + timedelta(days=2))
