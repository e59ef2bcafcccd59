"""The file channel: a digest as `.eml` and `.html` in a folder that only this user may read."""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryFile
from zoneinfo import ZoneInfo

from scheduler.configuration.sections import FileChannel
from scheduler.notify.channels.message import LOCAL_DOMAIN, Envelope, Sender, compose
from scheduler.notify.digest.build import Digest
from scheduler.notify.digest.render import render
from storage.disk_room import why_unwritable
from storage.errors import DeliveryError
from storage.phrases import Phrase

# A full disk still takes an empty file. A digest with a few agreements has about as many bytes.
_PROBE_BYTES = 50_000


class FileSender(Sender):
    """Writes digests into the channel's folder, which is relative to the configuration's."""

    settings = FileChannel

    def hand_over(
        self, digest: Digest, message_id: str, recipient: str, now: datetime, body: str | None
    ) -> None:
        write(self._folder / self._channel.folder, digest, message_id)

    def probe(self) -> str:
        """Writes to the folder, or the nearest existing one above it: permission bits do not show
        that a disk is read-only or full.
        """
        folder = self._folder / self._channel.folder
        try:
            with TemporaryFile(dir=_nearest(folder)) as file:
                file.write(bytes(_PROBE_BYTES))
                file.flush()
        except OSError as error:
            raise _unwritable(folder, error) from error
        return Phrase("{folder} can be written", folder=folder)


def write(folder: Path, digest: Digest, message_id: str) -> tuple[Path, Path]:
    """Write the digest, both files whole or not at all; the same digest again replaces them.
    Returns the paths of mail and page. Raises DeliveryError if the folder cannot be written.
    """
    subscription = digest.subscription
    mailbox, sender = f"{subscription.id}@{LOCAL_DOMAIN}", f"accordwatch@{LOCAL_DOMAIN}"
    message = compose(digest, Envelope(message_id, mailbox, sender), whole=True)
    local = digest.made_at.astimezone(ZoneInfo(subscription.timezone))
    stem = f"{local:%Y-%m-%d-%H%M%S}-{subscription.id}"
    mail, page = folder / f"{stem}.eml", folder / f"{stem}.html"
    try:
        folder.mkdir(0o700, parents=True, exist_ok=True)
        _replace(page, render(digest, most_bytes=None).html.encode())
        _replace(mail, message.as_bytes())
    except OSError as error:
        raise _unwritable(folder, error) from error
    return mail, page


def _unwritable(folder: Path, error: OSError) -> DeliveryError:
    there = _nearest(folder)
    return DeliveryError(
        "the digest folder {folder} cannot be written: {there}: {why}",
        folder=folder,
        there=there,
        why=why_unwritable(error, there),
    )


def _nearest(folder: Path) -> Path:
    return next(place for place in (folder, *folder.absolute().parents) if place.exists())


def _replace(path: Path, content: bytes) -> None:
    part = path.with_name(f".{path.name}.part")
    try:
        with os.fdopen(os.open(part, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except OSError:
        part.unlink(missing_ok=True)
        raise
