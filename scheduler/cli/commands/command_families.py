"""Commands below one word, in the form of `scheduler.cli.commands.command_table`."""

from __future__ import annotations

from dataclasses import dataclass

from cyclopts import Group

from scheduler.cli.commands.command_table import COLLECT, KEEP, NOTIFY, Command


@dataclass(frozen=True, slots=True)
class CommandFamily:
    """Commands below one word, such as `sources list` and `sources add`."""

    name: str
    group: Group
    help: str
    commands: tuple[Command, ...]
    # What the word does alone. It is imported for the `--help` of the family, too.
    alone: str | None = None


_REHEARSAL = """Show what a subscription would have sent of all that is stored, and how many a week.

Options change the filter of the named subscription. Where none is named, they stand alone. Example:
accordwatch subscriptions preview --group maghreb --topic readmission_returns --since 2025-01-01"""

FAMILIES: tuple[CommandFamily, ...] = (
    CommandFamily(
        "import",
        COLLECT,
        "Store documents from a JSON lines file as if collected, or a list.",
        (
            Command(
                "agreements",
                "collecting.imports:import_agreements",
                "Add the agreements of a CSV or Excel list to the register; nobody is notified.",
            ),
        ),
        alone="collecting.imports:import_documents",
    ),
    CommandFamily(
        "digest",
        NOTIFY,
        "Digests: see what would be sent, or send it now.",
        (
            Command(
                "preview",
                "notifications.digest:preview",
                "Print what would be sent; nothing is sent or marked as sent.",
            ),
            Command(
                "send",
                "notifications.digest:send",
                "Send all that is pending now, whatever the schedule.",
            ),
            Command(
                "show",
                "notifications.digest:show",
                "Print all of a digest that was sent, with what its mail left out.",
            ),
        ),
    ),
    CommandFamily(
        "subscriptions",
        NOTIFY,
        "Subscriptions: who receives what, and who unsubscribed.",
        (
            Command(
                "list",
                "notifications.subscriptions:list_subscriptions",
                "List who receives what, who unsubscribed, the last digest and the next.",
            ),
            Command(
                "resubscribe",
                "notifications.subscriptions:resubscribe",
                "Take an unsubscription back.",
            ),
            Command("preview", "notifications.subscriptions:preview", _REHEARSAL),
            Command(
                "add", "notifications.subscriptions:add", "Notify a mail address of what is new."
            ),
            Command(
                "pause",
                "notifications.subscriptions:pause",
                "Pause a person's subscription for a while.",
            ),
            Command(
                "resume",
                "notifications.subscriptions:resume",
                "Resume a paused subscription.",
            ),
            Command("end", "notifications.subscriptions:end", "End a person's subscription."),
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
        "Sources: the sites and feeds that are monitored.",
        (
            Command(
                "list",
                "sources.sources:list_sources",
                "List the configured sources and how each is doing.",
            ),
            Command(
                "packs", "sources.sources:packs", "List the packs of sources that come with us."
            ),
            Command(
                "check",
                "sources.add:check",
                "Try sources once from here, show what each offers, and save it.",
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
                "Stop checking a source, but leave it in the list.",
            ),
            Command("enable", "sources.sources:enable", "Check a source again."),
            Command(
                "import",
                "sources.sources:import_pack",
                "Add the sources of a pack or OPML file to the configuration.",
            ),
            Command(
                "export",
                "sources.sources:export",
                "Print the sources as a pack, or as OPML.",
            ),
        ),
    ),
    CommandFamily(
        "reader",
        KEEP,
        "The second reader: a language model that reads what the rules found.",
        (
            Command(
                "check",
                "judging.reader:check",
                "Ask it about four texts: does it understand, how long, at what cost?",
            ),
            Command("replay", "judging.reader:replay", "Take recorded answers from a file."),
        ),
    ),
    CommandFamily(
        "rules",
        KEEP,
        "Rules: check, score, count, explain.",
        (
            Command(
                "check", "judging.rules:check", "Load the rules and report every fault and warning."
            ),
            Command(
                "test",
                "judging.rules:score",
                "Score the rules: their own examples, and a labelled set.",
            ),
            Command(
                "count", "judging.rules:count", "Count how common the words of a language are."
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
            Command("link", "access.users:link", "Print a link that sets a user's password once."),
        ),
    ),
    CommandFamily(
        "tokens",
        KEEP,
        "Tokens: what programs and feed readers log in with.",
        (
            Command("add", "access.users:add_token", "Make a token for a user; it is shown once."),
            Command(
                "list", "access.users:list_tokens", "List the tokens, and when each was last used."
            ),
            Command(
                "remove", "access.users:remove_token", "Remove a token; it is refused at once."
            ),
        ),
    ),
    CommandFamily(
        "doctor",
        KEEP,
        "Say what is well, what is not, and what to do.",
        (
            Command(
                "mail",
                "upkeep.doctor:doctor_mail",
                "Send a test mail through each mail channel, to see whether and how it arrives.",
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
                "upkeep.database:upgrade",
                "Create the database or bring its tables up to date.",
            ),
            Command(
                "check",
                "upkeep.database:check",
                "Say whether the database is sound and its tables are current.",
            ),
            Command(
                "copy",
                "upkeep.database:copy",
                "Copy it whole, from SQLite to PostgreSQL or back.",
            ),
        ),
    ),
)
