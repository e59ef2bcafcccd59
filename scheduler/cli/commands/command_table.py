"""The commands: the name of each, where its code lies, and its line of help.

A place such as "reading.search:search" is a module below `scheduler.cli.commands` and a function in
it. The module is imported when the command is called, so that `accordwatch --help` stays quick.
"""

from __future__ import annotations

from dataclasses import dataclass

from cyclopts import Group

COLLECT = Group("Collect", sort_key=1)
FIND = Group("Find", sort_key=2)
NOTIFY = Group("Notify", sort_key=3)
KEEP = Group("Rules and upkeep", sort_key=4)


@dataclass(frozen=True, slots=True)
class Command:
    """One command; `help` is what `--help` says of it."""

    name: str
    place: str
    help: str


_REVIEW = """Review the documents that wait for a person: relevant, or not?

The most probable comes first. On a terminal it asks; elsewhere an answer is given with the number:
accordwatch review --answer yes 17 --correct status=signed --why "read it whole" --who amina
With --audit it asks about a random sample of documents that raised no alert: what is missed?"""

COMMANDS: dict[Group, tuple[Command, ...]] = {
    COLLECT: (
        Command(
            "demo", "collecting.demo:demo", "Show the whole way of a document on a local news site."
        ),
        Command(
            "init",
            "collecting.demo:init",
            "Write a commented accordwatch.yaml that works as it is.",
        ),
        Command(
            "run",
            "collecting.run:run",
            "Look once at all sources that are due, then send the digests that are due.",
        ),
        Command(
            "daemon",
            "collecting.run:daemon",
            "Do both on a schedule, and monitor itself, until it is stopped.",
        ),
        Command(
            "worker",
            "collecting.run:worker",
            "Take jobs of a daemon that leads (`daemon --workers`), on any machine.",
        ),
        Command(
            "backfill",
            "collecting.backfill:backfill",
            "Read archives of years, and register what was signed; nobody is alerted.",
        ),
    ),
    FIND: (
        Command("search", "reading.search:search", "List the documents that report an agreement."),
        Command(
            "agreements",
            "reading.search:agreements",
            "List the register: an agreement a row, with its history and reports.",
        ),
        Command(
            "changes",
            "reading.search:changes",
            "List what is new: new agreements, and new steps of known ones.",
        ),
        Command(
            "pending",
            "reading.search:pending",
            "List what was signed and is neither ratified nor in force, with the days.",
        ),
        Command(
            "show",
            "reading.show:show",
            "Show the history of an agreement, or of all between two parties.",
        ),
        Command(
            "document",
            "reading.show:document",
            "Show one document, or what changed in its text since it was first stored.",
        ),
        Command(
            "export",
            "reading.export:export",
            "Write the register as a data set to cite: CSV, JSON lines, codebook, citation.",
        ),
        Command(
            "web",
            "reading.web:web",
            "Open the register, the search and the API to a browser, for you or for a team.",
        ),
        Command(
            "coverage",
            "reading.coverage:coverage",
            "Estimate how many agreements are missing here.",
        ),
        Command(
            "extract",
            "judging.classify:extract",
            "Show what is read from a page or PDF: title, text, date, language.",
        ),
        Command("discover", "sources.add:discover", "Show what a feed, sitemap or listing offers."),
        Command("classify", "judging.classify:classify", "Assess a document and say why."),
    ),
    KEEP: (
        Command("review", "deciding.review:review", _REVIEW),
        Command(
            "reclassify",
            "judging.rules:reclassify",
            "Apply today's rules to all that is stored.",
        ),
        Command(
            "backup",
            "upkeep.database:backup",
            "Copy the whole database to a file and verify the copy, while others work.",
        ),
        Command("restore", "upkeep.database:restore", "Put a backup in the place of the database."),
        Command(
            "prune",
            "upkeep.database:prune",
            "Delete what is older than the retention period, or show what that is.",
        ),
        Command(
            "queue",
            "upkeep.doctor:queue",
            "Show the jobs of workers: what waits, what is in progress, what failed, and by whom.",
        ),
    ),
}
