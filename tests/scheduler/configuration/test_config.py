"""The configuration is checked as a whole, and every fault says where it stands and what would be
right.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import BaseModel, ValidationError

from crawler.judgement.judge import load_rules
from crawler.judgement.probability.rates import FALSE_ALARMS
from crawler.located_yaml import parse_yaml
from scheduler.cli.commands.collecting.demo import starter_configuration
from scheduler.configuration.config import Configuration, load_configuration
from scheduler.configuration.edit import enable_source, remove_source
from scheduler.configuration.false_alarms import false_alarm_rate, measure
from scheduler.configuration.sections import (
    ChatChannel,
    EmailChannel,
    FileChannel,
    SubscriptionSettings,
    WebhookChannel,
    check,
)
from scheduler.jobs.passes import crawl_spec
from spiders.catalog.packs import PACKS, bundled_pack
from spiders.catalog.sources import SourceSettings
from storage.database.session import Database
from storage.documents.documents import Origin, store
from storage.errors import ConfigurationError
from storage.source import Source, Trust
from tests.scheduler.given_digests import SUBSCRIPTIONS, configured
from tests.storage.given import NOW, judged

SOURCE = "sources:\n  - id: a\n    kind: feed\n    url: https://a.example/feed\n"


def faults(text: str) -> list[str]:
    with pytest.raises(ConfigurationError) as caught:
        check(parse_yaml(text, "accordwatch.yaml"))
    return str(caught.value).splitlines()


def test_the_starter_configuration_is_usable_as_it_is() -> None:
    settings = check(parse_yaml(starter_configuration(), "accordwatch.yaml"))
    assert len(settings.sources) == 20
    assert not any(source.verified for source in settings.sources)


def test_a_wrong_kind_is_named_with_its_place_and_the_right_ones() -> None:
    text = SOURCE + "  - id: b\n    kind: fed\n    url: https://b.example/\n"
    assert faults(text) == [
        "accordwatch.yaml:6:11: sources[1].kind: 'fed' is not one of feed, sitemap, listing, page, wordpress, json, folder, warc, mailbox, imap"
    ]


def test_all_faults_are_named_at_once_in_the_order_of_the_file() -> None:
    text = "colur: 1\nretention: {unmatched_days: 0}\nsources:\n  - id: a\n    kind: feed\n    evry: 1h\n"
    assert [line.split(": ")[1] for line in faults(text)] == [
        "colur",
        "retention.unmatched_days",
        "sources[0].url",
        "sources[0].evry",
    ]


def test_ids_that_stand_twice_and_unknown_channels_are_named_beside_faulty_values() -> None:
    text = (
        "colur: 1\n"
        + SOURCE
        + "  - {id: a, kind: fed}\nsubscriptions:\n  - {id: s, channels: [fle]}\n  - {id: s, channels: no}\n"
        + "alerts: {operator: [nobody]}\n"
    )
    assert [line.split(": ")[1] for line in faults(text)] == [
        "colur",
        "sources[1].url",
        "sources[1].id",
        "sources[1].kind",
        "subscriptions[0].channels[0]",
        "subscriptions[1].id",
        "subscriptions[1].channels",
        "alerts.operator[0]",
    ]


def test_unknown_rule_packs_and_missing_rule_files_are_named_together(tmp_path: Path) -> None:
    path = tmp_path / "accordwatch.yaml"
    (tmp_path / "there.yaml").write_text("schema: 1\n", encoding="utf-8")
    text = "retention: {unmatched_days: soon}\nrules:\n  packs: [migration-cooperatoin, migration-cooperation, fish]\n"
    path.write_text(text + "  files: [one.yaml, there.yaml, sub/two.yaml, .]\n", encoding="utf-8")
    with pytest.raises(ConfigurationError) as caught:
        load_configuration(path, environ={})
    assert str(caught.value).splitlines() == [
        f"{path}:1:29: retention.unmatched_days: 'soon' should be a whole number",
        f"{path}:3:11: rules.packs[0]: 'migration-cooperatoin' is not a rule pack; did you mean migration-cooperation?",
        f"{path}:3:57: rules.packs[2]: 'fish' is not a rule pack; there is migration-cooperation",
        f"{path}:4:11: rules.files[0]: {tmp_path}/one.yaml: no such file; write it, or remove this line",
        f"{path}:4:33: rules.files[2]: {tmp_path}/sub/two.yaml: no such file; write it, or remove this line",
        f"{path}:4:47: rules.files[3]: {tmp_path}: no such file; write it, or remove this line",
    ]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("retention: {unmatched_days: soon}\n", "'soon' should be a whole number"),
        ("sources: 3\n", "3 should be a list"),
        ("- a\n", "should be a list of `key: value` lines"),
        ("databas: x\n", "did you mean database?"),
        (
            "channels: [{id: x, kind: file, url: y}]\n",
            "channels[0].url: unknown key; known here: folder, id, kind",
        ),
        (
            "subscriptions: [{id: x, channels: [fle]}]\n",
            "no channel has the id 'fle'; there is file",
        ),
        (
            "subscriptions: [{id: x, channels: [file], timezone: Europe/Madird}]\n",
            "did you mean Europe/Madrid?",
        ),
        (
            "subscriptions: [{id: x, channels: [file], rate: daily at 25:00}]\n",
            "25:00 is not a time of day",
        ),
        (
            "schedule: {every: 2h, cron: 0 6 * * *}\n",
            "1:29: schedule.cron: stands beside every; keep one of the two",
        ),
        (
            "schedule: {cron: 0 6 * * 8}\n",
            "1:18: schedule.cron: weekday '8' is not a number from 0 to 7, or sun to sat",
        ),
        ("schedule: {timezone: Europe/Madird}\n", "did you mean Europe/Madrid?"),
        (
            SOURCE + "    cron: 0 6 * *\n",
            "5:11: sources[0].cron: '0 6 * *' is not five fields: minute hour day month",
        ),
        (
            SOURCE + "    jitter: 0\n",
            "0 should be text; put it in quotes if it looks like a number",
        ),
        ("channels: [{id: m, kind: emal}]\n", "'emal' is not one of file, email, webhook, chat"),
        (
            "subscriptions: [{id: x, channels: [file], filter: {parties: [Moroco]}}]\n",
            "did you mean Morocco?",
        ),
        (
            "subscriptions: [{id: x, channels: [file], filter: {corridors: [IT-ZZ]}}]\n",
            "'IT-ZZ' should be two parties with a dash",
        ),
        (
            "subscriptions: [{id: x, channels: [file], filter: {languages: [xx]}}]\n",
            "'xx' is not one of fr, en",
        ),
        ("alerts: {max_age_days: 1000000000}\n", "should be at most 36525"),
        ("alerts: {false_alarms_per_day: 0}\n", "should be more than 0"),
        (
            "sources: [{id: a, kind: feed, url: 'https://u:pw@a.example/'}]\n",
            "an address with a user name or password",
        ),
        (SOURCE + "  - id: a\n    kind: feed\n    url: https://b.example/\n", "'a' is used twice"),
    ],
)
def test_a_fault_says_what_would_be_right(text: str, wanted: str) -> None:
    assert wanted in faults(text)[0]


def test_a_secret_written_into_the_file_is_refused_and_not_repeated() -> None:
    text = (
        "channels: [{id: m, kind: email, to: [a@b.c], sender: a@b.c, host: h, password: hunter2}]\n"
    )
    (line,) = faults(text)
    assert "write {env: NAME} or {file: PATH}" in line
    assert "hunter2" not in line


@pytest.mark.parametrize(
    "channel",
    [
        "{id: desk, kind: webhook, url: hooks.example/hunter2, secrets: [{env: A}]}",
        "{id: desk, kind: webhook, url: 'https://hooks.example/', secrets: hunter2}",
        "{id: desk, kind: webhook, url: 'https://hooks.example/', secrets: [hunter2]}",
        "{id: desk, kind: chat, url: 'slack://hunter2'}",
        "{id: desk, kind: email, to: [a@b.example], sender: a@b.example, host: h, password: hunter2}",
        "{id: desk, kind: email, to: [a@b.example], sender: a@b.example, host: h, password: 54012}",
    ],
)
def test_a_secret_that_is_wrong_or_misplaced_is_not_repeated(channel: str) -> None:
    (fault,) = faults(f"channels:\n  - {channel}\n")
    assert "channels[0]." in fault
    assert "hunter2" not in fault
    assert "54012" not in fault


def test_norway_is_a_country() -> None:
    assert check(parse_yaml(SOURCE + "    country: NO\n", "a")).sources[0].country == "NO"


def test_a_relative_database_lies_beside_the_configuration(tmp_path: Path) -> None:
    path = tmp_path / "accordwatch.yaml"
    path.write_text("database: sqlite:///mine.db\n", encoding="utf-8")
    assert load_configuration(path, environ={}).database == f"sqlite:///{tmp_path}/mine.db"


def test_the_environment_names_another_database(tmp_path: Path) -> None:
    path = tmp_path / "accordwatch.yaml"
    path.write_text("", encoding="utf-8")
    chosen = load_configuration(
        path, environ={"ACCORDWATCH_DATABASE_URL": "postgresql://u:secret@h/d"}
    )
    assert chosen.database == "postgresql://u:secret@h/d"
    assert "secret" not in repr(chosen)


def test_a_missing_configuration_says_how_to_get_one(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="accordwatch init"):
        load_configuration(tmp_path / "none.yaml", environ={})


def test_an_address_that_stands_twice_is_refused_and_a_page_that_is_a_listing_too_is_not(
    tmp_path: Path,
) -> None:
    path = tmp_path / "accordwatch.yaml"
    twice = "sources:\n  - {id: a, kind: feed, url: 'https://a.example/x'}\n"
    path.write_text(
        twice + "  - {id: b, kind: page, url: 'https://a.example/x'}\n", encoding="utf-8"
    )
    assert len(load_configuration(path).sources) == 2
    path.write_text(
        twice + "  - {id: b, kind: feed, url: 'https://A.example/x#top'}\n", encoding="utf-8"
    )
    with pytest.raises(
        ConfigurationError, match=r":3:\d+: sources\[1\]\.url: is the address of a, too"
    ):
        load_configuration(path)


def test_obeying_robots_txt_cannot_be_switched_off_and_a_sentence_says_so(tmp_path: Path) -> None:
    path = tmp_path / "accordwatch.yaml"
    path.write_text("crawl:\n  respect_robots: false\n", encoding="utf-8")
    with pytest.raises(
        ConfigurationError, match=r":2:\d+: crawl.respect_robots: robots.txt is always obeyed"
    ):
        load_configuration(path)


def test_a_missing_address_or_path_is_told_as_missing() -> None:
    text = "sources:\n  - {id: a, kind: feed}\n  - {id: b, kind: folder}\n"
    assert [line.split(": ", 1)[1] for line in faults(text)] == [
        "sources[0].url: is missing; add this key",
        "sources[1].path: is missing; add this key",
    ]


MODELS = (
    *(SourceSettings, SubscriptionSettings),
    *(FileChannel, EmailChannel, WebhookChannel, ChatChannel),
)


@pytest.mark.parametrize(
    "written", ["../up", "a/b", "a\\b", ".", "..", "a\n", "a\0", "", "é", "~a"]
)
@pytest.mark.parametrize("model", MODELS)
def test_an_id_is_no_path(model: type[BaseModel], written: str) -> None:
    with pytest.raises(ValidationError) as caught:
        model.model_validate({"id": written})
    assert ("id",) in [fault["loc"] for fault in caught.value.errors()]


def afford(folder: Path, wanted: float | None) -> Configuration:
    alerts = "" if wanted is None else f"alerts: {{false_alarms_per_day: {wanted}}}\n"
    return configured(folder, SUBSCRIPTIONS + alerts)


def add(database: Database, count: int, days_ago: float, begin: int = 0) -> None:
    with database.begin() as s:
        for number in range(begin, begin + count):
            one = judged(number, relevant=False)
            one = replace(one, verdict=replace(one.verdict, evidence=()))
            at = NOW - timedelta(days=days_ago)
            store(s, one, Origin(at))


@pytest.fixture
def busy(database: Database) -> Database:
    """100 documents of last month, and 1,000 that came within two days."""
    add(database, 100, 30)
    add(database, 600, 2, 100)
    add(database, 400, 1, 700)
    return database


def test_the_volume_turns_a_count_into_a_rate_within_bounds(busy: Database, tmp_path: Path) -> None:
    with busy.read() as s:
        documents, days, rate = measure(s, afford(tmp_path, 0.4), NOW)
        assert (documents, days) == (1_000, 2.0)  # 500 a day
        assert rate == pytest.approx(8.0)
        assert measure(s, afford(tmp_path, 900), NOW)[2] == 20.0
        assert measure(s, afford(tmp_path, 0.001), NOW)[2] == 0.5
        assert measure(s, afford(tmp_path, None), NOW)[2] == FALSE_ALARMS


def test_few_documents_say_nothing(database: Database, tmp_path: Path) -> None:
    add(database, 999, 1)
    assert false_alarm_rate(database, afford(tmp_path, 0.1), NOW) == FALSE_ALARMS
    add(database, 1, 1, 999)
    assert false_alarm_rate(database, afford(tmp_path, 0.1), NOW) == pytest.approx(1.0)


def test_an_empty_database_keeps_the_default(database: Database, tmp_path: Path) -> None:
    assert false_alarm_rate(database, afford(tmp_path, 3), NOW) == FALSE_ALARMS


def test_a_crawl_is_told_the_rate(busy: Database, tmp_path: Path) -> None:
    spec = crawl_spec(busy, afford(tmp_path, 0.4), (), (), NOW)
    assert spec.rules.false_alarms == pytest.approx(8.0)


def test_the_rate_moves_the_threshold_of_alerts() -> None:
    strict, lax = (load_rules(false_alarms=rate).judge for rate in (0.5, 20.0))
    assert strict is not None
    assert lax is not None
    assert strict.thresholds("en")[0] > lax.thresholds("en")[0]


MAGHREB = bundled_pack("maghreb")
ONE = MAGHREB[0]


def sources(text: str) -> dict[str, Source]:
    settings = check(parse_yaml(text, "a"))
    return {source.id: source.to_source() for source in settings.all_sources}


def test_the_sources_of_packs_are_there() -> None:
    found = sources("packs: [maghreb, pacific]\n")
    assert set(found) == {
        source.id for name in ("maghreb", "pacific") for source in bundled_pack(name)
    }


def test_packs_that_share_sources_bring_each_once() -> None:
    assert set(sources("packs: [default, all]\n")) == set(sources("packs: [all]\n"))


def test_an_own_entry_with_the_same_id_takes_the_place_of_a_pack_s() -> None:
    own = f"sources: [{{id: {ONE.id}, kind: page, url: 'https://own.example/'}}]\n"
    found = sources("packs: [maghreb]\n" + own)
    assert len(found) == len(MAGHREB)
    assert (found[ONE.id].url, found[ONE.id].name) == ("https://own.example/", "")


def test_an_own_entry_with_the_same_address_takes_the_place_of_a_pack_s() -> None:
    own = f"sources: [{{id: mine, kind: {ONE.kind}, url: '{ONE.url}'}}]\n"
    found = sources("packs: [maghreb]\n" + own)
    assert "mine" in found
    assert ONE.id not in found


def test_one_source_of_a_pack_is_switched_off() -> None:
    found = sources(f"packs: [maghreb]\nsources: [{{id: {ONE.id}, enabled: false}}]\n")
    assert len(found) == len(MAGHREB)
    assert (found[ONE.id].enabled, found[ONE.id].url) == (False, ONE.url)


def test_one_source_of_a_pack_is_looked_at_more_often_and_trusted_otherwise() -> None:
    entry = f"{{id: {ONE.id}, every: 15m, official: true}}"
    source = sources(f"packs: [maghreb]\nsources:\n  - {entry}\n")[ONE.id]
    assert (source.every, source.trust, source.url) == ("15m", Trust.OFFICIAL, ONE.url)


def test_an_entry_without_an_address_that_is_in_no_chosen_pack_is_a_fault() -> None:
    with pytest.raises(ConfigurationError, match=r"1:\d+: sources\[0\].url: is missing"):
        sources(f"sources: [{{id: {ONE.id}, enabled: false}}]\n")


def test_an_unknown_pack_says_where_and_which_there_are() -> None:
    with pytest.raises(ConfigurationError) as caught:
        check(parse_yaml("packs:\n  - magreb\n  - eu\n  - mars\n  - eu\n", "a"))
    listed = ", ".join(PACKS)
    assert str(caught.value).splitlines() == [
        f"a:2:5: packs[0]: 'magreb' is not a pack of sources; did you mean maghreb? there is {listed}",
        f"a:4:5: packs[2]: 'mars' is not a pack of sources; there is {listed}",
        "a:5:5: packs[3]: 'eu' stands here twice; remove one",
    ]


def test_packs_that_are_no_list_are_a_fault() -> None:
    with pytest.raises(ConfigurationError, match="1:8: packs: 'maghreb' should be a list"):
        sources("packs: maghreb\n")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    written = tmp_path / "accordwatch.yaml"
    written.write_text("# Ours.\npacks: [maghreb]\n", encoding="utf-8")
    return written


def enabled(path: Path) -> bool:
    return {source.id: source for source in load_configuration(path, {}).sources}[ONE.id].enabled


def test_a_source_of_a_pack_is_switched_off_and_on_by_its_id(path: Path) -> None:
    enable_source(path, ONE.id, False)
    assert not enabled(path)
    assert path.read_text(encoding="utf-8").startswith("# Ours.\npacks: [maghreb]\n")
    enable_source(path, ONE.id, True)
    assert enabled(path)


def test_a_source_of_a_pack_cannot_be_removed_from_the_file(path: Path) -> None:
    with pytest.raises(ConfigurationError, match=f"accordwatch sources switch {ONE.id} off"):
        remove_source(path, ONE.id)
