"""The file channel: a digest as `.eml` and `.html` in a folder, which only this user may read."""

from __future__ import annotations

import os
from pathlib import Path
from zoneinfo import ZoneInfo

from scheduler.digest.build import Digest
from scheduler.digest.render import render
from scheduler.notify.channels.message import LOCAL_DOMAIN, Addressed, as_bytes, compose
from storage.errors import DeliveryError


def write(folder: Path, digest: Digest, message_id: str) -> tuple[Path, Path]:
    """Write the digest, both files whole or not at all; the same digest again replaces them. Where they lie.

    Raises DeliveryError where the folder cannot be written.
    """
    subscription = digest.subscription
    mailbox = f"{subscription.id}@{LOCAL_DOMAIN}"
    message = compose(
        Addressed(digest, message_id, mailbox, sender=f"accordwatch@{LOCAL_DOMAIN}", whole=True)
    )
    local = digest.made_at.astimezone(ZoneInfo(subscription.timezone))
    stem = f"{local:%Y-%m-%d-%H%M%S}-{subscription.id}"
    mail, page = folder / f"{stem}.eml", folder / f"{stem}.html"
    try:
        folder.mkdir(0o700, parents=True, exist_ok=True)
        _replace(page, render(digest, most_bytes=None).html.encode())
        _replace(mail, as_bytes(message))
    except OSError as error:
        reason = error.strerror or str(error)
        raise DeliveryError(
            f"the digest folder {folder} cannot be written: {reason}; make it writable"
        ) from error
    return mail, page


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
