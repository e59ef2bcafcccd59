"""The commands: the name of each, where its code lies, and its line of help.

A place such as "reading.search:search" is a module below `scheduler.cli.commands` and a function in
it. The module is imported when the command is called, so that `accordwatch --help` stays quick.
"""

from __future__ import annotations

from dataclasses import dataclass

from cyclopts import Group

COLLECT = Group("Collect", sort_key=1)
FIND = Group("Find", sort_key=2)
TELL = Group("Tell", sort_key=3)
KEEP = Group("Rules and upkeep", sort_key=4)


@dataclass(frozen=True, slots=True)
class Command:
    """One command; `help` is what `--help` says of it."""

    name: str
    place: str
    help: str


@dataclass(frozen=True, slots=True)
class CommandFamily:
    """Commands below one word, such as `sources list` and `sources add`."""

    name: str
    group: Group
    help: str
    commands: tuple[Command, ...]
    # What the word does alone. It is imported for `--help`, too.
    alone: str | None = None


_REVIEW = """Answer what waits for review: does this document report a step, or not?

The most probable comes first. On a terminal it asks; elsewhere an answer is given with the number:
accordwatch review --answer yes 17 --correct status=signed --why "read it whole" --who amina
With --audit it asks about a few documents that were passed over in silence: what is missed?"""

COMMANDS: dict[Group, tuple[Command, ...]] = {
    COLLECT: (
        Command(
            "demo", "collecting.demo:demo", "Show the whole way of a document on a local news site."
        ),
        Command(
            "init",
            "collecting.init:init",
            "Write a commented accordwatch.yaml that works as it is.",
        ),
        Command(
            "run",
            "collecting.run:run",
            "Look once at all sources that are due, then send the digests that are due.",
        ),
        Command(
            "daemon",
            "collecting.daemon:daemon",
            "Do both on a schedule, and watch over itself, until it is told to end.",
        ),
        Command(
            "worker",
            "collecting.worker:worker",
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
            "reading.agreements:agreements",
            "List the register: an agreement a row, with its history and reports.",
        ),
        Command(
            "changes",
            "reading.changes:changes",
            "List what was learnt lately: new agreements, and new steps of known ones.",
        ),
        Command(
            "pending",
            "reading.pending:pending",
            "List what was signed and is neither ratified nor in force, with the days.",
        ),
        Command(
            "show",
            "reading.show:show",
            "Show the life of an agreement, or of all between two parties, step by step.",
        ),
        Command(
            "document",
            "reading.document:document",
            "Show one document, or what changed in its text since it was seen first.",
        ),
        Command(
            "export",
            "reading.export:export",
            "Write the register as a data set: to cite, for Datasette, a treaty database or Aleph.",
        ),
        Command(
            "web",
            "reading.web:web",
            "Open the register, the search and the API to a browser, for you or for a team.",
        ),
        Command(
            "coverage",
            "reading.coverage:coverage",
            "Estimate how many agreements were never seen here.",
        ),
        Command(
            "extract",
            "judging.extract:extract",
            "Show what is read from a page or PDF: title, text, date, language.",
        ),
        Command(
            "discover", "sources.discover:discover", "Show what a feed, sitemap or listing offers."
        ),
        Command("classify", "judging.classify:classify", "Judge a document and say why."),
    ),
    KEEP: (
        Command("review", "deciding.review:review", _REVIEW),
        Command(
            "reclassify",
            "judging.reclassify:reclassify",
            "Apply today's rules to all that is stored.",
        ),
        Command(
            "backup",
            "upkeep.backup:backup",
            "Copy the whole database to a file and verify the copy, while others work.",
        ),
        Command("restore", "upkeep.restore:restore", "Put a backup in the place of the database."),
        Command(
            "prune",
            "upkeep.prune:prune",
            "Forget what retention no longer keeps, or show what that is.",
        ),
        Command(
            "queue",
            "upkeep.queue:queue",
            "Show the jobs of workers: what waits, what is being done, what failed, and by whom.",
        ),
    ),
}

_REHEARSAL = """Say what a subscription would have told of all that is stored, and how many a week.

Options change the filter of the named subscription. Where none is named, they stand alone. Example:
accordwatch subscriptions preview --group maghreb --topic readmission_returns --since 2025-01-01"""

