"""English by code: the page."""

from __future__ import annotations

from scheduler.views.words.messages import N_, NC_, NP_, NPC_

PAGE = {
    "page.search_hint": N_('Words, "exact phrases", beginnings*, -without, this OR that'),
    "page.go": NC_("page", "Search"),
    "page.documents": NPC_("page", "{n} document", "{n} documents"),
    "page.of_sources": NPC_("page", "{n} source", "{n} sources"),
    "page.agreements": NPC_("page", "{n} agreement", "{n} agreements"),
    "page.first_report.days": NP_("{n} day before {outlet}", "{n} days before {outlet}"),
    "page.first_report.hours": NP_("{n} hour before {outlet}", "{n} hours before {outlet}"),
    "page.first_report.same_day": N_("on the same day as {outlet}"),
    "page.first_report.undated": N_("also reported by {outlet}, date unknown"),
    "page.first_report.official_days": NP_(
        "{n} day before the first official source, {outlet}",
        "{n} days before the first official source, {outlet}",
    ),
    "page.first_report.official_hours": NP_(
        "{n} hour before the first official source, {outlet}",
        "{n} hours before the first official source, {outlet}",
    ),
    "page.first_report.official_same_day": N_(
        "on the same day as the first official source, {outlet}"
    ),
    "page.first_report.official_undated": N_(
        "also reported by an official source, {outlet}, date unknown"
    ),
    "page.imported.pending": N_("Imported on {at} as news: subscribers are notified of it."),
    "page.imported.silent": N_("Imported on {at}, not as news: no subscriber is notified of it."),
    "page.imported.no_report": N_("Imported on {at}."),
    "page.alive": N_("active"),
    "page.silent_source": N_("inactive"),
    "page.never": N_("never checked"),
    "page.disabled": N_("switched off"),
    "page.day": N_("Day"),
    "page.runs.running": N_("running"),
    "page.runs.ended": N_("ended"),
    "page.runs.stopped": N_("stopped early"),
    "page.runs.interrupted": N_("interrupted"),
    "page.runs.matched": NC_("runs", "Relevant"),
    "page.trying.alert": N_("an alert"),
    "page.trying.review": N_("to review"),
    "page.trying.silent": N_("not relevant"),
    "page.decided.merge": N_("merged {other} into {home}"),
    "page.decided.move": N_("moved document {document} from {origin} to {target}"),
    "page.decided.irrelevant": N_("document {document} is not relevant"),
    "page.decided.no_agreement": N_("{home} is not an agreement"),
    "page.decided.relevant": N_("added document {document} to the register"),
    "page.decided.confirm": N_("confirmed {home}"),
    "page.decided.apart": N_("{home} and {other} are two agreements"),
    "page.decided.together": N_("document {document} belongs to {home}"),
    "page.decided.text": N_("the text of {home} stands at {name}"),
    "page.decided.searched": N_("searched for the text of {home}: {name}"),
    "page.decided.rename": N_("named {home} “{name}”"),
    "page.decided.list": N_("imported the list “{name}”"),
    "page.look.soon": N_(
        "{source} will be checked within two minutes if the daemon is running, "
        "otherwise with the next run."
    ),
    "page.edit.read": NC_("edit", "Read"),
    "page.edit.irrelevant": NC_("edit", "Not relevant"),
    "page.edit.wish_merge": N_("merge {other} and {home}"),
    "page.edit.faults.text": N_("This is no address, or it is attached already."),
    "page.edit.faults.searched": N_("Say where you searched, in at most 160 characters."),
    "page.edit.faults.parties": N_(
        "Write codes or names of states, with commas: MA, Niger. At least one."
    ),
    "page.edit.faults.status": N_("This is no status."),
    "page.edit.faults.instrument": N_("This is no kind of agreement."),
    "page.edit.faults.topics": N_("This is no topic."),
    "page.edit.faults.place": N_("A place has at most 200 characters."),
    "page.edit.faults.event_date": N_("Write a date like 2026-03-01."),
    "page.edit.faults.rename": N_("A name has 1 to {n} characters."),
    "page.edit.faults.no_agreement": N_("There is no agreement {id}. Ids look like A12."),
    "page.edit.faults.same": N_("{id} is this agreement."),
    "page.edit.faults.no_target": N_("Pick an agreement, or write the id of one."),
    "page.queue.entries": NP_(
        "{n} of them is an unconfirmed entry.", "{n} of them are unconfirmed entries."
    ),
    "page.queue.audit_left": NP_(
        "{n} document of the sample waiting.", "{n} documents of the sample waiting."
    ),
    "page.queue.no": NC_("queue", "not relevant"),
    "page.duplicates.is_one": NC_("duplicates", "Are these one agreement?"),
    "page.login.enter": NC_("login", "Log in"),
    "page.login.roles.reader": N_("reader"),
    "page.login.roles.editor": N_("editor"),
    "page.login.roles.admin": N_("admin"),
    "page.login.wrong": N_("The name or password is wrong."),
    "page.login.stale": N_("The form has expired, or cookies are switched off. Please try again."),
    "page.linkage.follows": N_("Follows {agreement}"),
    "page.linkage.beside": N_(
        "The same parties also have {agreement}, on another topic or of the same day"
    ),
    "page.linkage.one": N_("Only one report"),
    "page.linkage.joined": N_("Report {document}, score {score}: {points}"),
    "page.linkage.doubtful": N_("To be checked: report {document}, score {score}: {points}"),
    "page.linkage.rivalled": N_(
        "To be checked: report {document}, score {score}, against {rival} for "
        "another agreement: {points}"
    ),
    "page.linkage.apart": N_(
        "To be checked: report {document} began this agreement; for another one its "
        "score was {score}: {points}"
    ),
    "page.linkage.decided": N_("Report {document}: a person decided it"),
    "page.linkage.read": N_("Report {document}: a second reader put it here"),
    "page.linkage.alone": N_(
        "To be checked: report {document} alone reports a later stage, and may be wrong"
    ),
    "page.linkage.points.recalls its date": N_("gives the day on which it was concluded"),
    "page.linkage.points.same kind of paper": N_("same kind of document"),
    "page.linkage.points.named as the same one": N_("the second reader gives both one name"),
    "page.linkage.points.recalls what a list has": N_("recalls an agreement known from a list"),
    "page.linkage.points.of a kind that is named beside it": N_(
        "a kind of document that is named besides it"
    ),
    "page.linkage.points.same parties": N_("same parties"),
    "page.linkage.points.parties in common": N_("some parties in common"),
    "page.linkage.points.a party in common, the other a runner-up": N_(
        "one party in common, the other named less often"
    ),
    "page.linkage.points.a declaration, and what is planned": N_(
        "one is a declaration, the other still planned"
    ),
    "page.linkage.points.named as another one": N_("named as another agreement"),
    "page.linkage.points.named by the subject of a paper beside it": N_(
        "named like another document of the same occasion"
    ),
    "page.linkage.points.named otherwise": N_("named differently"),
    "page.linkage.points.another subject": NC_("linkage.points", "another subject"),
    "page.linkage.points.topics alike": N_("similar topics"),
    "page.linkage.points.other topics": N_("different topics"),
    "page.linkage.points.a declaration of another day than the agreement": N_(
        "one is a declaration of another day"
    ),
    "page.linkage.points.a treaty, and what came before it": N_(
        "one is a treaty, the other came before it"
    ),
    "page.linkage.points.a like kind of paper": N_("similar kind of document"),
    "page.linkage.points.another kind of paper": N_("another kind of document"),
    "page.linkage.points.named beside it": N_("named besides it as another agreement"),
    "page.linkage.points.same numbers and names": N_("same numbers and names"),
    "page.linkage.points.talks about it": N_("reports talks about it"),
    "page.linkage.points.perhaps talks about it": N_("perhaps reports talks about it"),
    "page.linkage.points.recalls it as an earlier one": N_("recalls it as an earlier agreement"),
    "page.linkage.points.talks about another one": N_("reports talks about another agreement"),
    "page.linkage.points.recalls other dates only": N_("recalls other dates only"),
    "page.linkage.points.its headline recalls another date": N_("its headline gives another date"),
    "page.linkage.points.recalls another kind of paper": N_("recalls another kind of document"),
    "page.linkage.points.perhaps named as another one": N_("perhaps named as another agreement"),
    "page.linkage.points.recalls another day": N_("gives another day"),
    "page.linkage.points.recalls another date": N_("gives another date"),
    "page.linkage.points.same stage, same days": N_("same stage, within three days"),
    "page.linkage.points.same day, another status": N_("same day, another status"),
    "page.linkage.points.a second signature within weeks": N_("a second signature within weeks"),
    "page.linkage.points.same stage, some days later": N_("same stage, some days later"),
    "page.linkage.points.looks back at it": N_("looks back at it"),
    "page.linkage.points.talks after the deal that they recall": N_(
        "talks after the agreement that it recalls"
    ),
    "page.linkage.points.undated, same status": N_("undated, same status"),
    "page.linkage.points.undated": N_("undated"),
    "page.linkage.points.same status, some weeks later": N_("same status, some weeks later"),
    "page.linkage.points.without a date": N_("without a date"),
    "page.linkage.points.no status told": N_("no status given"),
    "page.linkage.points.talks go on": N_("talks continue"),
    "page.linkage.points.talks on the eve": N_("talks on the eve"),
    "page.linkage.points.talks of what was signed": N_("speaks of what was signed"),
    "page.linkage.points.new talks after a deal": N_("new talks after an agreement"),
    "page.linkage.points.a deal after talks": N_("an agreement after talks"),
    "page.linkage.points.signed after it was agreed": N_("signed after it was agreed"),
    "page.linkage.points.agreed a second time": N_("agreed a second time"),
    "page.linkage.points.a looser word for the signature": N_("a looser word for the signature"),
    "page.linkage.points.agreed after a signature": N_("agreed after a signature"),
    "page.linkage.points.a second signature": N_("a second signature"),
    "page.linkage.points.after its end": N_("after it had ended"),
    "page.linkage.points.ratified a second time": N_("ratified a second time"),
    "page.linkage.points.a later stage": N_("a later stage"),
    "page.linkage.points.refused after a deal": N_("refused after an agreement"),
    "page.linkage.points.a stage after signature": N_("a stage after signature"),
    "page.linkage.points.a copy of one text": N_("a copy of the same text"),
    "page.linkage.points.a row of one list": N_("a row of the same list"),
}
