"""The commands: the module of each, and its line in `--help`.

A module is imported when one of its commands is called, so that `accordwatch --help` stays quick.
"""

from __future__ import annotations

from cyclopts import Group

# What most people need first; all others follow by what they are for.
BEGIN = Group("Begin here", sort_key=0)
FIRST = ("init", "demo", "run", "daemon", "agreements", "search", "web", "doctor")
COLLECT = Group("Collect", sort_key=1)
FIND = Group("Find", sort_key=2)
NOTIFY = Group("Notify", sort_key=3)
KEEP = Group("Rules and upkeep", sort_key=4)

# By group and module: the commands and their lines. What a command does is the function of its name
# in that module, with "_" for a space.
COMMANDS: dict[Group, dict[str, dict[str, str]]] = {
    COLLECT: {
        "collecting.demo": {
            "demo": "Show how articles become alerts, with a local news site.",
            "init": "Write a commented accordwatch.yaml that works as it is.",
        },
        "collecting.run": {
            "run": "Look once at all sources that are due, then send the digests that are due.",
        },
        "collecting.daemon": {
            "daemon": "Collect and send on a schedule, and monitor itself, until it is stopped.",
            "worker": "Do the jobs of a daemon that was started with --workers, on any machine.",
        },
        "collecting.backfill": {
            "backfill": "Read archives of years, and register what was signed; nobody is alerted.",
        },
        "collecting.imports": {
            "import": "Store documents from JSON lines as if collected, or a list of agreements.",
        },
    },
    FIND: {
        "reading.search": {
            "search": "List the documents that report an agreement.",
            "agreements": "List the register: an agreement a row, with its history and reports.",
            "changes": "List what is new: new agreements, and new stages of known ones.",
            "pending": "List what was signed but is not ratified or in force, and since when.",
        },
        "reading.show": {
            "show": "Show the history of an agreement, or of all between two parties.",
            "document": "Show one document, or what changed in its text since it was first stored.",
        },
        "reading.export": {
            "export": "Write the register as a data set to cite: CSV, JSON lines, codebook.",
        },
        "reading.publish": {
            "publish": "Write the register as a site of files, for any web server to hold.",
        },
        "reading.web": {
            "web": "Open the register, the search and the API to a browser, for you or for a team.",
        },
        "sources.sources": {
            "coverage": "Show what was requested of each source, and what it brought.",
        },
        "judging.extract": {
            "extract": "Show what is read from a page or PDF: title, text, date, language.",
        },
        "judging.classify": {
            "classify": "Assess a document and say why.",
        },
        "sources.add": {
            "discover": "Show what a feed, sitemap or listing offers.",
        },
    },
    NOTIFY: {
        "notifications": {
            "digest show": "Print what would be sent now, or all of a digest that was sent.",
            "digest send": "Send all that is pending now, whatever the schedule.",
            "subscriptions list": "List who receives what, who unsubscribed, last and next digest.",
            "subscriptions preview": "Show what a subscription would have sent, and how often.",
            "subscriptions add": "Notify a mail address of what is new.",
            "subscriptions change": "Pause, resume or end a person's subscription.",
            "subscriptions resubscribe": "Take an unsubscription back.",
        },
    },
    KEEP: {
        "deciding.review": {
            "review": "Decide about documents that the automatic assessment was unsure of.",
        },
        "deciding.curate": {
            "curate": "Decide about the register; no later run undoes it, `curate undo` does.",
            "decisions": "List all decisions: who, when, why, and the number to undo them.",
        },
        "sources.sources": {
            "sources list": "List the configured sources and how each is doing, or the packs.",
            "sources remove": "Take a source out of the configuration; its documents stay.",
            "sources switch": "Stop checking a source, but leave it in the list; or begin again.",
        },
        "sources.add": {
            "sources add": "Add the best source of a site, or the sources of a pack or OPML file.",
            "sources check": "Try sources once from here, show what each offers, and save it.",
        },
        "judging.rules": {
            "rules check": "Load the rules, try their examples, and score them by a labelled set.",
            "rules count": "Count how common the words of a language are.",
            "rules explain": "Say what a rule found in a document and what was missing.",
            "reclassify": "Apply today's rules to all that is stored.",
        },
        "judging.reader": {
            "reader check": "Ask it about four texts: does it understand, how long, at what cost?",
            "reader replay": "Take recorded answers from a file.",
        },
        "users": {
            "users add": "Let somebody use the page.",
            "users list": "List the users, their roles and their last logins.",
            "users remove": "Remove a user, with all sessions and tokens.",
            "users role": "Change what a user may do: reader, editor or admin.",
            "users password": "Give a user a new password, or a link that sets it once.",
            "tokens add": "Make a token for a user; it is shown once.",
            "tokens list": "List the tokens, and when each was last used.",
            "tokens remove": "Remove a token; it is refused at once.",
        },
        "upkeep.database": {
            "backup": "Copy the whole database to a file and verify the copy, while it is in use.",
            "restore": "Replace the database by a backup.",
            "prune": "Delete what is older than the retention period, or show what that is.",
            "db upgrade": "Create the database or bring its tables up to date, or check it.",
            "db copy": "Copy it whole, from SQLite to PostgreSQL or back.",
        },
        "upkeep.doctor": {
            "doctor": "Check the installation, and say what to do about what is wrong.",
            "queue": "Show the jobs of workers: what waits, is done or failed, and by whom.",
        },
    },
}
FAMILIES = {
    "digest": "Digests: see what would be sent, or send it now.",
    "subscriptions": "Subscriptions: who receives what, and who unsubscribed.",
    "sources": "Sources: the sites and feeds that are monitored.",
    "rules": "Rules: check, score, count, explain.",
    "reader": "The second reader: a language model that reads what the rules found.",
    "users": "Users of the page: who may log in, and what for.",
    "tokens": "Tokens: what programs and feed readers log in with.",
    "db": "Database: create, upgrade, check, copy.",
}


def commands() -> list[str]:
    """All commands, such as "run" and "sources list"."""
    return [name for group in COMMANDS.values() for lines in group.values() for name in lines]
