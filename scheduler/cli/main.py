"""The command `accordwatch`: names and help of all commands; each one's code is imported when it is called."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

from cyclopts import App, CycloptsError, Group, Parameter

from scheduler.cli.context import INVOCATION, Invocation
from storage.errors import AccordwatchError

USABLE, SOME_FAILED, UNUSABLE = 0, 1, 2

_START, _FIND, _TELL, _KEEP = (
    Group("Collect", sort_key=1),
    Group("Find", sort_key=2),
    Group("Tell", sort_key=3),
    Group("Rules and upkeep", sort_key=4),
)

# name, where its code lies, group, one line of help
_COMMANDS: tuple[tuple[str, str, Group, str], ...] = (
    (
        "demo",
        "demo:demo",
        _START,
        "Show the whole way of a document on a local news site, in half a minute.",
    ),
    ("init", "init:init", _START, "Write a commented accordwatch.yaml that works as it is."),
    (
        "run",
        "run:run",
        _START,
        "Look once at all sources that are due, then send the digests that are due.",
    ),
    (
        "daemon",
        "daemon:daemon",
        _START,
        "Do both on a schedule, and watch over itself, until it is told to end.",
    ),
    (
        "import",
        "run:import_documents",
        _START,
        "Store documents from a JSON lines file as if they were collected.",
    ),
    ("search", "search:search", _FIND, "List the documents that report an agreement."),
    (
        "agreements",
        "search:agreements",
        _FIND,
        "List the register: an agreement a row, with its history and reports.",
    ),
    (
        "show",
        "show:show",
        _FIND,
        "Show the life of an agreement, or of all between two parties, step by step.",
    ),
    ("coverage", "coverage:coverage", _FIND, "Estimate how many agreements nobody here saw."),
    (
        "extract",
        "classify:extract",
        _FIND,
        "Show what is read from a page or PDF: title, text, date, language.",
    ),
    ("discover", "classify:discover", _FIND, "Show what a feed, sitemap or listing offers."),
    ("classify", "classify:classify", _FIND, "Judge a document and say why."),
    ("reclassify", "doctor:reclassify", _KEEP, "Apply today's rules to all that is stored."),
    (
        "backup",
        "backup:backup",
        _KEEP,
        "Copy the whole database to a file, verified, while others work.",
    ),
    ("restore", "backup:restore", _KEEP, "Put a backup in the place of the database."),
    ("doctor", "doctor:doctor", _KEEP, "Say what is well and what is not, and what to do."),
)
_GROUPS: tuple[tuple[str, Group, str, tuple[tuple[str, str, str], ...]], ...] = (
    (
        "digest",
        _TELL,
        "Digests: what would go out, or send it now.",
        (
            (
                "preview",
                "digest:preview",
                "Print what would go out; nothing is sent or marked as told.",
            ),
            ("send", "digest:send", "Send all that is owed now, whatever the schedule."),
            (
                "show",
                "digest:show",
                "Print all of a digest that was sent, with what its mail left out.",
            ),
        ),
    ),
    (
        "subscriptions",
        _TELL,
        "Subscriptions: who receives what, and who left.",
        (
            (
                "list",
                "subscriptions:list_subscriptions",
                "List who receives what, who left, the last digest and the next.",
            ),
            ("resubscribe", "subscriptions:resubscribe", "Take an unsubscription back."),
            (
                "preview",
                "rehearse:preview",
                "Say what one would have told over all that is stored, and how many a week.\n\n"
                "Options change the filter of the subscription, or stand alone, where none is named. Example: "
                "accordwatch subscriptions preview --group maghreb --topic readmission_returns --since 2025-01-01",
            ),
        ),
    ),
    (
        "curate",
        _KEEP,
        "Curation: a person's decisions about the register; no later run undoes them, `undo` does.",
        (
            ("merge", "curate:merge", "Two agreements are one."),
            ("split", "curate:split", "Some reports of an agreement are about another one."),
            ("move", "curate:move", "A report is about another agreement."),
            ("correct", "curate:correct", "A field of a report is wrong."),
            ("irrelevant", "curate:irrelevant", "A document reports no agreement."),
            ("relevant", "curate:relevant", "A document that the rules missed reports one."),
            ("rename", "curate:rename", "An agreement has a better name."),
            ("undo", "curate:undo", "Take a decision back."),
            (
                "list",
                "curate:list_decisions",
                "List all decisions: who, when, why, and the number to undo them.",
            ),
            ("export", "curate:export", "Print corrected documents as labelled articles."),
        ),
    ),
    (
        "sources",
        _KEEP,
        "Sources: what we poll.",
        (
            ("list", "sources:list_sources", "List the configured sources and how each is doing."),
            ("check", "sources:check", "Fetch sources once and say what each offers."),
            ("add", "sources:add", "Add a source to the configuration."),
            (
                "remove",
                "sources:remove",
                "Take a source out of the configuration; its documents stay.",
            ),
            ("disable", "sources:disable", "Look at a source no more, and keep it in the list."),
            ("enable", "sources:enable", "Look at a source again."),
            (
                "import",
                "sources:import_pack",
                "Add the sources of a pack file to the configuration.",
            ),
            ("export", "sources:export", "Print the configured sources as a pack."),
        ),
    ),
    (
        "rules",
        _KEEP,
        "Rules: check, score, compare, explain.",
        (
            ("check", "rules:check", "Load the rules and report every fault and warning."),
            ("test", "rules:score", "Score the rules: their own examples, and a labelled set."),
            ("diff", "rules:diff", "Compare two rule sets over the stored documents."),
            (
                "explain",
                "rules:explain",
                "Say what a rule found in a document and what was missing.",
            ),
        ),
    ),
    (
        "db",
        _KEEP,
        "Database: create, upgrade, check.",
        (
            ("upgrade", "doctor:db_upgrade", "Create the database or bring its tables up to date."),
            (
                "check",
                "doctor:db_check",
                "Say whether the database is sound and its tables are current.",
            ),
        ),
    ),
)


def build() -> App:
    """The command tree."""
    plain = "default" if sys.stdout.isatty() else "plain"
    app = App(
        name="accordwatch",
        help="Watches news and official sources for migration-cooperation agreements, and tells you once.",
        version=_version,
        help_formatter=plain,  # type: ignore[arg-type]  # one of its two names
        exit_on_error=False,
        print_error=False,
    )
    app["--help"].group = app["--version"].group = Group("Options", sort_key=9)
    for name, place, group, text in _COMMANDS:
        app.command(_import_path(place), name=name, group=group, help=text)
    for name, group, text, commands in _GROUPS:
        inner = App(name=name, help=text, group=group)
        for command, place, line in commands:
            inner.command(_import_path(place), name=command, help=line)
        app.command(inner)

    @app.meta.default
    def launch(
        *tokens: Annotated[str, Parameter(show=False, allow_leading_hyphen=True)],
        config: Annotated[
            Path | None,
            Parameter(help="Configuration file; else ACCORDWATCH_CONFIG, else ./accordwatch.yaml."),
        ] = None,
        debug: Annotated[
            bool, Parameter(negative="", help="Show the traceback of an error.")
        ] = False,
    ) -> int | None:
        INVOCATION.set(Invocation(config, debug))
        result = app(tokens, exit_on_error=False, print_error=False, result_action="return_value")
        return result if isinstance(result, int) else None

    return app


def main(arguments: list[str] | None = None) -> None:
    """Run a command and end the process: 0 all well, 1 some of it failed, 2 it could not be done as asked."""
    tokens = sys.argv[1:] if arguments is None else arguments
    try:
        code = build().meta(
            tokens, exit_on_error=False, print_error=False, result_action="return_value"
        )
        sys.stdout.flush()
    except CycloptsError as error:
        code = _say(str(error).strip(), hint=True)
    except AccordwatchError as error:
        if INVOCATION.get().debug:
            raise
        code = _say(str(error))
    except BrokenPipeError:  # the reader of our output left, as `head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = USABLE
    except KeyboardInterrupt:
        code = _say("stopped")
    except Exception as error:
        # The process edge: a fault of ours is one line for the user, a traceback for who asks.
        if INVOCATION.get().debug:
            raise
        code = _say(
            f"a fault of Accordwatch itself: {type(error).__name__}: {error}; --debug shows where"
        )
    sys.exit(code if isinstance(code, int) else USABLE)


def _say(message: str, *, hint: bool = False) -> int:
    for line in message.splitlines() or [""]:
        print(f"accordwatch: {line}" if line else "", file=sys.stderr)
    if hint:
        print("accordwatch: see accordwatch --help", file=sys.stderr)
    return UNUSABLE


def _import_path(place: str) -> str:
    return f"scheduler.cli.commands.{place}"


def _version() -> str:
    from importlib.metadata import version

    return version("accordwatch")
