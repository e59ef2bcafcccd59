"""`doctor mail`: whether large receivers would take our mail, and if not, what to write where."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Literal

from cyclopts import Parameter

from scheduler.cli.commands.upkeep.doctor import print_findings, worst
from scheduler.cli.context import configuration

# Neither well nor a problem: half of it could not be seen.
_NO_DNS = 3


def doctor_mail(
    *,
    resolver: Annotated[
        str | None,
        Parameter(
            help="A server of names to ask, as 192.0.2.1 or 192.0.2.1:5353; else this machine's."
        ),
    ] = None,
    format: Annotated[
        Literal["table", "json"], Parameter(help="table for people; json for programs.")
    ] = "table",
) -> int:
    """Say whether large receivers would take the mail of each channel, and what to write where.

    Sends nothing. Exit 0: all is there, or only recommended things are missing. 1: there is a
    problem. 2: the configuration cannot be used, or has no mail channel. 3: DNS cannot be asked.
    """
    from scheduler.health.mail.report import DNS, examine_mail

    findings = list(examine_mail(configuration(), resolver, datetime.now(UTC)))
    print_findings(findings, format)
    if worst(findings) == "problem":
        return 1
    return _NO_DNS if any(finding.name == DNS for finding in findings) else 0
