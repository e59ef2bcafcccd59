"""`init`: writes a configuration that works as it is."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from scheduler.cli.output import say
from storage.errors import ConfigurationError


def init(
    directory: Annotated[
        Path, Parameter(help="Where to write it; made if it is not there.")
    ] = Path(),
    /,
) -> None:
    """Write a commented accordwatch.yaml that works as it is."""
    from scheduler.configuration.config import FILE_NAME

    path = directory / FILE_NAME
    try:
        directory.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as file:
            file.write(starter_configuration())
    except FileExistsError as error:
        raise ConfigurationError(
            f"{path}: is there already; edit it, or name another folder"
        ) from error
    except OSError as error:
        raise ConfigurationError(f"{path}: cannot be written: {error.strerror}") from error
    say(f"wrote {path}")
    first = "looks at every source once, and writes the first digest into digests/"
    say(f"next: accordwatch run        {first}")
    say("      accordwatch doctor     says whether all is well")


def starter_configuration() -> str:
    """The commented file, with the sources of the default pack."""
    template = (files("scheduler") / "accordwatch.starter.yaml").read_text(encoding="utf-8")
    pack = (files("spiders") / "sources" / "default.yaml").read_text(encoding="utf-8")
    listed = pack.split("\nsources:\n", 1)[1].rstrip("\n")
    return template.replace("  # {sources}", listed)
