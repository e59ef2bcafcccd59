"""Gets documents from sources, by Scrapy where our reasons allow.

Used as it is: engine, signals, settings (`fetch.settings`), download handlers, downloader with its
slots, and the middlewares for timeouts, headers, the user agent, redirects and cookies (the last
two with a check of each address).

Replaced:

- the scheduler and its queues, by the frontier in the database: a `JOBDIR` loses or repeats
  requests when the process is killed, and several machines share ours;
- callbacks, by tasks that await the downloader (`reading.watch`): a request that a middleware drops
  calls nobody back, and what was claimed would never be counted;
- the retry middleware, by the frontier's waits, which outlive a run; `Retry-After` is obeyed;
- the robots.txt middleware: Scrapy's reads the body of a 5xx as rules;
- items and pipelines, by one thread that writes in batches (`writer`), and a pool of killable
  processes that extract and judge (`crawler.pool`);
- extensions, by none: no telnet console, no statistics of which nobody reads.

`docs/decisions/requests-are-tasks.md` says what was tried before.
"""
