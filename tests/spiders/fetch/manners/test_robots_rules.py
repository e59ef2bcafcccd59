from __future__ import annotations

import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st
from protego import Protego

from spiders.fetch.manners.robots import MAX_BYTES, MAX_RULES, TooManyRules, read_rules

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
    found = read_rules(body, _AGENT)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert not found.can_fetch("https://a.org/1999", _AGENT)
    assert most < 100 * len(body)


def test_what_follows_the_first_500_kb_is_left_out_by_whole_lines() -> None:
    start = b"User-agent: *\nDisallow: /first\n"
    filling = b"#" * (MAX_BYTES - len(start) - 12)
    found = read_rules(start + filling + b"\nDisallow: /private\nDisallow: /late\n", _AGENT)
    answers = {
        path: found.can_fetch(f"https://a.org{path}", _AGENT)
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
