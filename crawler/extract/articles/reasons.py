"""Why a page that was answered is no article: the names that reports count, and what they mean."""

from __future__ import annotations

import re

from storage.errors import UnreadableError

REASONS = {  # in words for people
    "challenge": "the server wants to see a browser before it shows the page",
    "consent_wall": "the page asks for consent to cookies before it shows an article",
    "maintenance": "the site says that it is being worked on",
    "suspended": "the host has suspended the site",
    "parked": "the domain is parked or for sale",
    "soft_404": "the server answers 200, but the page says that there is nothing here",
    "paywall": "only subscribers see the text",
    "login": "the page asks for a name and password",
    "interstitial": "the page only leads on to another one",
    "needs_scripts": "the page is empty unless a browser runs its scripts: javascript: true",
    "section_page": "this is a list of articles, and no article",
    "other_page": "nothing on the page has to do with the headline that the source gave",
    "later_page": "this is a later page of an article, which is read from its first page",
}
# Against these another attempt may help.
MAY_PASS = frozenset(("challenge", "consent_wall", "maintenance", "suspended"))


def refused(reason: str) -> UnreadableError:
    return UnreadableError(reason, REASONS[reason])


# --- pages that ask for a browser -----------------------------------------------------------------

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
    """Whether the page that came with a refusal (403, 503 ...) is a challenge. It is not parsed:
    this is done where answers arrive.
    """
    page = body[:_LOOKED_AT].decode("latin-1")
    return bool(CHALLENGES.search(page) or _TITLE.search(page))
