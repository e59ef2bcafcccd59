"""What sources need on this machine: a browser, and passwords of mailboxes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from scheduler.health.findings import Finding
from scheduler.words.phrases import fault, phrase
from spiders.catalog.secrets import Secret
from storage.errors import ConfigurationError
from storage.records import Source


def needs_findings(sources: Sequence[Source], browser: Path | None) -> Iterator[Finding]:
    """A problem for each thing that is missing."""
    scripted = [source.id for source in sources if source.javascript]
    if scripted:
        # imported here since it loads parts of Scrapy, and most configurations need no browser
        from spiders.fetch.browser.chromium import missing

        if (why := missing(browser)) is not None:
            listed = ", ".join(scripted[:5]) + (", ..." if len(scripted) > 5 else "")
            said = phrase("about", what=listed, said=fault(why))
            yield Finding("problem", "browser", said)
    for source in sources:
        if source.login is not None:
            places = {"env": source.login.password_env, "file": source.login.password_file}
            try:
                Secret.model_validate(places).reveal()
            except ConfigurationError as error:
                lacking = phrase("about", what=source.id, said=fault(error))
                yield Finding("problem", f"password:{source.id}", lacking)
