"""The configuration and its rules while the daemon runs. A bad version is refused, and the last
good one stays in force.
"""

from __future__ import annotations

from pathlib import Path

from crawler.judgement.judge import load_rules
from scheduler.configuration.config import Configuration, load_configuration
from storage.errors import ConfigurationError


def load_all(path: Path | None) -> Configuration:
    """The configuration, checked together with its rules. Raises ConfigurationError with every
    fault of either.
    """
    chosen = load_configuration(path)
    load_rules(chosen.settings.rules.packs, chosen.rule_files)
    return chosen


class Reloader:
    """The last good configuration, and whether its files have changed since."""

    def __init__(self, chosen: Configuration) -> None:
        self.chosen = chosen
        self.refusal: str | None = None
        self._seen = _stamps(chosen)

    def has_changed(self) -> bool:
        """Whether the file, or a rule file that it names, has changed since it was last read."""
        return _stamps(self.chosen) != self._seen

    def reload(self) -> bool:
        """Read the files again. Returns whether the new version is in force; `refusal` says why
        not.
        """
        self._seen = _stamps(self.chosen)
        try:
            chosen = load_all(self.chosen.path)
            if chosen.database != self.chosen.database:
                raise ConfigurationError(
                    "`database` cannot change while the daemon runs; restart it"
                )
        except ConfigurationError as error:
            kept = "the changed configuration is refused, and the one before stays in force"
            self.refusal = f"{kept}: {_first_line(error)}"
            return False
        self.chosen, self.refusal = chosen, None
        self._seen = _stamps(chosen)
        return True


def _first_line(error: ConfigurationError) -> str:
    first, *others = str(error).splitlines() or [""]
    return f"{first} (and {len(others)} more)" if others else first


def _stamps(chosen: Configuration) -> tuple[tuple[int, int] | None, ...]:
    return tuple(map(_stamp, (chosen.path, *chosen.rule_files)))


def _stamp(path: Path) -> tuple[int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_ino
