from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from spiders.catalog.sources import ScheduleSettings, SourceSettings, load_pack
from storage.errors import ConfigurationError
from storage.source import JsonPaths, Login, SourceKind, Trust


def write(folder: Path, text: str) -> Path:
    path = folder / "pack.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_every_fault_is_named_with_its_place(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        """schema: 1
sources:
  - id: one
    kind: fed
    url: https://a.org/
  - id: two
    kind: listing
    url: a.org
    every: often
    link_patern: x
  - id: one
    kind: listing
    url: https://a.org/
    link_pattern: "("
    link_selector: "a[["
    ignore: ["[["]
    ignore_pattern: "(a+)+"
""",
    )
    with pytest.raises(ConfigurationError) as error:
        load_pack(path)
    told = str(error.value)
    assert f"{path}:4:11: sources[0].kind: 'fed' is not one of feed, sitemap, listing, page" in told
    assert f"{path}:8:10: sources[1].url: 'a.org' is not an address" in told
    assert (
        f"{path}:9:12: sources[1].every: 'often' is not an interval such as 30m, 1h or 1d, nor auto"
        in told
    )
    assert f"{path}:10:5: sources[1].link_patern: unknown key" in told
    assert "sources[2].link_pattern: '(' is not a regular expression" in told
    assert "sources[2].link_selector: 'a[[' is not a CSS selector" in told
    assert "sources[2].ignore: '[[' is not a CSS selector" in told
    assert "sources[2].ignore_pattern: '(a+)+' repeats a group" in told


def imap(folder: Path, entry: str) -> SourceSettings:
    text = f"schema: 1\nsources:\n  - {{id: one, kind: imap, {entry}}}\n"
    (source,) = load_pack(write(folder, text))
    return source


def test_a_mailbox_has_a_name_and_a_password_that_is_never_written(tmp_path: Path) -> None:
    login = "username: me@a.org, password: {file: secrets/mail}"
    source = imap(tmp_path, f"url: 'imaps://mail.a.org/News', {login}").to_source(folder=tmp_path)
    assert source.login == Login("me@a.org", password_file=str(tmp_path / "secrets/mail"))
    plain = imap(tmp_path, f"url: 'imap://mail.a.org', {login}, security: none").to_source()
    assert plain.login is not None
    assert plain.login.plain


@pytest.mark.parametrize(
    ("entry", "fault"),
    [
        ("url: 'imaps://mail.a.org'", "username: is missing"),
        ("url: 'imaps://mail.a.org', username: me, password: hush5", "not the secret itself"),
        ("url: 'imaps://me:hush5@mail.a.org', username: me, password: {env: A}", "holds a name"),
        ("url: 'https://mail.a.org', username: me, password: {env: A}", "such as imaps://"),
        (
            "url: 'imaps://mail.a.org', username: me, password: {env: A}, security: none",
            "encrypted from the start",
        ),
    ],
)
def test_a_mailbox_is_refused_that_could_not_be_opened(
    tmp_path: Path, entry: str, fault: str
) -> None:
    with pytest.raises(ConfigurationError) as error:
        imap(tmp_path, entry)
    assert fault in str(error.value)
    assert "hush5" not in str(error.value)


def test_a_feed_has_no_password(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="belongs to sources of the kind imap"):
        load_pack(
            write(
                tmp_path,
                "schema: 1\nsources:\n  - {id: a, kind: feed, url: 'https://a.org/', username: me}\n",
            )
        )


@pytest.mark.parametrize("port", ["65616", "+80", "80:80", "0", "-1", "eighty"])
def test_a_port_that_is_none_is_refused_with_its_place(tmp_path: Path, port: str) -> None:
    entry = f"  - {{id: one, kind: feed, url: 'http://a.org:{port}/feed'}}\n"
    with pytest.raises(
        ConfigurationError, match=r"3:\d+: sources\[0\]\.url: .*a port is a number from 1 to 65535"
    ):
        load_pack(write(tmp_path, "schema: 1\nsources:\n" + entry))


def test_an_address_that_is_too_long_is_refused(tmp_path: Path) -> None:
    entry = f"  - {{id: one, kind: feed, url: 'http://a.org/{'x' * 2000}'}}\n"
    with pytest.raises(ConfigurationError, match=r"sources\[0\]\.url: has 2,013 characters"):
        load_pack(write(tmp_path, "schema: 1\nsources:\n" + entry))


def test_ids_are_unique(tmp_path: Path) -> None:
    entry = "  - {id: one, kind: feed, url: 'https://a.org/'}\n"
    with pytest.raises(ConfigurationError, match=r"4:10: sources\[1\]\.id: 'one' is used twice"):
        load_pack(write(tmp_path, "schema: 1\nsources:\n" + entry * 2))


def test_a_language_that_we_do_not_read_is_no_hint() -> None:
    settings = SourceSettings(id="x", kind=SourceKind.FEED, url="https://a.org/", language="tr")
    assert settings.to_source().language is None


SETTINGS = SourceSettings(id="x", kind=SourceKind.FEED, url="https://a.org/")
DEFAULTS = ScheduleSettings(every="3h", timezone="Europe/Madrid", jitter="5m")


def timing(
    settings: dict[str, str], defaults: ScheduleSettings = DEFAULTS
) -> tuple[str, str | None, str, int | None]:
    source = SETTINGS.model_copy(update=settings).to_source(defaults)
    return source.every, source.cron, source.timezone, source.jitter_s


def test_a_source_follows_the_schedule_of_all_where_it_has_none() -> None:
    assert timing({}, ScheduleSettings()) == ("auto", None, "UTC", None)
    assert timing({}) == ("3h", None, "Europe/Madrid", 300)
    assert timing({}, ScheduleSettings(cron="0 6 * * *"))[1] == "0 6 * * *"


def test_a_schedule_of_its_own_goes_before_that_of_all() -> None:
    assert timing({"every": "1d", "jitter": "0m"}) == ("1d", None, "Europe/Madrid", 0)
    assert timing({"every": "1d"}, ScheduleSettings(cron="0 6 * * *"))[:2] == ("1d", None)
    assert timing({"cron": "0 6 * * *"})[1:] == ("0 6 * * *", "Europe/Madrid", 300)
    assert timing({"cron": "0 6 * * *", "timezone": "Asia/Dubai"})[2] == "Asia/Dubai"


def test_faults_of_a_schedule_are_named_with_their_place(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        """schema: 1
sources:
  - id: one
    kind: feed
    url: https://a.org/
    every: 1h
    cron: 0 6 * * *
    timezone: UTC
    jitter: 2h
  - id: two
    kind: feed
    url: https://b.org/
    cron: 0 25 * * *
    timezone: Europe/Madird
    jitter: soon
