"""Each question of the documentation is answered by what it says, in chromium, by keyboard alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page

from tests.scheduler.web.site.questions.news import news
from tests.scheduler.web.site.questions.question_rows import Act, Question, questions
from tests.scheduler.web.site.running import Site, serving

MOST_ACTS = 4
MOST_TABS = 400  # more than any page has links and fields
QUESTIONS = questions()
READING = [question for question in QUESTIONS if not question.decides]
DECIDING = [question for question in QUESTIONS if question.decides]


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Page]:
    """One page for all questions: each begins at the front page again."""
    page = browser.new_page()
    yield page
    page.close()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with serving(tmp_path_factory.mktemp("site"), *news(), editor="amina") as site:
        yield site


def test_there_are_forty_questions_a_third_of_them_in_arabic_or_french() -> None:
    assert [question.number for question in QUESTIONS] == list(range(1, len(QUESTIONS) + 1))
    assert len(QUESTIONS) >= 40
    assert 3 * sum(question.language in ("ar", "fr") for question in QUESTIONS) >= len(QUESTIONS)
    assert max(len(question.acts) for question in QUESTIONS) <= MOST_ACTS


@pytest.mark.parametrize("question", READING, ids=lambda one: str(one.number))
def test_a_question_is_answered(page: Page, site: Site, question: Question) -> None:
    _answer(page, site, question)


@pytest.mark.parametrize("question", DECIDING, ids=lambda one: str(one.number))
def test_a_decision_is_taken(page: Page, tmp_path: Path, question: Question) -> None:
    with serving(tmp_path, *news(), editor="amina") as site:
        _answer(page, site, question)


def _answer(page: Page, site: Site, question: Question) -> None:
    page.goto(f"{site.url}/?lang={question.language}")
    file = ""
    for act in question.acts:
        file = _ACTS[act.verb](page, act) or file
    shown = file + page.locator("body").inner_text()
    for text in question.shown:
        assert text in shown, f"{question.question}: {text!r} is not in:\n{shown}"


def _link(page: Page, words: str) -> Locator:
    """The link with exactly these words, or the first whose words have them in it."""
    exact = page.get_by_role("link", name=words, exact=True)
    return exact.first if exact.count() else page.get_by_role("link", name=words).first


def _reach(page: Page, wanted: Locator) -> None:
    """Press Tab until the focus is there."""
    element = wanted.element_handle()
    for _ in range(MOST_TABS):
        if page.evaluate("one => one === document.activeElement", element):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{wanted} is not reached by keyboard")


def _enter(page: Page, wanted: Locator) -> None:
    _reach(page, wanted)
    page.keyboard.press("Enter")


def _follow(page: Page, act: Act) -> str:
    before = page.url
    _enter(page, _link(page, act.words[0]))
    page.wait_for_url(lambda url: url != before)
    return ""


def _write(page: Page, act: Act) -> str:
    value, label = act.words
    field = page.get_by_label(label).first
    _reach(page, field)
    if field.get_attribute("type") == "date":  # month, day and year are typed one after the other
        year, month, day = value.split("-")
        page.keyboard.type(f"{month}{day}{year}")
    else:
        page.keyboard.press("Control+A")
        page.keyboard.type(value)
    assert field.input_value() == value
    return ""


def _choose(page: Page, act: Act) -> str:
    value, label = act.words
    field = page.get_by_label(label).first
    _reach(page, field)
    texts = field.locator("option").all_inner_texts()
    chosen = field.evaluate("one => one.selectedIndex")
    wanted = [text.strip() for text in texts].index(value)
    key = "ArrowDown" if wanted > chosen else "ArrowUp"
    for _ in range(abs(wanted - chosen)):
        page.keyboard.press(key)
    assert field.evaluate("one => one.selectedIndex") == wanted
    return ""


def _press(page: Page, act: Act) -> str:
    with page.expect_navigation():
        _enter(page, page.get_by_role("button", name=act.words[0]).first)
    return ""


def _open(page: Page, act: Act) -> str:
    _enter(page, page.locator("summary", has_text=act.words[0]).first)
    return ""


def _take(page: Page, act: Act) -> str:
    """A file: its name, and what is in it if that is text."""
    with page.expect_download() as taken:
        _enter(page, _link(page, act.words[0]))
    return f"{taken.value.suggested_filename}\n{_text(Path(taken.value.path()))}\n"


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return ""


_ACTS: Mapping[str, Callable[[Page, Act], str]] = {
    "follow": _follow,
    "write": _write,
    "choose": _choose,
    "press": _press,
    "decide": _press,
    "open": _open,
    "take": _take,
}
