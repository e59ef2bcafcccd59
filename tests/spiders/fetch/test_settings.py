from __future__ import annotations

import pytest
from pydantic import ValidationError

from spiders.fetch.settings import CrawlSettings, scrapy_settings


def test_robots_cannot_be_switched_off() -> None:
    with pytest.raises(ValidationError, match=r"robots\.txt is always obeyed.*remove the line"):
        CrawlSettings.model_validate({"respect_robots": False})


@pytest.mark.parametrize("value", ["127.0.0.1", "host:", "host:0", "host:99999", ":80"])
def test_a_private_server_is_named_with_its_port(value: str) -> None:
    with pytest.raises(ValidationError, match="is not host:port"):
        CrawlSettings(allow_private=(value,))


def test_the_user_agent_says_who_we_are_and_whom_to_write_to() -> None:
    assert CrawlSettings(contact="mailto:desk@ngo.example").user_agent().startswith("Accordwatch/")
    assert (
        "+mailto:desk@ngo.example" in CrawlSettings(contact="mailto:desk@ngo.example").user_agent()
    )


def test_what_protects_others_and_us_is_fixed() -> None:
    settings = scrapy_settings(CrawlSettings(max_bytes=4096))
    assert settings["ROBOTSTXT_OBEY"] is True
    assert settings["DOWNLOAD_VERIFY_CERTIFICATES"] is True
    assert settings["EXTENSIONS_BASE"] == {}  # no telnet console, no remote control
    assert settings["DOWNLOADER_MIDDLEWARES_BASE"] == {}  # no proxy, which would resolve names
    assert settings["DOWNLOAD_MAXSIZE"] == 4096
    assert all(
        settings["DOWNLOAD_HANDLERS"][scheme] is None for scheme in ("data", "file", "ftp", "s3")
    )