""",
    )
    with pytest.raises(ConfigurationError) as error:
        load_pack(path)
    assert str(error.value).splitlines() == [
        f"{path}:7:11: sources[0].cron: stands beside every; keep one of the two",
        f"{path}:8:15: sources[0].timezone: belongs to cron; an interval has no time zone: leave it out",
        f"{path}:9:13: sources[0].jitter: '2h' is longer than the interval 1h",
        f"{path}:13:11: sources[1].cron: hour '25' is not a number from 0 to 23",
        f"{path}:14:15: sources[1].timezone: 'Europe/Madird' is not a time zone; did you mean Europe/Madrid?",
        f"{path}:15:13: sources[1].jitter: 'soon' is not a length of time such as 90s, 10m or 0m",
    ]


def test_an_official_source_is_trusted_as_official_however_it_says_so() -> None:
    official = SETTINGS.model_copy(update={"official": True}).to_source()
    trusted = SETTINGS.model_copy(update={"trust": Trust.OFFICIAL}).to_source()
    assert official == trusted
    assert (official.official, official.trust) == (True, Trust.OFFICIAL)
    assert SETTINGS.model_copy(update={"trust": Trust.NGO}).to_source().official is False


def test_faults_of_trust_and_proof_are_named_with_their_place(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        """schema: 1
sources:
  - {id: one, kind: feed, url: "https://a.org/", trust: state, proof: last year}
  - {id: two, kind: feed, url: "https://b.org/", official: true, trust: press}
""",
    )
    with pytest.raises(ConfigurationError) as error:
        load_pack(path)
    assert str(error.value).splitlines() == [
        f"{path}:3:57: sources[0].trust: 'state' is not one of official, agency, press, ngo",
        f"{path}:3:71: sources[0].proof: 'last year' is not a day such as 2026-11-24",
        f"{path}:4:73: sources[1].trust: 'press' stands beside official: true; keep one of the two",
    ]


def test_a_day_of_proof_is_read() -> None:
    settings = SourceSettings.model_validate(
        {"id": "x", "kind": "feed", "url": "https://a.org/", "proof": "2026-03-25"}
    )
    assert settings.proof == date(2026, 3, 25)


def test_paths_into_json_are_checked_with_their_place(tmp_path: Path) -> None:
    path = tmp_path / "pack.yaml"
    source = "{id: a, kind: json, url: 'https://a.org/', paths: {items: a..b, url: '/n/{id}'}}"
    path.write_text(f"schema: 1\nsources:\n  - {source}\n", encoding="utf-8")
    with pytest.raises(
        ConfigurationError, match=r":3:\d+: sources\[0\]\.paths\.items: 'a\.\.b' is"
    ):
        load_pack(path)
    path.write_text(path.read_text(encoding="utf-8").replace("a..b", "a.b"), encoding="utf-8")
    assert load_pack(path)[0].to_source().paths == JsonPaths("a.b", "/n/{id}")


def test_a_folder_has_a_path_instead_of_an_address(tmp_path: Path) -> None:
    entry = "  - {id: one, kind: folder, path: dossiers}\n"
    source = load_pack(write(tmp_path, "schema: 1\nsources:\n" + entry))[0].to_source(
        folder=tmp_path
    )
    assert source.url == (tmp_path / "dossiers").as_uri()


@pytest.mark.parametrize(
    ("entry", "told"),
    [
        ("kind: folder", r"sources\[0\]\.path: is missing; add this key"),
        (
            "kind: folder, path: a, url: 'https://a.org/'",
            r"url: a source of the kind folder has no address",
        ),
        (
            "kind: feed, url: 'https://a.org/', path: a",
            r"path: belongs to sources of the kind folder, mailbox, warc",
        ),
        (
            "kind: feed, url: 'file:///etc/passwd'",
            r"url: .* is not an address that begins with http",
        ),
    ],
)
def test_path_and_url_each_belong_to_their_kinds(tmp_path: Path, entry: str, told: str) -> None:
    with pytest.raises(ConfigurationError, match=told):
        load_pack(write(tmp_path, f"schema: 1\nsources:\n  - {{id: one, {entry}}}\n"))


@pytest.mark.parametrize(
    ("entry", "told"),
    [
        ("paths: {items: a, url: b, titel: c}", r"paths\.titel: unknown key; did you mean title\?"),
        ("max_items: 90000", "max_items: 90000 should be at most 5000"),
        ("language: english", "language: 'english' is not a language code"),
    ],
)
def test_faults_are_told_in_the_words_of_the_configuration(
    tmp_path: Path, entry: str, told: str
) -> None:
    text = f"schema: 1\nsources:\n  - {{id: a, kind: json, url: 'https://a.org/', {entry}}}\n"
    with pytest.raises(ConfigurationError, match=told):
        load_pack(write(tmp_path, text))
