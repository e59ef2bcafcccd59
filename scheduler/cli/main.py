"""The command `accordwatch`: builds the command tree, runs a command, turns errors into lines."""

from __future__ import annotations

import difflib
import gc
import os
import re
import sys
from keyword import iskeyword
from pathlib import Path
from typing import Annotated

from cyclopts import App, CycloptsError, Group, Parameter

from scheduler.cli.commands.command_table import BEGIN, COMMANDS, FAMILIES, FIRST
from scheduler.cli.invocation import INVOCATION, Invocation
from storage.errors import AccordwatchError

_CLOSE = 0.6  # as Python's own guesses
_PLAIN = {  # errors of cyclopts, and their wording for a user
    r"Unused Tokens: \[(.*)\]\.": r"Not expected here: \1.",
    r"unable to convert (\".*\") into int\.": r"\1 is not a whole number.",
    r"unable to convert (\".*\") into float\.": r"\1 is not a number.",
}
_UNKNOWN = re.compile(r'Unknown command "([\w-]+)"\.( Did you mean "[^"]*"\?)?')
# What other programs call our commands.
_MEANT = {
    **{"serve": "web", "server": "web", "start": "daemon", "crawl": "run", "fetch": "run"},
    **{"list": "agreements", "register": "agreements", "query": "search", "find": "search"},
    **{"status": "doctor", "check": "doctor", "version": "--version", "help": "--help"},
}
# Objects made between two looks for garbage. With the usual 700 a tenth of the start of `search` is
# spent on looking through the modules that it imports.
_COLLECTING = (20_000, 10, 50)
USABLE, UNUSABLE = 0, 2
EXIT_CODES = "Exit code 0: all is well. 1: a part failed. 2: it could not be done."


def build() -> App:
    plain = "default" if sys.stdout.isatty() else "plain"
    purpose = "Watches news and official sources for migration-cooperation agreements"
    app = App(
        name="accordwatch",
        help=f"{purpose}, and notifies you once.",
        help_epilogue=EXIT_CODES,
        version=_version,
        help_formatter=plain,  # type: ignore[arg-type]  # one of its two names
        exit_on_error=False,
        print_error=False,
    )
    app["--help"].group = app["--version"].group = Group("Options", sort_key=9)
    for group, modules in COMMANDS.items():
        for module, lines in modules.items():
            for name, line in lines.items():
                function = name.replace(" ", "_") + "_" * iskeyword(name)
                place = f"scheduler.cli.commands.{module}:{function}"
                family, _, rest = name.partition(" ")
                if not rest:
                    shown = BEGIN if name in FIRST else group
                    app.command(place, name=name, group=shown, help=line)
                    continue
                if family not in app:
                    app.command(App(name=family, help=FAMILIES[family], group=group))
                app[family].command(place, name=rest, help=line)
    app.command(
        "scheduler.cli.completion:install_completion",
        name="--install-completion",
        group=app["--help"].group,
        help="Let your shell complete commands and options.",
    )
    _add_launcher(app)
    return app


def _add_launcher(app: App) -> None:
    """Let --config, --debug and --no-pager stand before or after any command."""

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
        no_pager: Annotated[
            bool, Parameter(negative="", help="Print a long table whole, not page by page.")
        ] = False,
    ) -> int | None:
        INVOCATION.set(Invocation(config, debug, no_pager))
        result = app(tokens, exit_on_error=False, print_error=False, result_action="return_value")
        return result if isinstance(result, int) else None


def main(arguments: list[str] | None = None) -> None:
    """Run a command and end the process. Exit 0: all well. 1: some of it failed. 2: the request was
    wrong or could not be carried out.
    """
    if arguments is None:  # a process of its own
        gc.set_threshold(*_COLLECTING)
    tokens = sys.argv[1:] if arguments is None else arguments
    try:
        app = build()
        code = app.meta(
            _without_help_for_nothing(app, tokens),
            exit_on_error=False,
            print_error=False,
            result_action="return_value",
        )
        sys.stdout.flush()
    except CycloptsError as error:
        code = _print_error(_in_plain_words(str(error).strip()))
        command = " ".join(["accordwatch", *(error.command_chain or ())])
        print(f"accordwatch: see {command} --help", file=sys.stderr)
    except AccordwatchError as error:
        if INVOCATION.get().debug:
            raise
        code = _print_error(str(error))
    except BrokenPipeError:  # the reader of our output left, as `head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = USABLE
    except KeyboardInterrupt:
        code = _print_error("stopped")
    except Exception as error:
        # The process edge: a fault of ours is one line for the user, and a traceback with --debug.
        if INVOCATION.get().debug:
            raise
        fault = f"{type(error).__name__}: {error}"
        code = _print_error(f"a fault of Accordwatch itself: {fault}; --debug shows where")
    code = code if isinstance(code, int) else USABLE
    if arguments is None:
        gc.freeze()  # else Python looks through all that it imported, a quarter of a short command
    sys.exit(code)


def _without_help_for_nothing(app: App, tokens: list[str]) -> list[str]:
    """Drop `--help` behind an unknown command: cyclopts would show the help of all commands."""
    if tokens and not tokens[0].startswith("-") and tokens[0] not in app:
        return [token for token in tokens if token not in app.help_flags]
    return tokens


def _print_error(message: str) -> int:
    from scheduler.cli.output import say  # with it come the tables; `--help` needs none of them

    for line in message.splitlines() or [""]:
        say(f"accordwatch: {line}" if line else "")
    return UNUSABLE


def _in_plain_words(message: str) -> str:
    """An error of cyclopts, which speaks to programmers, in the words of a user."""
    match = re.search(r'"?--([\w-]+)[^"]*"?\. Did you mean --([\w-]+)\?', message)
    # an option may be "close" to an unknown one by the hyphens of both alone
    if match and not difflib.get_close_matches(match[1], [match[2]], cutoff=_CLOSE):
        message = message[: message.rindex(" Did you mean")]
    if (unknown := _UNKNOWN.match(message)) and unknown[1] in _MEANT:
        meant = f'Unknown command "{unknown[1]}". Did you mean "{_MEANT[unknown[1]]}"?'
        message = meant + message[unknown.end() :]
    for wording, plain in _PLAIN.items():
        message = re.sub(wording, plain, message)
    return message


def _version() -> str:
    from importlib.metadata import version

    return version("accordwatch")
