"""The `channels` section: where digests go."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from spiders.catalog.secrets import Secret

ChannelId = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,63}$")]
Address = Annotated[str, Field(pattern=r"^[^@\s<>,;]+@[^@\s<>,;]+$")]


# No part of a name is empty or longer than 63 (RFC 1035, 2.3.4).
_PART = r"[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9])?"
_SELECTOR = rf"^{_PART}(\.{_PART})*$"
_DOMAIN = r"^[^@\s<>,;:/.]{1,63}(\.[^@\s<>,;:/.]{1,63})*$"


class _ChannelSettings(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    id: ChannelId


class FileChannel(_ChannelSettings):
    """Writes `.eml` and `.html` files into a folder, which is relative to the configuration."""

    kind: Literal["file"]
    folder: Path = Path("digests")


class DkimSettings(BaseModel):
    """How mails are signed (RFC 6376). Without `key` the mail server signs, and `doctor mail` only
    looks whether the key of `selector` is published. `domain` is that of the sender if none is
    given.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    selector: Annotated[str, Field(pattern=_SELECTOR, max_length=100)]
    domain: Annotated[str, Field(pattern=_DOMAIN)] | None = None
    key: Secret | None = None


class EmailChannel(_ChannelSettings):
    kind: Literal["email"]
    to: Annotated[tuple[Address, ...], Field(min_length=1)]
    sender: Address
    host: str
    port: Annotated[int, Field(ge=1, le=65535)] = 587
    security: Literal["starttls", "tls", "none"] = "starttls"
    username: str | None = None
    password: Secret | None = None
    ca_file: Path | None = None
    timeout_s: Annotated[float, Field(gt=0, le=60)] = 30.0
    dkim: DkimSettings | None = None
    unsubscribe: str | None = None  # an https: address of the web process, or a mailto:


class WebhookChannel(_ChannelSettings):
    """Posts as the Standard Webhooks specification says. While a secret is rotated, both the new
    and the old one are given, the new one first.
    """

    kind: Literal["webhook"]
    url: Annotated[str, Field(pattern=r"^https?://")]
    secrets: Annotated[tuple[Secret, ...], Field(min_length=1, max_length=2)]
    allow_private: bool = False
    timeout_s: Annotated[float, Field(gt=0, le=60)] = 15.0


class ChatChannel(_ChannelSettings):
    """Posts to any service that Apprise knows: Slack, Teams, Discord, Telegram, Matrix, ntfy ..."""

    kind: Literal["chat"]
    url: Secret  # an Apprise address holds its token


Channel = Annotated[
    FileChannel | EmailChannel | WebhookChannel | ChatChannel, Field(discriminator="kind")
]
