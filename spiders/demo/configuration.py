"""The configuration with which the demo crawls its own site."""

from __future__ import annotations

from urllib.parse import urlsplit

from spiders.demo.site import OUTLETS

PATHS = {
    "courrier": ("feed", "/feed/", "fr", ""),
    "nafida": ("feed", "/atom.xml", "ar", ""),
    "monitor": ("sitemap", "/sitemap-news.xml", "en", ""),
    "bulletin": ("listing", "/news/", "es", "\n    link_selector: main h3 a"),
}


def demo_configuration(address: str) -> str:
    """The text of an accordwatch.yaml for the site at `address` (http://host:port of its first
    outlet).
    """
    parts = urlsplit(address)
    first = parts.port or 80
    hosts = {key: f"{parts.hostname}:{first + number}" for number, key in enumerate(OUTLETS)}
    allowed = ", ".join(f'"{host}"' for host in hosts.values())
    sources = "\n".join(_source(key, host) for key, host in hosts.items())
    return f"""# Written by `accordwatch demo`: a local news site, one subscription to all.
database: sqlite:///accordwatch.db
known_agreements: false  # the demo shows what it crawls, and nothing else

crawl:
  contact: demo@accordwatch.example
  # the demo's own site; other private addresses are refused
  allow_private: [{allowed}]
  max_bytes: 2097152
  patience_s: 0

sources:
{sources}

alerts:
  max_age_days: 36500  # the demo's articles are old; a real watch keeps 30

channels:
  - id: files
    kind: file  # .eml and .html in digests/

subscriptions:
  - id: demo
    name: Agreements of the demo
    channels: [files]
    rate: immediately
"""


def _source(key: str, host: str) -> str:
    kind, path, language, extra = PATHS[key]
    return f"""  - id: {key}
    name: {OUTLETS[key]}
    kind: {kind}
    url: http://{host}{path}
    language: {language}
    delay_s: 0  # our own server: no need to be slow{extra}"""
