"""English by code: subscribers, users and admins."""

from __future__ import annotations

from scheduler.views.words.messages import N_, NC_, NPC_

PEOPLE = {
    "page.people.of": NC_("people", "Filter"),
    "page.people.ways.mail": N_("mail"),
    "page.people.ways.feed": N_("a feed with a secret address"),
    "page.people.rates.immediately": N_("immediately"),
    "page.people.rates.hourly": N_("every hour"),
    "page.people.rates.daily": N_("daily"),
    "page.people.rates.weekly": N_("weekly"),
    "page.people.rates.monthly": N_("monthly, on the first"),
    "page.people.made.mail": N_(
        "We have sent a mail to {address}. The subscription starts when you open the "
        "link in it and confirm. If you do not confirm within a week, the address is "
        "deleted."
    ),
    "page.people.made.feed": N_(
        "Add this address to your feed reader. It is shown only this once; anyone "
        "who has it can read the feed."
    ),
    "page.people.states.unconfirmed": N_("waiting for confirmation"),
    "page.people.states.paused": N_("paused"),
    "page.people.states.misfit": N_("paused, because its filter is no longer valid: {why}"),
    "page.people.deeds.pause": N_("Pause"),
    "page.people.deeds.resume": N_("Resume"),
    "page.people.deeds.end": N_("End"),
    "page.people.deeds.renew": N_("New address"),
    "page.people.deeds.again": N_("Send the mail again"),
    "page.people.done.pause": N_("Paused. What comes in meanwhile will be sent after you resume."),
    "page.people.done.resume": N_("Resumed."),
    "page.people.done.end": N_("Ended. All its data was deleted."),
    "page.people.done.again": N_("The mail was sent again."),
    "page.people.answer.right.will": N_(
        "The button marks this entry as confirmed. Later reports of it count as "
        "reports of a confirmed entry."
    ),
    "page.people.answer.right.button": N_("It is right"),
    "page.people.answer.right.done": N_("Thank you. The entry is now confirmed."),
    "page.people.answer.wrong.will": N_(
        "The button removes this entry and all its reports from the register. Later "
        "reports of the same event are no longer sent, unless an official source "
        "reports it. You and the editors can take it back."
    ),
    "page.people.answer.wrong.button": N_("It is wrong"),
    "page.people.answer.wrong.done": N_("Thank you. The entry was removed from the register."),
    "page.people.answer.taken_back": N_(
        "Your answer was taken back. The entry is as it was before."
    ),
    "page.people.answer.changed": N_(
        "The entry has changed since this page was opened, so nothing was decided. "
        "Please look at it again."
    ),
    "page.people.account.expired": NC_("people.account", "expired"),
    "page.people.account.scopes.read": NC_("people.account.scopes", "read"),
    "page.people.account.scopes.edit": N_("read and decide"),
    "page.people.account.saved.contact": N_("Saved."),
    "page.people.account.saved.password": N_(
        "Your password was changed. Your sessions in other browsers have ended."
    ),
    "page.people.account.saved.revoked": N_(
        "The token was removed. What uses it is refused from now on."
    ),
    "page.people.account.never": NC_("people.account", "never"),
    "page.people.notes.remove": NC_("people.notes", "Remove"),
    "page.source_kinds.feed": N_("feed"),
    "page.source_kinds.sitemap": N_("sitemap"),
    "page.source_kinds.listing": N_("list of articles"),
    "page.source_kinds.page": N_("watched page"),
    "page.source_kinds.wordpress": N_("WordPress"),
    "page.source_kinds.json": N_("JSON interface"),
    "page.source_kinds.folder": N_("folder"),
    "page.source_kinds.warc": N_("web archive"),
    "page.source_kinds.mailbox": N_("file of mails"),
    "page.source_kinds.imap": N_("mailbox"),
    "page.trials.offers": NPC_("trials", "{n} item", "{n} items"),
    "page.trials.rhythms.auto": N_("as often as it publishes"),
    "page.trials.rhythms.30m": N_("every 30 minutes"),
    "page.trials.rhythms.1h": N_("every hour"),
    "page.trials.rhythms.6h": N_("every 6 hours"),
    "page.trials.rhythms.1d": N_("once a day"),
    "page.trials.added": N_(
        "{source} is now monitored: it is checked within two minutes if the daemon "
        "is running, otherwise with the next run."
    ),
    "page.trials.paused_now": N_("{source} is paused."),
    "page.trials.resumed_now": N_("{source} is checked again."),
    "page.trials.pause": NC_("trials", "Pause"),
    "page.trials.deeds.added": N_("added by {who}, {day}"),
    "page.trials.deeds.paused": N_("paused by {who}, {day}"),
    "page.trials.deeds.resumed": N_("resumed by {who}, {day}"),
    "page.trials.deeds.removed": N_("removed by {who}, {day}"),
    "page.trials.remove": NC_("trials", "Remove"),
}
