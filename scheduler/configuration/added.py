"""A source that is about to be added to the configuration, checked as the file would be."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from crawler.yaml_faults import wording
from storage.errors import ConfigurationError
from storage.records import Source

if TYPE_CHECKING:
    from spiders.catalog.sources import SourceSettings


def checked_source(written: Mapping[str, Any], known: Iterable[Source]) -> SourceSettings:
    """The source, with an id of its own where none is written. Raises ConfigurationError with what
    is wrong, by the options of the command line.
    """
    from pydantic import ValidationError

    from spiders.catalog.opml import free_id
    from spiders.catalog.sources import SourceSettings

    url, taken = written["url"], {source.id for source in known}
    try:
        return SourceSettings.model_validate(
            {**written, "id": written.get("id") or free_id(url, taken)}
        )
    except ValidationError as error:
        raise ConfigurationError(*(_fault(url, dict(fault)) for fault in error.errors())) from error


def refuse_known(url: str, known: Iterable[Source]) -> None:
    """Raises ConfigurationError where a source has this address already."""
    from storage.addresses.keys import key_of

    for source in known:
        if key_of(source.url) == key_of(url):
            raise ConfigurationError(f"{url}: is the address of {source.id}, too; nothing to add")


def _fault(url: str, fault: Mapping[str, Any]) -> str:
    """A fault, with the option to which it belongs as it was typed; the address has no option."""
    path = fault["loc"]
    name = "password-env" if path[0] == "password" else str(path[0]).replace("_", "-")
    option = "" if name == "url" else f"--{name}: "
    # An option is no key of a file.
    said = wording(path, fault).removesuffix("; add this key")
    return f"{url}: {option}{said}"
