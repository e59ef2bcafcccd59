"""No text from outside reaches the terminal raw, whichever way it takes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from scheduler.cli.main import main
from scheduler.cli.output import say, stderr, stdout
from scheduler.jobs.daemon.host_system import set_up_log
from tests.scheduler.command_line import accordwatch
from tests.scheduler.given_digests import begun, collect, configured, opened
from tests.scheduler.notify.channels.hook_receiver import SECRET, Receiver, receiving
from tests.storage.given import NOW, judged

# colours, a title, a line that goes up and is deleted, C1, and an override of the direction
RAW = "\x1b[31mred\x1b]0;title\x07 \x1b[1A\x1b[2K \x9b31m \u202egnp.exe"
OBEYED = "\x1b\x07\x9b\u202e"
CHANNELS = """
alerts: {{operator: [desk]}}
channels:
  - {{id: desk, kind: webhook, url: "{url}", secrets: [{{env: HOOK_SECRET}}], allow_private: true}}
"""
SUBSCRIPTIONS = """
subscriptions:
  - {id: everything, channels: [desk], rate: immediately}
"""


def obeyed(text: str) -> list[str]:
    return [character for character in text if character in OBEYED]


@pytest.mark.parametrize("printing", [say, stdout().print, stderr().print])
def test_a_line_for_the_terminal_is_cleaned(
    printing: Callable[[str], None], capsys: pytest.CaptureFixture[str]
) -> None:
    printing(f"an answer: {RAW}")
    captured = capsys.readouterr()
    said = captured.out + captured.err
    assert "an answer: [31mred]0;title [1A[2K 31m gnp.exe" in said.replace("\n", "")
    assert obeyed(said) == []


@pytest.mark.parametrize("command", ["digest send", "doctor --send"])
def test_the_answer_of_a_webhook_is_cleaned(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    command: str,
) -> None:
    monkeypatch.setenv("HOOK_SECRET", SECRET)
    with receiving(Receiver(said=RAW, answers=[(500, {})] * 4)) as receiver:
        chosen = configured(tmp_path, SUBSCRIPTIONS, CHANNELS.format(url=receiver.url))
        database = opened(chosen)
        begun(database, chosen, NOW - timedelta(days=1))
        collect(database, chosen, judged(1), now=NOW)
        database.close()
        with pytest.raises(SystemExit):
            main([*command.split(), "--config", str(chosen.path)])
    captured = capsys.readouterr()
    said = captured.out + captured.err
    assert "answered 500" in said
    assert obeyed(said) == []


def test_an_error_is_cleaned(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--config", f"{RAW}.yaml", "doctor"])
    said = capsys.readouterr().err
    assert "no such file" in said
    assert obeyed(said) == []


@pytest.mark.parametrize("as_json", [True, False])
def test_the_log_of_the_daemon_is_cleaned(
    capsys: pytest.CaptureFixture[str], *, as_json: bool
) -> None:
    set_up_log(as_json=as_json).warning("not delivered", why=RAW)
    said = capsys.readouterr().err
    assert "gnp.exe" in said
    assert "\x1b[1A" not in said
    assert [one for one in said if one in "\x07\x9b\u202e"] == []


@pytest.mark.parametrize(
    "arguments", [["reder", "--help"], ["reder", "-h"], ["sources", "reder", "--help"]]
)
def test_help_of_a_word_that_is_no_command_is_refused(arguments: list[str]) -> None:
    done = accordwatch(*arguments)
    assert done.returncode == 2
    assert 'Unknown command "reder"' in done.stderr
    assert done.stdout == ""


@pytest.mark.parametrize(("typed", "meant"), [("serve", "web"), ("list", "agreements")])
def test_a_command_by_the_name_of_other_programs_is_understood(typed: str, meant: str) -> None:
    done = accordwatch(typed)
    assert done.returncode == 2
    assert f'Unknown command "{typed}". Did you mean "{meant}"?' in done.stderr
    assert accordwatch(meant, "--help").returncode == 0
