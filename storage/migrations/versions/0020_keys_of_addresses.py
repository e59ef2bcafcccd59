"""Documents and offers are found by the key of their address

The keys are made here as they were made when this was written: what they become later is for a later migration.
"""

import hashlib
import re
from urllib.parse import SplitResult, unquote, urlsplit, urlunsplit

import sqlalchemy as sa
from alembic import op


revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

FRONTIER = "SELECT id, url, url_hash FROM frontier ORDER BY CASE WHEN state = 'done' THEN 0 ELSE 1 END, id"
DOCUMENTS = "SELECT id, url, url_hash, identity FROM documents WHERE url IS NOT NULL ORDER BY id"


def upgrade() -> None:
    offers()
    documents()


def offers() -> None:
    """Of the offers that have become one, a row that is done stays, else the oldest."""
    connection = op.get_bind()
    taken, twins, changed = set(), [], []
    for row in connection.execute(sa.text(FRONTIER)):
        new = key_hash(row.url)
        if new in taken:
            twins.append({"id": row.id})
        elif new != row.url_hash:
            changed.append({"id": row.id, "new": new})
        taken.add(new)
    if twins:
        connection.execute(sa.text("DELETE FROM frontier WHERE id = :id"), twins)
    if changed:
        connection.execute(sa.text("UPDATE frontier SET url_hash = :new WHERE id = :id"), changed)


def documents() -> None:
    """No document goes: of those that have become one, one is found from now on."""
    connection = op.get_bind()
    rows = connection.execute(sa.text(DOCUMENTS)).all()
    taken = {row.identity for row in rows}
    hashes, identities = [], []
    for row in rows:
        new, identity = key_hash(row.url), hash_of(f"url:{key_of(row.url)}")
        if new != row.url_hash:
            hashes.append({"id": row.id, "new": new})
        if row.identity == hash_of(f"url:{row.url}") and identity not in taken:
            identities.append({"id": row.id, "new": identity})
            taken.add(identity)
    if hashes:
        connection.execute(sa.text("UPDATE documents SET url_hash = :new WHERE id = :id"), hashes)
    if identities:
        connection.execute(sa.text("UPDATE documents SET identity = :new WHERE id = :id"), identities)


def downgrade() -> None:
    raise NotImplementedError("a database does not go back: restore the backup made before the upgrade")


# Parameters that say where a reader came from, but not what is read.
TRACKERS = re.compile(
    r"(utm|mtm|pk|piwik|matomo|itm|hsa|at|mkt|vero|oly)_\w+"
    r"|(fb|g|dc|gb|w|ms|tw|yc)?cl(ick)?id|[gw]braid|mc_[ce]id|igshid|_ga|_gl|xtor|xtref|srsltid"
    r"|ref_src|ref_url|cmpid|ocid",
    re.IGNORECASE,
)
# More of these, and sessions and guards against caches. They are known by their names alone.
_OF_THE_READER = re.compile(
    r"jsessionid|phpsessid|aspsessionid\w*|asp\.net_sessionid|cfid|cftoken|sess(ion)?_?id|zenid"
    r"|oscsid|xtcsid|wt[._]\w+|s_cid|icid|smid|_hs(enc|mi)|guccounter|guce_referrer\w*|yclid|ysclid"
    r"|__twitter_impression|_|_dc|no_?cache|cache_?buster|rnd|rand(om)?",
    re.IGNORECASE,
)
_MAYBE_SESSION = re.compile(r"s|sid|ssid|sess|session|token", re.IGNORECASE)
_RANDOM = re.compile(r"[0-9a-f]{24,}|(?=[\w-]*\d)(?=[\w-]*[A-Za-z])[\w-]{20,}", re.IGNORECASE)
# The same article in another dress: for printers, for telephones, as AMP.
_DRESS = re.compile(
    r"(amp|m|mobile|print|printable)(=(1|true|yes|y|print|amp)?)?"
    r"|(view|format|output|outputtype|mode|layout)=(print|amp|mobile)|tmpl=component",
    re.IGNORECASE,
)
_SESSION_IN_PATH = re.compile(
    r";(?:jsessionid|phpsessid|sid)=[^/;?#]*|/\((?:[A-Z]\([^()/]*\))+\)(?=/)", re.IGNORECASE
)
_DRESS_IN_PATH = re.compile(
    r"/(?:amp|print|imprimer|imprimir|stampa|drucken)/*$|\.amp(?=\.html?$|$)|^/amp(?=/.)",
    re.IGNORECASE,
)
_TWIN_HOST = re.compile(r"(?:www\d?|m|mobile|amp)\.(?=[^.]+\.)", re.IGNORECASE)
_ESCAPE = re.compile(r"%[0-9a-f]{2}")
# "amp.gob.pa" is the maritime authority of Panama, and not the government's pages for telephones.
_SUFFIXES = frozenset({"gob", "gouv", "gov", "go", "govt", "com", "co", "org", "net", "ac", "edu"})
_PORTS = {"http": 80, "https": 443}


def key_of(url: str) -> str:
    """Return the key of an address. What is no address of the web is its own key.

    The key of a key is the key itself.
    """
    try:
        parts = urlsplit(url)
        site = _site(parts)
    except ValueError:
        return url
    if site is None:
        return url
    path = _ESCAPE.sub(lambda escape: escape[0].upper(), _plain_path(parts.path))
    query = "&".join(sorted(pair for pair in parts.query.split("&") if _tells_apart(pair)))
    return urlunsplit(("https", site, path, query, parts.fragment))


def hash_of(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()


def key_hash(url: str) -> str:
    """Return the hash under which an address is kept and looked for."""
    return hash_of(key_of(url))


def _site(parts: SplitResult) -> str | None:
    host, port = parts.hostname, parts.port
    if parts.scheme not in _PORTS or not host:
        return None
    while (twin := _TWIN_HOST.match(host)) and host[twin.end() :].split(".")[0] not in _SUFFIXES:
        host = host[twin.end() :]
    shown = f"[{host}]" if ":" in host else host
    return shown if port in (None, *_PORTS.values()) else f"{shown}:{port}"


def _plain_path(path: str) -> str:
    """Return a path without session, dress and final slash."""
    before = None
    while before != path:  # what is left may again end in one of these
        before = path
        path = _DRESS_IN_PATH.sub("", _SESSION_IN_PATH.sub("", path)).rstrip("/")
    return path


def _tells_apart(pair: str) -> bool:
    """Whether a parameter may tell two articles of a site apart."""
    name, _, value = pair.partition("=")
    name = unquote(name)
    if not pair or TRACKERS.fullmatch(name) or _OF_THE_READER.fullmatch(name):
        return False
    if _MAYBE_SESSION.fullmatch(name) and _RANDOM.fullmatch(value):
        return False
    return not _DRESS.fullmatch(pair)
