"""`--install-completion`: lets a shell complete commands and options."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter
from cyclopts.completion.detect import ShellDetectionError

from scheduler.cli.main import build
from scheduler.cli.output import say
from storage.errors import ConfigurationError


def install_completion(
    *,
    shell: Annotated[
        # In the order of Cyclopts: Python shares equal Literals, whichever was made first.
        Literal["zsh", "bash", "fish", "powershell"] | None,
        Parameter(help="Which shell; the one that you use, if left out."),
    ] = None,
    output: Annotated[
        Path | None, Parameter(help="Where the script is written; else where the shell looks.")
    ] = None,
    startup: Annotated[
        bool, Parameter(help="Also let the shell load it at its start (~/.bashrc, ~/.zshrc).")
    ] = True,
) -> None:
    """Let the shell complete commands and options."""
    try:
        path = build().install_completion(shell=shell, output=output, add_to_startup=startup)
    except ShellDetectionError as error:
        named = "accordwatch --install-completion --shell bash"
        raise ConfigurationError(f"your shell was not recognised; name it: {named}") from error
    except OSError as error:
        place = error.filename or output
        raise ConfigurationError(f"{place}: cannot be written: {error.strerror}") from error
    say(f"{path}: written; open a new terminal")
