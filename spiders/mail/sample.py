"""What a mailbox on a server holds, by its headers alone: for trying it once."""

from __future__ import annotations

from spiders.fetch.settings import CrawlSettings
from spiders.kinds.offer import Offer
from spiders.mail.connection import Mailbox, MailFailure
from spiders.mail.messages import message_in
from storage.records import Source


def sample(source: Source, crawl: CrawlSettings) -> Offer:
    """The newest messages, at most as many as one look takes."""
    box = Mailbox(source, frozenset(crawl.allow_private), crawl.timeout_s)
    try:
        box.open()
        heads = box.heads(max(1, box.count - source.max_items + 1), box.count)
    except MailFailure as failure:
        return Offer(problem=f"{failure.reason}: {failure}")
    finally:
        box.close()
    newest_first = (message_in(head, source.url, source) for head in reversed(heads))
    return Offer(tuple(found.candidate for found in newest_first))
