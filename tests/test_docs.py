"""The docs say what the code does: every setting and every command stands in them, and nothing
else.
"""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from pydantic import BaseModel

from scheduler.cli.commands.command_table import commands
from scheduler.configuration.query import Query
from scheduler.configuration.sections import (
    AlertSettings,
    DataSetSettings,
    FileSettings,
    ReaderSettings,
    RetentionSettings,
    RulesSettings,
    SiteSettings,
    SubscriptionSettings,
)
from scheduler.notify.channels.table import CHANNEL_KINDS
from scheduler.views.agreements import AGREEMENTS, PENDING
from scheduler.views.changes import CHANGES
from scheduler.views.columns import Door
from scheduler.views.documents import DOCUMENTS, REVIEW
from scheduler.web.site.api import PREFIX
from spiders.catalog.packs import bundled_pack
from spiders.catalog.sources import ScheduleSettings, SourceSettings
from spiders.fetch.settings import CrawlSettings
from storage.filter import described
from tests.scheduler.command_line import accordwatch
from tests.scheduler.web.site.running import ENDPOINTS

ROOT = Path(__file__).parent.parent
CONFIGURATION = (ROOT / "docs/configuration.md").read_text(encoding="utf-8")
CHANNELS = tuple(kind.settings for kind in CHANNEL_KINDS.values())
SECTIONS: tuple[tuple[str, tuple[type[BaseModel], ...]], ...] = (
    ("", (FileSettings,)),
    ("rules.", (RulesSettings,)),
    ("retention.", (RetentionSettings,)),
    ("alerts.", (AlertSettings,)),
    ("crawl.", (CrawlSettings,)),
    ("schedule.", (ScheduleSettings,)),
    ("dataset.", (DataSetSettings,)),
    ("reader.", (ReaderSettings,)),
    ("site.", (SiteSettings,)),
    ("sources[].", (SourceSettings,)),
    ("channels[].", CHANNELS),
    ("subscriptions[].", (SubscriptionSettings,)),
    ("filter.", (Query,)),
)
COMMANDS = commands()


@pytest.mark.parametrize(("prefix", "models"), SECTIONS)
def test_every_setting_is_documented_and_no_other(
    prefix: str, models: tuple[type[BaseModel], ...]
) -> None:
    known = {prefix + name for model in models for name in model.model_fields}
    if models == (Query,):
        known -= {f"{prefix}as_of", f"{prefix}clock"}  # alerts tell what is new
    rows = re.findall(r"^\| `([^`]+)` \|", CONFIGURATION, re.MULTILINE)
    assert {
        row for row in rows if row.startswith(prefix) and "." not in row.removeprefix(prefix)
    } == known


def test_every_command_is_documented_and_no_other() -> None:
    page = (ROOT / "docs/commands.md").read_text(encoding="utf-8")
    tables = re.findall(r"^\| command \| .*\n\| --- .*\n((?:\|.*\n)+)", page, re.MULTILINE)
    cells = re.findall(r"^\| (`.+?`) \| ", "".join(tables), re.MULTILINE)
    named = re.findall(r"`([a-z]+)( [a-z]+)?[^`]*`", " ".join(cells))
    assert {one + two if one + two in COMMANDS else one for one, two in named} == set(COMMANDS)


@pytest.mark.parametrize("command", [(), ("rules", "check")])
def test_help_ends_with_the_exit_codes_of_the_docs(command: tuple[str, ...]) -> None:
    shown = accordwatch(*command, "--help").stdout.splitlines()[-1]
    code, _, _ = shown.partition(" 2: ")
    assert f"- {code} 2: " in (ROOT / "docs/commands.md").read_text(encoding="utf-8")


def test_every_filter_of_the_command_line_is_named() -> None:
    page = (ROOT / "docs/commands.md").read_text(encoding="utf-8")
    options = set(re.findall(r"--[a-z-]+", accordwatch("search", "--help").stdout))
    filters = {"--" + one.name.replace("_", "-") for one in described().values()} & options
    assert {one for one in filters if f"`{one}`" not in page and f"`{one} " not in page} == set()
    assert len(filters) > 20


def test_every_address_of_page_and_api_is_named() -> None:
    page = (ROOT / "docs/page.md").read_text(encoding="utf-8")
    named = re.findall(r"`(/?[\w./-]*)[?`]", page)
    for door in ENDPOINTS:
        if door.method == "GET" and door.need is not None:
            address = re.sub(r"\{\w+\}", "[^/]+", door.path.removeprefix(f"{PREFIX}/"))
            assert any(re.fullmatch(rf"({PREFIX}/)?{address}", one) for one in named), door.path