FAMILIES: tuple[CommandFamily, ...] = (
    CommandFamily(
        "import",
        COLLECT,
        "Store documents from a JSON lines file as if collected, or a list of agreements.",
        (
            Command(
                "agreements",
                "collecting.import_agreements:import_agreements",
                "Let the register know the agreements of a CSV or Excel list; nobody is alerted.",
            ),
        ),
        alone="collecting.import_documents:import_documents",
    ),
    CommandFamily(
        "searches",
        FIND,
        "Searches that were saved under a name (`search ... --save NAME`).",
        (
            Command(
                "list",
                "reading.searches:list_searches",
                "List the saved searches, and how many items a week each would bring.",
            ),
            Command(
                "remove", "reading.searches:remove", "Remove a saved search; its documents stay."
            ),
        ),
    ),
    CommandFamily(
        "digest",
        TELL,
        "Digests: see what would go out, or send it now.",
        (
            Command(
                "preview",
                "telling.digest:preview",
                "Print what would go out; nothing is sent or marked as told.",
            ),
            Command(
                "send", "telling.digest:send", "Send all that is owed now, whatever the schedule."
            ),
            Command(
                "show",
                "telling.digest:show",
                "Print all of a digest that was sent, with what its mail left out.",
            ),
        ),
    ),
    CommandFamily(
        "subscriptions",
        TELL,
        "Subscriptions: who receives what, and who left.",
        (
            Command(
                "list",
                "telling.subscriptions:list_subscriptions",
                "List who receives what, who left, the last digest and the next.",
            ),
            Command(
                "resubscribe", "telling.subscriptions:resubscribe", "Take an unsubscription back."
            ),
            Command("preview", "telling.subscriptions_preview:preview", _REHEARSAL),
            Command(
                "add", "telling.subscriptions_of_people:add", "Tell a mail address what is new."
            ),
            Command(
                "pause",
                "telling.subscriptions_of_people:pause",
                "Tell a person's subscription nothing for a while.",
            ),
            Command(
                "resume",
                "telling.subscriptions_of_people:resume",
                "Let a paused subscription go on.",
            ),
            Command("end", "telling.subscriptions_of_people:end", "End a person's subscription."),
        ),
    ),
    CommandFamily(
        "curate",
        KEEP,
        "Curation: a person's decisions about the register; no later run undoes them, `undo` does.",
        (
            Command("merge", "deciding.curate:merge", "Two agreements are one."),
            Command(
                "split",
                "deciding.curate:split",
                "Some reports of an agreement are about another one.",
            ),
            Command("move", "deciding.curate:move", "A report is about another agreement."),
            Command("correct", "deciding.curate:correct", "A field of a report is wrong."),
            Command("irrelevant", "deciding.curate:irrelevant", "A document reports no agreement."),
            Command(
                "relevant",
                "deciding.curate:relevant",
                "A document that the rules missed reports one.",
            ),
            Command("confirm", "deciding.curate:confirm", "An entry is an agreement indeed."),
            Command("rename", "deciding.curate:rename", "An agreement has a better name."),
            Command("undo", "deciding.curate:undo", "Take a decision back."),
            Command(
                "list",
                "deciding.curate:list_decisions",
                "List all decisions: who, when, why, and the number to undo them.",
            ),
            Command(
                "export",
                "deciding.curate:export",
                "Print corrected documents as labelled articles.",
            ),
        ),
    ),
    CommandFamily(
        "sources",
        KEEP,
        "Sources: what we poll.",
        (
            Command(
                "list",
                "sources.sources:list_sources",
                "List the configured sources and how each is doing.",
            ),
            Command("packs", "sources.packs:packs", "List the packs of sources that come with us."),
            Command(
                "check",
                "sources.check:check",
                "Try sources once from here, say what each offers, and keep it.",
            ),
            Command("add", "sources.add:add", "Find the best source of a site and add it."),
            Command(
                "remove",
                "sources.sources:remove",
                "Take a source out of the configuration; its documents stay.",
            ),
            Command(
                "disable",
                "sources.sources:disable",
                "Stop looking at a source, but keep it in the list.",
            ),
            Command("enable", "sources.sources:enable", "Look at a source again."),
            Command(
                "import",
                "sources.files:import_pack",
                "Add the sources of a pack or OPML file to the configuration.",
            ),
            Command(
                "export",
                "sources.files:export",
                "Print the sources as a pack, or as OPML.",
            ),
        ),
    ),
    CommandFamily(
        "rules",
        KEEP,
        "Rules: check, score, fit, compare, explain.",
        (
            Command(
                "check", "judging.rules:check", "Load the rules and report every fault and warning."
            ),
            Command(
                "test",
                "judging.rules:score",
                "Score the rules: their own examples, and a labelled set.",
            ),
            Command("fit", "judging.rules_fit:fit", "Let the judge learn from your own answers."),
            Command(
                "count", "judging.rules:count", "Count how common the words of a language are."
            ),
            Command(
                "diff", "judging.rules:diff", "Compare two rule sets over the stored documents."
            ),
            Command(
                "explain",
                "judging.rules:explain",
                "Say what a rule found in a document and what was missing.",
            ),
        ),
    ),
    CommandFamily(
        "users",
        KEEP,
        "Users of the page: who may log in, and what for.",
        (
            Command("add", "access.users:add", "Let somebody use the page."),
            Command(
                "list",
                "access.users:list_users",
                "List the users, their roles and their last logins.",
            ),
            Command(
                "remove", "access.users:remove", "Remove a user, with all sessions and tokens."
            ),
            Command(
                "role", "access.users:role", "Change what a user may do: reader, editor or admin."
            ),
            Command("password", "access.users:password", "Give a user a new password."),
            Command(
                "invite", "access.users:invite", "Let somebody choose a password by a mailed link."
            ),
            Command("mail", "access.users:mail", "Give a user a mail address."),
        ),
    ),
    CommandFamily(
        "tokens",
        KEEP,
        "Tokens: what programs and feed readers log in with.",
        (
            Command("add", "access.tokens:add", "Make a token for a user; it is shown once."),
            Command(
                "list", "access.tokens:list_tokens", "List the tokens, and when each was last used."
            ),
            Command("remove", "access.tokens:remove", "Remove a token; it is refused at once."),
        ),
    ),
    CommandFamily(
        "doctor",
        KEEP,
        "Say what is well, what is not, and what to do.",
        (
            Command(
                "mail",
                "upkeep.doctor_mail:doctor_mail",
                "Say whether large receivers would take our mail, and what to write where.",
            ),
        ),
        alone="upkeep.doctor:doctor",
    ),
    CommandFamily(
        "db",
        KEEP,
        "Database: create, upgrade, check, copy.",
        (
            Command(
                "upgrade",
                "upkeep.db:upgrade",
                "Create the database or bring its tables up to date.",
            ),
            Command(
                "check",
                "upkeep.db:check",
                "Say whether the database is sound and its tables are current.",
            ),
            Command(
                "copy",
                "upkeep.db:copy",
                "Copy it whole, from SQLite to PostgreSQL or back.",
            ),
        ),
    ),
)
