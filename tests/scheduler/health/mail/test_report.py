"""`doctor mail`: what is published is asked from a real server of names."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from scheduler.configuration.config import load_configuration
from scheduler.health.mail.dns_lookup import Dns
from scheduler.health.mail.report import examine_mail
from scheduler.notify.channels.signing import public_key
from spiders.catalog.secrets import Secret
from storage.errors import ConfigurationError
from tests.scheduler.command_line import accordwatch
from tests.scheduler.health.mail.name_server import Zone, naming, text

NOW = datetime(2026, 11, 29, tzinfo=UTC)
CHANNEL = """\
channels:
  - {{id: office, kind: email, to: [ana@ngo.example], sender: watch@ngo.example, host: mail.ngo.example{more}}}
"""
ONE_CLICK = ', unsubscribe: "https://watch.ngo.example/unsubscribe"'
PUBLISHED: Zone = {
    "ngo.example TXT": ['"site-verification=1"', '"v=spf1 a:mail.ngo.example ~all"'],
    "ngo.example MX": ["10 mail.ngo.example."],
    "_dmarc.ngo.example TXT": ['"v=DMARC1; p=none; rua=mailto:dmarc@ngo.example"'],
}


@cache
def _key(bits: int, which: int) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=bits)


def make_key(folder: Path, bits: int = 2048, which: int = 1) -> tuple[str, str]:
    """The setting of a channel that signs, and the record that belongs to it."""
    file = folder / "dkim.pem"
    key = _key(bits, which)
    file.touch(0o600)
    file.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    setting = f", dkim: {{selector: aw, key: {{file: {file}}}}}"
    return setting, f"v=DKIM1; k=rsa; p={public_key(Secret(file=file))}"


def said(folder: Path, more: str, zone: Zone, *, failing: bool = False) -> dict[str, list[str]]:
    """The findings by their level."""
    file = folder / "accordwatch.yaml"
    file.write_text(CHANNEL.format(more=more), encoding="utf-8")
    levels: dict[str, list[str]] = {"well": [], "warning": [], "problem": []}
    with naming(zone, failing=failing) as server:
        for finding in examine_mail(load_configuration(file), server, NOW):
            levels[finding.level].append(finding.line)
    return levels


def test_all_is_well_where_all_is_published(tmp_path: Path) -> None:
    setting, record = make_key(tmp_path)
    zone = {**PUBLISHED, "aw._domainkey.ngo.example TXT": [text(record)]}
    levels = said(tmp_path, setting + ONE_CLICK, zone)
    assert levels["warning"] == levels["problem"] == []
    assert len(levels["well"]) == 6


def test_what_is_missing_is_said_with_what_to_write(tmp_path: Path) -> None:
    setting, record = make_key(tmp_path)
    levels = said(tmp_path, setting, {})
    told = "\n".join(levels["problem"])
    assert "such as: v=spf1 a:mail.ngo.example ~all" in told
    assert (
        f"aw._domainkey.ngo.example has no DKIM key; write this TXT record there: {record}" in told
    )
    assert "_dmarc.ngo.example, such as: v=DMARC1; p=none; rua=mailto:dmarc@ngo.example" in told
    assert "ngo.example takes no mail" in told
    assert len(levels["problem"]) == 4
    assert "give `unsubscribe` the https address of /unsubscribe" in levels["warning"][0]


_OTHER = {
    "b.example TXT": ['"v=spf1 ~all"'],
    "c.example TXT": ['"v=spf1 mx all"'],
    "d.example TXT": ['"v=spf1 ip:192.0.2.1 ~all"'],
    "e.example TXT": ['"v=spf1 mx include:c.example -all"'],
}
_LONG = {f"{n}.example TXT": [f'"v=spf1 include:{n + 1}.example a mx ~all"'] for n in range(5)}
_LONG["5.example TXT"] = ['"v=spf1 ~all"']


@pytest.mark.parametrize(
    ("rows", "level", "words"),
    [
        ({"ngo.example TXT": ['"v=spf1 ~all"', '"v=spf1 mx ~all"']}, "problem", "has 2 SPF records"),
        ({"ngo.example TXT": ['"v=spf1 mx +all"']}, "problem", "lets anybody send"),
        ({"ngo.example TXT": ['"v=spf1 mx ?all"']}, "warning", "end it with ~all"),
        ({"ngo.example TXT": ['"v=spf1 mx redirect=b.example"']} | _OTHER, "well", "ngo.example has SPF"),
        ({"ngo.example TXT": ['"v=spf1 mx redirect=c.example"']} | _OTHER, "problem", "lets anybody send"),
        ({"ngo.example TXT": ['"v=spf1 include:b.example"']} | _OTHER, "warning", "end it with ~all"),
        ({"ngo.example TXT": ['"v=spf1 include:c.example -all"']} | _OTHER, "problem", "it includes that of c.example"),
        ({"ngo.example TXT": ['"v=spf1 include:e.example -all"']} | _OTHER, "problem", "it includes that of e.example"),
        ({"ngo.example TXT": ['"v=spf1 mx -include:c.example ?all"']} | _OTHER, "well", "ngo.example has SPF"),
        ({"ngo.example TXT": ['"v=spf1 redirect=c.example include:b.example -include:c.example"']} | _OTHER, "well", "has SPF"),
        ({"ngo.example TXT": ['"v=spf1 include:d.example ~all"']} | _OTHER, "problem", "leads to that of d.example"),
        ({"ngo.example TXT": ['"v=spf1 mx redirect=gone.example"']}, "problem", "leads to gone.example"),
        ({"ngo.example TXT": ['"v=spf1 ?include:gone.example ~all"']}, "problem", "leads to gone.example"),
        ({"ngo.example TXT": ['"v=spf1 include:%{i}.gone.example ~all"']}, "well", "ngo.example has SPF"),
        ({"ngo.example TXT": ['"v=spf1 redirect=gone.example -all include:gone.example"']}, "well", "has SPF"),
        ({"ngo.example TXT": ['"v=spf1 ip:192.0.2.1 ~all"']}, "problem", "holds ip:192.0.2.1,"),
        ({"ngo.example TXT": ['"v=spf1 a/24 mx:b.example//64 ptr ip6:2001:db8::/32 ip4:192.0.2.0/24 exp=e.b ~all"']}, "well", "has SPF"),
        ({"ngo.example TXT": ['"v=spf1 include:0.example ~all"']} | _LONG, "problem", "10 look-ups"),
        ({"ngo.example TXT": ['"v=spf1 include:ngo.example ~all"']}, "problem", "10 look-ups"),
        ({"_dmarc.ngo.example TXT": ['"v=DMARC1; p=none"', '"v=DMARC1;p=none"']}, "problem", "has 2 DMARC"),
        ({"_dmarc.ngo.example TXT": ['"v=DMARC1; rua=mailto:a@b.example"']}, "problem", "has no policy"),
        ({"ngo.example MX": ["0 ."]}, "problem", "takes no mail"),
    ],
)  # fmt: skip
def test_records_that_receivers_do_not_heed(
    tmp_path: Path, rows: Zone, level: str, words: str
) -> None:
    levels = said(tmp_path, ONE_CLICK, {**PUBLISHED, **rows})
    assert [line for line in levels[level] if words in line] != []


@pytest.mark.parametrize(
    ("more", "level", "words"),
    [
        ("", "warning", "does not sign (DKIM)"),
        (", dkim: {selector: none}", "problem", "ask whoever runs mail.ngo.example"),
        (", dkim: {selector: theirs}", "well", "theirs._domainkey.ngo.example has the DKIM key"),
        (", dkim: {selector: theirs, domain: other.example}", "problem", "signs as other.example"),
        (", dkim: {selector: short}", "warning", "only 1024 bits"),
        (", dkim: {selector: tried}", "warning", "take t=y out"),
        (", dkim: {selector: old}", "problem", "does not count for our mail because of h=sha1"),
        (", dkim: {selector: revoked}", "problem", "has no DKIM key"),
        (", dkim: {selector: broken}", "problem", "cannot be read"),
        (", dkim: {selector: aw, key: {file: no.pem}}", "problem", "no.pem cannot be read"),
    ],
)
def test_keys_of_others(tmp_path: Path, more: str, level: str, words: str) -> None:
    good, short = make_key(tmp_path)[1], make_key(tmp_path, 1024)[1]
    rows = {
        "old": f"{good}; h=sha1",
        "theirs": good,
        "tried": f"{good}; t=y",
        "short": short,
        "revoked": "v=DKIM1; p=",
        "broken": "p=AAAA",
    }
    zone = {f"{name}._domainkey.ngo.example TXT": [text(row)] for name, row in rows.items()}
    levels = said(tmp_path, more, {**PUBLISHED, **zone})
    assert [line for line in levels[level] if words in line] != []


def test_what_is_published_is_shown_in_short(tmp_path: Path) -> None:
    for name, key in (
        ("ngo.example", "v=spf1 mx exp="),
        ("_dmarc.ngo.example", "v=DMARC1; p=none; n="),
    ):
        zone = {**PUBLISHED, f"{name} TXT": [text(key + "x" * 900 + " ~all")]}
        levels = said(tmp_path, ONE_CLICK, zone)
        assert [line for line in levels["well"] if 400 < len(line) < 600] != []
        assert max(map(len, levels["well"])) < 600


def test_two_keys_under_one_name_and_a_key_that_all_can_read(tmp_path: Path) -> None:
    old = make_key(tmp_path, which=2)[1]
    setting, record = make_key(tmp_path)
    (tmp_path / "dkim.pem").chmod(0o644)
    zone = {**PUBLISHED, "aw._domainkey.ngo.example TXT": [text(old), text(record)]}
    levels = said(tmp_path, setting + ONE_CLICK, zone)
    file, keys = levels["warning"]
    assert "every user of this machine can read" in file
    assert "has 2 DKIM keys" in keys
    assert levels["problem"] == []


def test_a_record_is_printed_whole_in_a_pipe(tmp_path: Path) -> None:
    setting, record = make_key(tmp_path)
    (tmp_path / "accordwatch.yaml").write_text(CHANNEL.format(more=setting), encoding="utf-8")
    with naming(PUBLISHED) as server:
        asked = accordwatch("doctor", "mail", "--resolver", server, cwd=tmp_path)
    assert any(line.endswith(record) for line in asked.stdout.splitlines())


@pytest.mark.parametrize(
    "server", ["dns.example", "192.0.2.1:x", "192.0.2.1:65536", "https://b.example/"]
)
def test_a_server_of_names_is_given_by_its_address(server: str) -> None:
    with pytest.raises(ConfigurationError, match="is no address of a server"):
        Dns(server)


@pytest.mark.parametrize(
    "setting", ["selector: a..b", "selector: a, domain: b..c", "selector: a, domain: ."]
)
def test_no_mail_is_signed_under_what_is_no_name(tmp_path: Path, setting: str) -> None:
    file = tmp_path / "accordwatch.yaml"
    file.write_text(CHANNEL.format(more=f", dkim: {{{setting}}}"), encoding="utf-8")
    with pytest.raises(ConfigurationError, match="dkim"):
        load_configuration(file)


def test_a_key_that_was_exchanged_is_told_from_one_that_is_missing(tmp_path: Path) -> None:
    old = make_key(tmp_path, which=2)[1]
    setting, record = make_key(tmp_path)
    zone = {**PUBLISHED, "aw._domainkey.ngo.example TXT": [text(old)]}
    (line,) = said(tmp_path, setting, zone)["problem"]
    assert "another DKIM key" in line
    assert line.endswith(record)


def test_a_strict_policy_asks_for_the_very_domain(tmp_path: Path) -> None:
    zone = {**PUBLISHED, "_dmarc.ngo.example TXT": ['"v=DMARC1; p=none; adkim=s"']}
    more = ", dkim: {selector: a, domain: mail.ngo.example}"
    assert any(
        "signs as mail.ngo.example" in line for line in said(tmp_path, more, zone)["problem"]
    )
    assert not any("signs as" in line for line in said(tmp_path, more, PUBLISHED)["problem"])


def test_dns_that_cannot_be_asked_has_an_exit_code_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "accordwatch.yaml").write_text(CHANNEL.format(more=ONE_CLICK), encoding="utf-8")
    with naming({}, failing=True) as server:
        asked = accordwatch("doctor", "mail", "--resolver", server, cwd=tmp_path)
    assert asked.returncode == 3
    assert "DNS cannot be asked, so SPF, DKIM and DMARC were not looked at" in asked.stdout


def test_programs_read_what_people_read(tmp_path: Path) -> None:
    (tmp_path / "accordwatch.yaml").write_text(CHANNEL.format(more=ONE_CLICK), encoding="utf-8")
    with naming(PUBLISHED) as server:
        command = ("doctor", "mail", "--resolver", server)
        asked = accordwatch(*command, "--format", "json", cwd=tmp_path, locale="fr_FR.UTF-8")
        read = accordwatch(*command, cwd=tmp_path, locale="es_ES.UTF-8")
    answer = json.loads(asked.stdout)
    assert answer["status"] == "warning"
    assert "dkim:office" in [finding["name"] for finding in answer["findings"]]
    assert "ngo.example tiene SPF: v=spf1 a:mail.ngo.example ~all" in read.stdout
    assert asked.returncode == read.returncode == 0


def test_without_a_mail_channel_there_is_nothing_to_look_at(tmp_path: Path) -> None:
    (tmp_path / "accordwatch.yaml").write_text("sources: []\n", encoding="utf-8")
    asked = accordwatch("doctor", "mail", cwd=tmp_path)
    assert asked.returncode == 2
    assert "no channel of kind email" in asked.stderr
