"""What was fetched, as a WARC file (ISO 28500) that other programs can read: one file a run.

Each record is a gzip member that is written in one piece, so that a killed run leaves a file of
which at most the last record is broken. Bodies are kept as we read them, after decompression.
"""

from __future__ import annotations

import logging
import os
import uuid
from contextlib import suppress
from datetime import UTC, datetime
from http import HTTPStatus
from io import BytesIO
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, BinaryIO

from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

if TYPE_CHECKING:
    from scrapy.http import Response

log = logging.getLogger(__name__)

# These say how a body was sent, and not what it is. What a site sets for us alone is left out, too.
_OF_THE_CONNECTION = frozenset(
    {"connection", "content-encoding", "content-length", "set-cookie", "transfer-encoding"}
)
_PHRASES = {status.value: status.phrase for status in HTTPStatus}


class Archive:
    """The archive of a run in `folder`, a new file that begins with its first record. After
    `max_bytes` no more is kept. An archive that cannot be written is told in the log; the crawl
    goes on. Methods may be called from any thread.
    """

    def __init__(self, folder: Path, user_agent: str, max_bytes: int) -> None:
        self.folder, self.user_agent, self.max_bytes = folder, user_agent, max_bytes
        self.path: Path | None = None
        self._file: BinaryIO | None = None
        self._size = 0
        self._closed = False
        self._lock = Lock()

    def keep(self, response: Response, at: datetime) -> None:
        """Adds a record of an answer that came at `at`."""
        record = _packed(_response_record(response, at))
        with self._lock:
            if self._closed:
                return
            try:
                self._write(record)
            except OSError as error:
                self._end(f"{self.folder}: the archive cannot be written: {error}")

    def close(self) -> None:
        """Closes the file. What comes later is not kept."""
        with self._lock:
            self._end(None)

    def _write(self, record: bytes) -> None:
        if self._file is None:
            self._begin()
        assert self._file is not None  # noqa: S101 - it has just begun
        if self._size + len(record) > self.max_bytes:
            self._end(f"{self.path}: holds {self._size:,} bytes, and keeps no more of this run")
            return
        self._file.write(record)
        self._file.flush()
        self._size += len(record)

    def _begin(self) -> None:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        name = f"accordwatch-{datetime.now(UTC):%Y%m%d-%H%M%S}-{uuid.uuid4().hex[:8]}.warc.gz"
        self.path = self.folder / name
        # For its owner alone, as the database: addresses hold keys, and answers what they open.
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
        self._file = os.fdopen(os.open(self.path, flags, 0o600), "wb")
        info = {"software": self.user_agent, "format": "WARC File Format 1.0"}
        record = WARCWriter(BytesIO()).create_warcinfo_record(name, info)
        self._size = self._file.write(_packed(record))

    def _end(self, why: str | None) -> None:
        if why is not None:
            log.warning("%s", why)
        self._closed = True
        if self._file is not None:
            with suppress(OSError):  # what could not be written was told
                self._file.close()
            self._file = None


def _response_record(response: Response, at: datetime) -> Any:
    fields = [
        (name, value.decode("latin-1"))
        for raw, values in response.headers.items()
        if (name := raw.decode("latin-1")).lower() not in _OF_THE_CONNECTION
        for value in values
    ]
    fields.append(("Content-Length", str(len(response.body))))
    status = f"{response.status} {_PHRASES.get(response.status, 'Unknown')}"
    return WARCWriter(BytesIO()).create_warc_record(
        response.url,
        "response",
        payload=BytesIO(response.body),
        length=len(response.body),
        http_headers=StatusAndHeaders(status, fields, protocol="HTTP/1.1"),
        warc_headers_dict={"WARC-Date": f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"},
    )


def _packed(record: Any) -> bytes:
    """A record as a gzip member."""
    packed = BytesIO()
    WARCWriter(packed, gzip=True).write_record(record)
    return packed.getvalue()
