"""The configuration and its rules while the daemon runs. A bad version is refused, and the last
good one stays in force.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from crawler.judgement.judge import load_rules
from scheduler.configuration.config import (
    Configuration,
    find_configuration,
    load_configuration,
)
from storage.errors import ConfigurationError, FilledLine, our_fault

# What tells one version of a file from another: when it was written, its inode, its length. None:
# there is no such file.
_Stamp = tuple[int, int, int] | None


class Reloader:
    """The last good configuration, and whether its files have changed since. The stamp of each file
    is taken before it is read: a save during the read is another version.
    """

    def __init__(self, chosen: Configuration) -> None:
        self.chosen = chosen
        self.refusal: str | None = None
        self._seen = _stamps((chosen.path, *chosen.rule_files))

    @classmethod
    def begin(cls, path: Path | None) -> Reloader:
        """Read the files for the first time. Raises ConfigurationError with every fault."""
        before = _stamps([find_configuration(path)])
        begun = cls(load_configuration(path))
        begun._seen |= before
        load_rules(begun.chosen.settings.rules.packs, begun.chosen.rule_files)
        return begun

    def has_changed(self) -> bool:
        """Whether the file, or a rule file that it names, has changed since it was last read."""
        return _stamps(self._seen) != self._seen

    def reload(self) -> bool:
        """Read the files again. Returns whether the new version is in force; `refusal` says why
        not. A rule file that only the refused version names is watched, too.
        """
        self._seen = _stamps((self.chosen.path, *self.chosen.rule_files))
        try:
            chosen = self._read_again()
        except ConfigurationError as error:
            first, *others = str(error).splitlines() or [""]
            return self._refuse(f"{first} (and {len(others)} more)" if others else first)
        except Exception as error:  # the edge of a read: the daemon works on
            return self._refuse(our_fault(f"{type(error).__name__}: {error}"))
        self.chosen, self.refusal = chosen, None
        self._seen = {path: self._seen[path] for path in (chosen.path, *chosen.rule_files)}
        return True

    def _read_again(self) -> Configuration:
        chosen = load_configuration(self.chosen.path)
        self._seen = _stamps(chosen.rule_files) | self._seen
        load_rules(chosen.settings.rules.packs, chosen.rule_files)
        if chosen.database != self.chosen.database:
            raise ConfigurationError("`database` cannot change while the daemon runs; restart it")
        return chosen

    def _refuse(self, why: str) -> bool:
        form = "the changed configuration is refused, and the one before stays in force: {why}"
        self.refusal = FilledLine(form, why=why)
        return False


def _stamps(paths: Iterable[Path]) -> dict[Path, _Stamp]:
    return {path: _stamp(path) for path in paths}


def _stamp(path: Path) -> _Stamp:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_ino, status.st_size
