"""The `channels` section: where digests go."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from spiders.catalog.secrets import Secret

ChannelId = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,63}$")]
Address = Annotated[str, Field(pattern=r"^[^@\s<>,;]+@[^@\s<>,;]+$")]


class _ChannelSettings(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    id: ChannelId


class FileChannel(_ChannelSettings):
    """Writes `.eml` and `.html` files into a folder, which is relative to the configuration."""

    kind: Literal["file"]
    folder: Path = Path("digests")


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
    unsubscribe: str | None = None  # an https: address of the web process, or a mailto:


class WebhookChannel(_ChannelSettings):
    """Standard Webhooks. While a secret is rotated both are given, the new one first."""

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
