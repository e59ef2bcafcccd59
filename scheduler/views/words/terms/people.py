"""English by code: subscribers, users and admins."""

from __future__ import annotations

from scheduler.views.words.messages import N_, NC_, NP_, NPC_

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
    "page.people.answer.undone": N_(
        "An editor undid your answer ({moment}). Nothing was changed. To decide "
        "about the entry again, log in."
    ),
    "page.people.answer.merged": N_(
        "{id} is now part of {home}, since somebody merged the two. Nothing was changed."
    ),
    "page.people.answer.ruled_out": N_(
        "{id} is no longer in the register: somebody decided that it is no agreement "
        "({moment}). Nothing was changed."
    ),
    "page.people.answer.gone": N_("{id} is no longer in the register. Nothing was changed."),
    "page.people.answer.unknown": N_("This link is not valid. Nothing was changed."),
    "page.people.answer.expired": N_(
        "This link has expired: such links are valid for {n} days. Nothing was changed."
    ),
    "page.people.answer.left": N_(
        "This link is no longer valid, since the subscription no longer goes to its "
        "receiver. Nothing was changed."
    ),
    "page.people.faults.address": N_("This is no mail address: write one like name@example.org."),
    "page.people.faults.no_mail": N_(
        "The page cannot send mails, since no mail channel is configured."
    ),
    "page.people.faults.no_address": N_(
        "The page does not know its own address: it needs site.url in the configuration, or --name."
    ),
    "page.people.faults.too_many": N_("Too many mails were requested today. Try again tomorrow."),
    "page.people.faults.too_many_own": N_(
        "More than {most} subscriptions cannot be made; end one first."
    ),
    "page.people.faults.not_sent": N_(
        "The mail could not be sent, and nothing was saved. Try again in a while."
    ),
    "page.people.faults.kind": N_("Choose mail or feed."),
    "page.people.faults.name": N_("Write a title."),
    "page.people.faults.language": N_("This language is not available."),
    "page.people.faults.rate": N_("Choose a frequency, and a time such as 07:00."),
    "page.people.faults.zone": N_("This is no time zone: write one like Europe/Madrid."),
    "page.people.faults.filter": N_("These filters are no longer valid: {why}"),
    "page.people.faults.user_name": N_(
        "This cannot be a name: write letters, digits and . _ - @ +, at most 64."
    ),
    "page.people.faults.taken": N_("{name} is there already."),
    "page.people.account.made": N_(
        "Give this address to {name}. It sets a password, once, until {until}. It is "
        "shown only now."
    ),
    "page.people.account.wrong": N_("The current password is wrong."),
    "page.people.account.token_name": N_("Say what the token is for."),
    "page.people.account.expired": NC_("people.account", "expired"),
    "page.people.account.change_role": N_("Change the role"),
    "page.people.account.remove": N_("Remove"),
    "page.people.account.removed": N_("{name} was removed."),
    "page.people.account.role_changed": N_("The role of {name} is now: {role}."),
    "page.people.account.refused": N_("Nothing was changed: {why}."),
    "page.people.account.first": N_(
        "The first user is an admin, who can add the others. From then on everybody logs in."
    ),
    "page.people.account.scopes.read": NC_("people.account.scopes", "read"),
    "page.people.account.scopes.edit": N_("read and decide"),
    "page.people.account.saved.contact": N_("Saved."),
    "page.people.account.saved.password": N_(
        "Your password was changed. Your sessions in other browsers have ended."
    ),
    "page.people.account.saved.revoked": N_(
        "The token was removed. What uses it is refused from now on."
    ),
    "page.people.account.link": N_("Link for a new password"),
    "page.people.account.never": NC_("people.account", "never"),
    "page.people.account.differ": N_("The two passwords differ."),
    "page.people.account.length": N_(
        "A password has 12 to 1,024 characters and is not easily guessed, such as "
        "four words that have nothing to do with each other."
    ),
    "page.people.notes.remove": NC_("people.notes", "Remove"),
    "page.trials.no_address": N_("This is no web address: write one like {example}."),
    "page.trials.known": N_("A source has this address already."),
    "page.trials.busy": N_("Another address is being checked. Try again in a minute."),
    "page.trials.refused": N_("Nothing could be fetched from there."),
    "page.trials.offers": NPC_("trials", "{n} item", "{n} items"),
    "page.trials.rhythms.auto": N_("as often as it publishes"),
    "page.trials.rhythms.30m": N_("every 30 minutes"),
    "page.trials.rhythms.1h": N_("every hour"),
    "page.trials.rhythms.6h": N_("every 6 hours"),
    "page.trials.rhythms.1d": N_("once a day"),
    "page.trials.not_saved": N_("Nothing was changed."),
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
