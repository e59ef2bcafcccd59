"""How we fetch: the `crawl` section of the configuration, and the Scrapy settings made from it.

The upper-case names in this module are Scrapy settings that the configuration cannot change. They
are at module level so that Scrapy's own tools (`scrapy shell`, see scrapy.cfg) use them too.
"""

from __future__ import annotations

import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

BOT_NAME = "accordwatch"
ROBOTSTXT_OBEY = True
ROBOTSTXT_USER_AGENT = "Accordwatch"  # the name by which a robots.txt may address us
DOWNLOAD_VERIFY_CERTIFICATES = True
# None of Scrapy's extensions: no remote control, no telnet console. An extension that is switched
# off in EXTENSIONS is imported all the same, and all of aiohttp with it.
EXTENSIONS_BASE: dict[str, int] = {}
COOKIES_ENABLED = True  # for consent pages that send readers back; see `redirects`
DOWNLOAD_HANDLERS = {
    **dict.fromkeys(("http", "https"), "spiders.fetch.limits.HeadHandler"),
    **dict.fromkeys(("data", "file", "ftp", "s3")),  # none
}
TWISTED_DNS_RESOLVER = "spiders.fetch.limits.GuardedResolver"
DOWNLOADER = "spiders.fetch.slots.HostDownloader"
# Of Scrapy's own middlewares only those that are named below, since each costs every request and
# answer a call. Of the others, a proxy would resolve names itself, behind the address gate; the
# frontier retries, so that a wait outlives the run; pages that reload themselves would look like a
# redirect loop. The spider yields no requests and judges each status itself.
DOWNLOADER_MIDDLEWARES_BASE: dict[str, int] = {}
SPIDER_MIDDLEWARES_BASE: dict[str, int] = {}
# Redirects ask it for the policy, and warn where it is missing.
SPIDER_MIDDLEWARES = {"scrapy.spidermiddlewares.referer.RefererMiddleware": 700}
REFERRER_POLICY = "no-referrer"
DOWNLOADER_MIDDLEWARES = {
    "spiders.fetch.limits.GateMiddleware": 10,
    "spiders.fetch.slots.SlotMiddleware": 20,
    "spiders.fetch.slots.LeaseMiddleware": 25,
    "spiders.fetch.slots.PauseMiddleware": 30,
    "spiders.fetch.robots.RobotsMiddleware": 100,
    "scrapy.downloadermiddlewares.downloadtimeout.DownloadTimeoutMiddleware": 350,
    "scrapy.downloadermiddlewares.defaultheaders.DefaultHeadersMiddleware": 400,
    "scrapy.downloadermiddlewares.useragent.UserAgentMiddleware": 500,
    "spiders.fetch.limits.SizeMiddleware": 590,
    "spiders.fetch.redirects.RedirectMiddleware": 600,
    "spiders.fetch.redirects.CookiesMiddleware": 700,
}
# Unlimited: `spiders.reading.watch` limits what it claims instead, so that a slow host does not
# block others.
CONCURRENT_REQUESTS = 0
# By default Scrapy varies a delay by half, which would fall below a Crawl-delay or the configured
# one.
DOWNLOAD_DELAY_JITTER = 0.0
STATS_DUMP = False
LOGSTATS_INTERVAL = 0
LOG_FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"
LOG_COLOR = False


def _host_and_port(value: str) -> str:
    host, _, port = value.rpartition(":")
    if not host or not port.isdigit() or not 0 < int(port) < 65536:
        raise ValueError(
            f"{value!r} is not host:port, such as 127.0.0.1:8000 or intranet.example:443"
        )
    return f"{host.strip('[]').lower()}:{port}"


HostPort = Annotated[str, AfterValidator(_host_and_port)]


def _whole_path(value: Path) -> Path:
    if not value.expanduser().is_absolute():
        raise ValueError(f"{str(value)!r} is not the whole path of a program; begin it with /")
    return value.expanduser()


WholePath = Annotated[Path, AfterValidator(_whole_path)]


def _always(value: object) -> object:
    if value is not True:
        raise ValueError(
            "robots.txt is always obeyed, this cannot be switched off: remove the line"
        )
    return value


class CrawlSettings(BaseModel):
    """The `crawl` section (docs/configuration.md): how politely, how long and how much we fetch."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    contact: str = ""
    delay_s: float = Field(default=1.0, ge=0, le=120)
    per_host: int = Field(default=1, ge=1, le=16)
    concurrency: int = Field(default=32, ge=1, le=256)
    timeout_s: float = Field(default=30.0, gt=0, le=600)
    max_bytes: int = Field(default=10 * 2**20, ge=1024)
    redirects: int = Field(default=5, ge=0, le=20)
    attempts: int = Field(default=5, ge=1, le=20)
    patience_s: float = Field(default=10.0, ge=0, le=600)
    max_retry_after_s: int = Field(default=86_400, ge=1)
    allow_private: tuple[HostPort, ...] = ()
    ca_file: Path | None = None
    browser: WholePath | None = None
    respect_robots: Annotated[Literal[True], BeforeValidator(_always)] = True

    def user_agent(self) -> str:
        contact = f"+{self.contact}" if self.contact else "news reader; no contact configured"
        return f"{ROBOTSTXT_USER_AGENT}/{_own_version()} ({contact})"


def scrapy_settings(settings: CrawlSettings, *, log_level: str = "WARNING") -> dict[str, Any]:
    """Return the settings of a crawl process: the fixed ones above, and the configured ones."""
    fixed = {name: value for name, value in globals().items() if name.isupper()}
    return fixed | {
        "USER_AGENT": settings.user_agent(),
        "DEFAULT_REQUEST_HEADERS": {
            "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,application/pdf;q=0.9,"
            "*/*;q=0.8",
        },
        "DOWNLOAD_DELAY": settings.delay_s,
        "CONCURRENT_REQUESTS_PER_DOMAIN": settings.per_host,
        "DOWNLOAD_TIMEOUT": settings.timeout_s,
        "DNS_TIMEOUT": min(10.0, settings.timeout_s),
        "DOWNLOAD_MAXSIZE": settings.max_bytes,
        "DOWNLOAD_WARNSIZE": 0,
        "REDIRECT_MAX_TIMES": settings.redirects,
        "ALLOW_PRIVATE": list(settings.allow_private),
        "MAX_RETRY_AFTER_S": settings.max_retry_after_s,
        "LOG_LEVEL": log_level,
        # uvloop is POSIX only; elsewhere asyncio's own loop does the same, slower
        "ASYNCIO_EVENT_LOOP": None if sys.platform == "win32" else "uvloop.Loop",
    }


def _own_version() -> str:
    try:
        return version("accordwatch")
    except PackageNotFoundError:  # run from a checkout that was never installed
        return "0"