EXAMPLES = [
    example
    for page in sorted((ROOT / "docs").rglob("*.md"))
    for example in re.findall(r"^ {4}(accordwatch .+)$", page.read_text("utf-8"), re.MULTILINE)
]


def test_the_examples_of_the_pages_end_well(tmp_path: Path) -> None:
    """Those of the README are run, too (`test_readme`)."""
    elsewhere = {
        "/backups/": f"{tmp_path}/",
        "$(date +%F)": "2026-11-25",
        "postgresql://accordwatch@db.example.org/accordwatch": f"sqlite:///{tmp_path}/copy.db",
    }
    accordwatch("init", str(tmp_path))
    accordwatch("import", str(ROOT / "tests/eval/articles/pt.jsonl"), cwd=tmp_path)
    for example in EXAMPLES:
        here = example
        for there, ours in elsewhere.items():
            here = here.replace(there, ours)
        ended = accordwatch(*shlex.split(here, comments=True)[1:], cwd=tmp_path)
        assert ended.returncode == 0, f"{example}: {ended.stderr}"


PAGES = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md")),
    *sorted((ROOT / "docs").rglob("*.md")),
    *sorted((ROOT / "tests").glob("*.md")),
    *sorted((ROOT / "crawler").rglob("*.md")),
]


def _anchors(page: Path) -> set[str]:
    """What a link can lead to on a page: its headings as GitHub names them, and its own anchors."""
    text = re.sub(r"^```.*?^```$", "", page.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    named = {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
    return named | set(re.findall(r'<a id="([^"]+)">', text))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    lost = []
    for link in re.findall(r"\]\((?!https?://)([^)\s]+)\)", page.read_text(encoding="utf-8")):
        name, _, anchor = link.partition("#")
        target = page.parent / name if name else page
        if not target.exists() or (anchor and anchor not in _anchors(target)):
            lost.append(link)
    assert lost == []


DESIGN = (ROOT / "docs/design.md").read_text(encoding="utf-8")
HOUSE = DESIGN[DESIGN.index("## The house") : DESIGN.index("## Choices already measured")]
ROOMS = [
    place
    for layer in ("storage", "crawler", "spiders", "scheduler")
    for place in sorted((ROOT / layer).iterdir())
    if place.name != "__init__.py" and (place.suffix == ".py" or (place / "__init__.py").exists())
]


@pytest.mark.parametrize("room", ROOMS, ids=lambda place: f"{place.parent.name}/{place.name}")
def test_the_design_names_every_room_of_the_house(room: Path) -> None:
    name = room.stem if room.suffix else f"{room.name}/"
    layer = HOUSE[HOUSE.index(f"\n### `{room.parent.name}/` ") :]
    words = layer.split("\n### ")[1]
    assert re.search(rf"(?<![\w/]){re.escape(name)}(?!\w)", words)


def test_the_page_on_commands_names_the_columns_of_the_lists() -> None:
    lines = ["| list | columns |", "| --- | --- |"]
    for table in (DOCUMENTS, AGREEMENTS, CHANGES, PENDING, REVIEW):
        sheet = table.names(Door.SHEET)
        named = [f"`{n}`" if n in sheet else f"(`{n}`)" for n in table.names(Door.JSON)]
        lines.append(f"| {table.name} | {', '.join(named)} |")
    assert "\n".join(lines) in (ROOT / "docs/commands.md").read_text(encoding="utf-8")


def test_the_docs_are_pages_with_their_pictures_and_schemas() -> None:
    files = (path for path in (ROOT / "docs").rglob("*") if path.is_file())
    assert {path.suffix for path in files} <= {".md", ".svg", ".png", ".json"}


def test_files_that_the_docs_name_are_there() -> None:
    for page in [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").glob("*.md")]:
        named = re.findall(
            r"`((?:crawler|docs|scheduler|spiders|storage|tests)/[\w/.-]+\.\w+)`",
            page.read_text(encoding="utf-8"),
        )
        assert [name for name in named if not (ROOT / name).exists()] == [], page.name


def test_the_number_of_sources_that_come_with_us_is_the_true_one() -> None:
    shipped = len(bundled_pack("all"))
    assert f"{shipped} of 150 states in packs" in (ROOT / "README.md").read_text(encoding="utf-8")
    sources = (ROOT / "docs/sources.md").read_text(encoding="utf-8")
    assert f"{shipped} addresses of 150 states" in sources
