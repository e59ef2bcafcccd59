"""Pages by which a server asks for a browser before it shows anything."""

from __future__ import annotations

import re

# What only the page of a challenge contains. The scripts by which the same services watch ordinary
# pages are not among it.
CHALLENGES = re.compile(
    r"_cf_chl_opt|cf-chl-|cf_chl_|challenge-form|cf-turnstile|main-iframe[^>]+_Incapsula_Resource"
    r"|Incapsula incident ID|sec-if-cpt-container|sec-bc-tile|bm-verify=|ddos-guard/js-challenge"
    r"|check\.ddos-guard\.net|captcha-delivery\.com|px-captcha|sucuri_cloudproxy_js"
    r"|cloudproxy@sucuri\.net|awsWafCookieDomainList|gokuProps|/\.well-known/sgcaptcha"
    r"|imunify360|anubis_challenge|x-vercel-challenge|perfdrive\.com|geo\.captcha|hcaptcha\.com/1/"
)
_TITLE = re.compile(r"<title>\s*(?:just a moment|attention required! \| cloudflare)", re.IGNORECASE)
_LOOKED_AT = 200_000  # bytes; challenges are small pages


def is_challenge(body: bytes) -> bool:
    """Whether the page that came with a refusal (403, 503 ...) is a challenge. It is searched, and
    not parsed: this is done where answers arrive.
    """
    page = body[:_LOOKED_AT].decode("latin-1")
    return bool(CHALLENGES.search(page) or _TITLE.search(page))
