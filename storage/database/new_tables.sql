CREATE TABLE agreement_codes (
	agreement_id INTEGER NOT NULL,
	code VARCHAR(16) NOT NULL,
	CONSTRAINT pk_agreement_codes PRIMARY KEY (agreement_id, code),
	CONSTRAINT fk_agreement_codes_agreement_id FOREIGN KEY(agreement_id) REFERENCES agreements (id) ON DELETE CASCADE
)
 WITHOUT ROWID;
CREATE TABLE agreement_parties (
	party VARCHAR(16) NOT NULL,
	agreement_id INTEGER NOT NULL,
	CONSTRAINT pk_agreement_parties PRIMARY KEY (party, agreement_id),
	CONSTRAINT fk_agreement_parties_agreement_id FOREIGN KEY(agreement_id) REFERENCES agreements (id) ON DELETE CASCADE
)
 WITHOUT ROWID;
CREATE TABLE agreement_topics (
	topic VARCHAR(40) NOT NULL,
	agreement_id INTEGER NOT NULL,
	CONSTRAINT pk_agreement_topics PRIMARY KEY (topic, agreement_id),
	CONSTRAINT fk_agreement_topics_agreement_id FOREIGN KEY(agreement_id) REFERENCES agreements (id) ON DELETE CASCADE
)
 WITHOUT ROWID;
CREATE TABLE agreements (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
	title TEXT NOT NULL,
	parties JSON NOT NULL,
	instrument TEXT,
	topics JSON NOT NULL,
	status TEXT,
	place TEXT,
	event_date DATE,
	first_reported_at DATETIME,
	last_reported_on DATE NOT NULL,
	reasons JSON NOT NULL,
	links JSON NOT NULL,
	minted_at DATETIME NOT NULL,
	changed_at DATETIME NOT NULL
, listed_only BOOLEAN DEFAULT 0 NOT NULL, certainty VARCHAR(16) DEFAULT 'single' NOT NULL, place_key TEXT, text_state VARCHAR(10), text_document_id INTEGER, pending_since DATE);
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL,
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
CREATE TABLE aliases (
	alias INTEGER NOT NULL,
	agreement_id INTEGER NOT NULL,
	CONSTRAINT pk_aliases PRIMARY KEY (alias),
	CONSTRAINT fk_aliases_agreement_id FOREIGN KEY(agreement_id) REFERENCES agreements (id) ON DELETE CASCADE
);
CREATE TABLE arrivals (
	document_id INTEGER NOT NULL,
	arrived_at DATETIME NOT NULL,
	fresh BOOLEAN NOT NULL,
	CONSTRAINT pk_arrivals PRIMARY KEY (document_id),
	CONSTRAINT fk_arrivals_document_id FOREIGN KEY(document_id) REFERENCES documents (id) ON DELETE CASCADE
);
CREATE TABLE backups (
	path TEXT NOT NULL,
	made_at DATETIME NOT NULL,
	CONSTRAINT pk_backups PRIMARY KEY (path)
);
CREATE TABLE bands (
	algorithm VARCHAR(40) NOT NULL,
	band BIGINT NOT NULL,
	document_id INTEGER NOT NULL,
	CONSTRAINT pk_bands PRIMARY KEY (algorithm, band, document_id),
	CONSTRAINT fk_bands_document_id FOREIGN KEY(document_id) REFERENCES documents (id) ON DELETE CASCADE
)
 WITHOUT ROWID;
CREATE TABLE changing_parameters (
	site TEXT NOT NULL,
	name TEXT NOT NULL,
	learnt_at DATETIME NOT NULL,
	CONSTRAINT pk_changing_parameters PRIMARY KEY (site, name)
);
CREATE TABLE closed_channels (
	channel TEXT NOT NULL,
	reason TEXT NOT NULL,
	closed_at DATETIME NOT NULL,
	CONSTRAINT pk_closed_channels PRIMARY KEY (channel)
);
CREATE TABLE cookie_jars (
	host TEXT NOT NULL,
	cookies JSON NOT NULL,
	kept_until_at DATETIME NOT NULL,
	CONSTRAINT pk_cookie_jars PRIMARY KEY (host)
);
CREATE TABLE decisions (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
	kind TEXT NOT NULL,
	agreement_id INTEGER,
	other_agreement_id INTEGER,
	who TEXT NOT NULL,
	why TEXT NOT NULL,
	at DATETIME NOT NULL,
	undone_at DATETIME,
	undone_by TEXT
);
CREATE TABLE deliveries (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
	digest_id INTEGER NOT NULL,
	channel TEXT NOT NULL,
	recipient TEXT NOT NULL,
	message_id TEXT NOT NULL,
	state VARCHAR(16) NOT NULL,
	next_try_at DATETIME NOT NULL,
	attempts INTEGER NOT NULL,
	last_error TEXT,
	settled_at DATETIME, body TEXT, page INTEGER DEFAULT '1' NOT NULL, pages INTEGER DEFAULT '1' NOT NULL, page_size INTEGER, resent_at DATETIME,
	CONSTRAINT fk_deliveries_digest_id FOREIGN KEY(digest_id) REFERENCES digests (id) ON DELETE CASCADE,
	CONSTRAINT uq_deliveries_message_id UNIQUE (message_id)
);
CREATE TABLE digests (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
	subscription_id TEXT NOT NULL,
	period TEXT,
	items JSON NOT NULL,
	claimed_at DATETIME NOT NULL
);
CREATE TABLE document_versions (
	document_id INTEGER NOT NULL,
	number INTEGER NOT NULL,
	seen_at DATETIME NOT NULL,
	title TEXT NOT NULL,
	text TEXT NOT NULL,
	text_hash VARCHAR(128) NOT NULL,
	CONSTRAINT pk_document_versions PRIMARY KEY (document_id, number),
	CONSTRAINT fk_document_versions_document_id FOREIGN KEY(document_id) REFERENCES documents (id) ON DELETE CASCADE
);
CREATE TABLE documents (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
	identity VARCHAR(64) NOT NULL,
	external_id TEXT,
	url TEXT,
	url_hash VARCHAR(64),
	outlet TEXT,
	source_id TEXT,
	author TEXT,
	kind TEXT NOT NULL,
	language TEXT NOT NULL,
	title TEXT NOT NULL,
	published_on DATE,
	dated_on DATE NOT NULL,
	text_hash VARCHAR(128) NOT NULL,
	first_seen_at DATETIME NOT NULL,
	changed_at DATETIME,
	run_id INTEGER, listed_on DATE DEFAULT '0001-01-01' NOT NULL, part_of INTEGER,
	CONSTRAINT fk_documents_run_id FOREIGN KEY(run_id) REFERENCES runs (id) ON DELETE SET NULL,
	CONSTRAINT uq_documents_identity UNIQUE (identity)
);
CREATE TABLE frontier (
	id INTEGER NOT NULL,
	url_hash VARCHAR(64) NOT NULL,
	url TEXT NOT NULL,
	source_id TEXT NOT NULL,
	candidate JSON NOT NULL,
	state VARCHAR(16) NOT NULL,
	not_before_at DATETIME NOT NULL,
	attempts INTEGER NOT NULL,
	offered_at DATETIME NOT NULL,
	outcome TEXT,
	document_id INTEGER, last_offered_at DATETIME,
	CONSTRAINT pk_frontier PRIMARY KEY (id),
	CONSTRAINT fk_frontier_document_id FOREIGN KEY(document_id) REFERENCES documents (id) ON DELETE SET NULL,
	CONSTRAINT uq_frontier_url_hash UNIQUE (url_hash)
);
CREATE TABLE hosts (
	host TEXT NOT NULL,
	run_id INTEGER,
	worker TEXT,
	held_until_at DATETIME,
	free_at DATETIME NOT NULL,
	delay_s DOUBLE NOT NULL,
	CONSTRAINT pk_hosts PRIMARY KEY (host)
);
CREATE TABLE incidents (
	name TEXT NOT NULL,
	line TEXT NOT NULL,
	began_at DATETIME NOT NULL,
	seen_at DATETIME NOT NULL,
	told_at DATETIME,
	CONSTRAINT pk_incidents PRIMARY KEY (name)
);
CREATE TABLE last_offers (
	source_id TEXT NOT NULL,
	offers JSON NOT NULL,
	CONSTRAINT pk_last_offers PRIMARY KEY (source_id)
);
CREATE TABLE letters (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
	address_hash VARCHAR(64) NOT NULL,
	requester_hash VARCHAR(64) NOT NULL,
	sent_at DATETIME NOT NULL
);
CREATE TABLE login_attempts (
	"key" VARCHAR(64) NOT NULL,
	failures INTEGER NOT NULL,
	last_at DATETIME NOT NULL,
	blocked_until_at DATETIME,
	CONSTRAINT pk_login_attempts PRIMARY KEY ("key")
);
CREATE TABLE match_keys (
	"key" VARCHAR(40) NOT NULL,
	document_id INTEGER NOT NULL,
	CONSTRAINT pk_match_keys PRIMARY KEY ("key", document_id),
	CONSTRAINT fk_match_keys_document_id FOREIGN KEY(document_id) REFERENCES documents (id) ON DELETE CASCADE
)
 WITHOUT ROWID;
CREATE TABLE match_parties (
	party VARCHAR(16) NOT NULL,
	document_id INTEGER NOT NULL,
	taking_part BOOLEAN NOT NULL,
	CONSTRAINT pk_match_parties PRIMARY KEY (party, document_id),
	CONSTRAINT fk_match_parties_document_id FOREIGN KEY(document_id) REFERENCES documents (id) ON DELETE CASCADE
)
 WITHOUT ROWID;
CREATE TABLE match_rules (
	rule VARCHAR(80) NOT NULL,
	document_id INTEGER NOT NULL,
	CONSTRAINT pk_match_rules PRIMARY KEY (rule, document_id),
	CONSTRAINT fk_match_rules_document_id FOREIGN KEY(document_id) REFERENCES documents (id) ON DELETE CASCADE
)
 WITHOUT ROWID;
CREATE TABLE match_topics (
	topic VARCHAR(40) NOT NULL,
	document_id INTEGER NOT NULL,
	CONSTRAINT pk_match_topics PRIMARY KEY (topic, document_id),
	CONSTRAINT fk_match_topics_document_id FOREIGN KEY(document_id) REFERENCES documents (id) ON DELETE CASCADE
)
 WITHOUT ROWID;
CREATE TABLE matches (
	document_id INTEGER NOT NULL,
	relevant BOOLEAN NOT NULL,
	near_miss BOOLEAN NOT NULL,
	score DOUBLE NOT NULL,
	threshold DOUBLE NOT NULL,
	rules JSON NOT NULL,
	evidence JSON NOT NULL,
	vetoes JSON NOT NULL,
	card JSON NOT NULL,
	clues JSON NOT NULL,
	quote TEXT NOT NULL,
	status TEXT,
	instrument TEXT,
	voice VARCHAR(128) NOT NULL,
	judged_at DATETIME NOT NULL, happened_on DATE, registers BOOLEAN, probability DOUBLE, frame JSON, reasons JSON,
	CONSTRAINT pk_matches PRIMARY KEY (document_id),
	CONSTRAINT fk_matches_document_id FOREIGN KEY(document_id) REFERENCES documents (id) ON DELETE CASCADE
);
CREATE TABLE notes (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
	agreement_id INTEGER NOT NULL,
	who TEXT NOT NULL,
	text TEXT NOT NULL,
	written_at DATETIME NOT NULL
);
CREATE TABLE official_sources (
	source_id TEXT NOT NULL,
	host TEXT NOT NULL, texts BOOLEAN,
	CONSTRAINT pk_official_sources PRIMARY KEY (source_id)
);
CREATE TABLE owed (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
	subscription_id TEXT NOT NULL,
	kind TEXT NOT NULL,
	agreement_id INTEGER,
	detail TEXT NOT NULL,
	owed_at DATETIME NOT NULL
);
CREATE TABLE owed_reports (
	owed_id INTEGER NOT NULL,
	document_id INTEGER NOT NULL,
	CONSTRAINT pk_owed_reports PRIMARY KEY (owed_id, document_id),
	CONSTRAINT fk_owed_reports_document_id FOREIGN KEY(document_id) REFERENCES documents (id) ON DELETE CASCADE,
	CONSTRAINT fk_owed_reports_owed_id FOREIGN KEY(owed_id) REFERENCES owed (id) ON DELETE CASCADE
);
CREATE TABLE password_links (
	token_hash VARCHAR(64) NOT NULL,
	user_id INTEGER NOT NULL,
	expires_at DATETIME NOT NULL,
	CONSTRAINT pk_password_links PRIMARY KEY (token_hash),
	CONSTRAINT fk_password_links_user_id FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE
);
CREATE TABLE pauses (
	host TEXT NOT NULL,
	until_at DATETIME NOT NULL,
	CONSTRAINT pk_pauses PRIMARY KEY (host)
);
CREATE TABLE peoples_subscriptions (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
	kind VARCHAR(16) NOT NULL,
	name TEXT NOT NULL,
	filter JSON NOT NULL,
	rate TEXT NOT NULL,
	timezone TEXT NOT NULL,
	language VARCHAR(16) NOT NULL,
	address TEXT NOT NULL,
	secret TEXT NOT NULL,
	link_key TEXT NOT NULL,
	feed_hash VARCHAR(64),
	page TEXT NOT NULL,
	user_id INTEGER,
	made_by TEXT NOT NULL,
	made_at DATETIME NOT NULL,
	confirmed_at DATETIME,
	paused_at DATETIME,
	CONSTRAINT fk_peoples_subscriptions_user_id FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE,
	CONSTRAINT uq_peoples_subscriptions_feed_hash UNIQUE (feed_hash)
);
CREATE TABLE pins (
	id INTEGER NOT NULL,
	decision_id INTEGER NOT NULL,
	kind TEXT NOT NULL,
	document_id INTEGER NOT NULL,
	other_document_id INTEGER,
	field TEXT,
	value TEXT,
	CONSTRAINT pk_pins PRIMARY KEY (id),
	CONSTRAINT fk_pins_decision_id FOREIGN KEY(decision_id) REFERENCES decisions (id) ON DELETE CASCADE,
	CONSTRAINT fk_pins_document_id FOREIGN KEY(document_id) REFERENCES documents (id) ON DELETE CASCADE,
	CONSTRAINT fk_pins_other_document_id FOREIGN KEY(other_document_id) REFERENCES documents (id) ON DELETE CASCADE
);
CREATE TABLE polls (
	id INTEGER NOT NULL,
	source_id TEXT NOT NULL,
	at DATETIME NOT NULL,
	ok BOOLEAN NOT NULL,
	offered INTEGER NOT NULL,
	new INTEGER NOT NULL,
	error TEXT,
	CONSTRAINT pk_polls PRIMARY KEY (id)
);
CREATE TABLE register_stamp (
	id INTEGER NOT NULL,
	stamp VARCHAR(32) NOT NULL,
	CONSTRAINT pk_register_stamp PRIMARY KEY (id)
);
CREATE TABLE reports (
	agreement_id INTEGER NOT NULL,
	document_id INTEGER NOT NULL,
	step INTEGER,
	position INTEGER NOT NULL, listed BOOLEAN DEFAULT 0 NOT NULL,
	CONSTRAINT pk_reports PRIMARY KEY (agreement_id, document_id),
	CONSTRAINT fk_reports_agreement_id FOREIGN KEY(agreement_id) REFERENCES agreements (id) ON DELETE CASCADE,
	CONSTRAINT fk_reports_document_id FOREIGN KEY(document_id) REFERENCES documents (id) ON DELETE CASCADE
)
 WITHOUT ROWID;
CREATE TABLE revisits (
	document_id INTEGER NOT NULL,
	source_id TEXT NOT NULL,
	due_at DATETIME,
	looks INTEGER NOT NULL,
	gone_looks INTEGER NOT NULL,
	gone_since_at DATETIME,
	withdrawn_at DATETIME,
	CONSTRAINT pk_revisits PRIMARY KEY (document_id),
	CONSTRAINT fk_revisits_document_id FOREIGN KEY(document_id) REFERENCES documents (id) ON DELETE CASCADE
);
CREATE TABLE robots_files (
	origin TEXT NOT NULL,
	rules TEXT,
	read_at DATETIME,
	fresh_until_at DATETIME,
	failing_since_at DATETIME,
	CONSTRAINT pk_robots_files PRIMARY KEY (origin)
);
CREATE TABLE runs (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
	started_at DATETIME NOT NULL,
	finished_at DATETIME,
	report JSON NOT NULL
);
CREATE TABLE saved_searches (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
	name TEXT NOT NULL,
	name_key TEXT NOT NULL,
	address TEXT NOT NULL,
	who TEXT NOT NULL,
	saved_at DATETIME NOT NULL,
	items INTEGER NOT NULL, owner_id INTEGER,
	CONSTRAINT uq_saved_searches_name_key UNIQUE (name_key)
);
CREATE TABLE search_rows (
	document_id INTEGER NOT NULL,
	listed_on DATE NOT NULL,
	published_on DATE,
	first_seen_at DATETIME NOT NULL,
	language TEXT NOT NULL,
	source_id TEXT,
	outlet TEXT,
	status TEXT,
	instrument TEXT,
	score FLOAT NOT NULL,
	probability FLOAT,
	CONSTRAINT pk_search_rows PRIMARY KEY (listed_on, document_id)
)
 WITHOUT ROWID;
CREATE TABLE sessions (
	token_hash VARCHAR(64) NOT NULL,
	user_id INTEGER NOT NULL,
	created_at DATETIME NOT NULL,
	seen_at DATETIME NOT NULL,
	CONSTRAINT pk_sessions PRIMARY KEY (token_hash),
	CONSTRAINT fk_sessions_user_id FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE
);
CREATE TABLE set_aside (
	url_hash VARCHAR(64) NOT NULL,
	url TEXT NOT NULL,
	source_id TEXT NOT NULL,
	document JSON,
	fault TEXT NOT NULL,
	program TEXT NOT NULL,
	set_aside_at DATETIME NOT NULL,
	CONSTRAINT pk_set_aside PRIMARY KEY (url_hash)
);
CREATE TABLE site_bands (
	band BIGINT NOT NULL,
	document_id INTEGER NOT NULL,
	seen_on DATE NOT NULL,
	CONSTRAINT pk_site_bands PRIMARY KEY (band, document_id),
	CONSTRAINT fk_site_bands_document_id FOREIGN KEY(document_id) REFERENCES documents (id) ON DELETE CASCADE
)
 WITHOUT ROWID;
CREATE TABLE source_checks (
	source_id TEXT NOT NULL,
	url TEXT NOT NULL,
	checked_at DATETIME NOT NULL,
	alive BOOLEAN NOT NULL,
	items INTEGER NOT NULL,
	newest_on DATE,
	language TEXT,
	problem TEXT,
	CONSTRAINT pk_source_checks PRIMARY KEY (source_id)
);
CREATE TABLE source_day_counts (
	source_id TEXT NOT NULL,
	"on" DATE NOT NULL,
	quarter INTEGER NOT NULL,
	what VARCHAR(16) NOT NULL,
	name TEXT NOT NULL,
	n INTEGER NOT NULL,
	CONSTRAINT pk_source_day_counts PRIMARY KEY (source_id, "on", quarter, what, name)
);
CREATE TABLE source_days (
	source_id TEXT NOT NULL,
	"on" DATE NOT NULL,
	quarter INTEGER NOT NULL,
	polls INTEGER NOT NULL,
	polls_failed INTEGER NOT NULL,
	offered INTEGER NOT NULL,
	new INTEGER NOT NULL,
	again INTEGER NOT NULL,
	fetched INTEGER NOT NULL,
	matched INTEGER NOT NULL,
	reviewed INTEGER NOT NULL,
	titled INTEGER NOT NULL,
	dated INTEGER NOT NULL,
	dated_ahead INTEGER NOT NULL,
	garbled INTEGER NOT NULL,
	log_length DOUBLE NOT NULL,
	log_length_squared DOUBLE NOT NULL,
	newest_on DATE,
	CONSTRAINT pk_source_days PRIMARY KEY (source_id, "on", quarter)
);
CREATE TABLE source_decisions (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
	source_id TEXT NOT NULL,
	deed VARCHAR(16) NOT NULL,
	who TEXT NOT NULL,
	why TEXT NOT NULL,
	at DATETIME NOT NULL
);
CREATE TABLE source_states (
	source_id TEXT NOT NULL,
	due_at DATETIME,
	last_poll_at DATETIME,
	last_success_at DATETIME,
	last_error TEXT,
	failures INTEGER NOT NULL,
	last_offered INTEGER NOT NULL,
	last_new INTEGER NOT NULL, schedule TEXT, not_before_at DATETIME, moved_from TEXT, moved_to TEXT, moved_at DATETIME, strikes INTEGER, recovered_at DATETIME,
	CONSTRAINT pk_source_states PRIMARY KEY (source_id)
);
CREATE TABLE stars (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
	user_id INTEGER,
	agreement_id INTEGER NOT NULL,
	starred_at DATETIME NOT NULL,
	CONSTRAINT fk_stars_user_id FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE
);
CREATE TABLE steps (
	agreement_id INTEGER NOT NULL,
	position INTEGER NOT NULL,
	status TEXT,
	"on" DATE,
	quote TEXT NOT NULL, learnt_at DATETIME, expected_on DATE,
	CONSTRAINT pk_steps PRIMARY KEY (agreement_id, position),
	CONSTRAINT fk_steps_agreement_id FOREIGN KEY(agreement_id) REFERENCES agreements (id) ON DELETE CASCADE
);
CREATE TABLE subscription_starts (
	subscription_id TEXT NOT NULL,
	wants VARCHAR(64) NOT NULL,
	first_seen_at DATETIME NOT NULL,
	wants_since_at DATETIME NOT NULL,
	CONSTRAINT pk_subscription_starts PRIMARY KEY (subscription_id)
);
CREATE TABLE texts (
	document_id INTEGER NOT NULL,
	text TEXT NOT NULL,
	folded TEXT NOT NULL,
	CONSTRAINT pk_texts PRIMARY KEY (document_id),
	CONSTRAINT fk_texts_document_id FOREIGN KEY(document_id) REFERENCES documents (id) ON DELETE CASCADE
);
CREATE VIRTUAL TABLE texts_fts USING fts5(
        folded, content='texts', content_rowid='document_id', tokenize="unicode61 remove_diacritics 0");
CREATE VIRTUAL TABLE texts_fts_reports USING fts5(folded, tokenize="unicode61 remove_diacritics 0");
CREATE TABLE tokens (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
	user_id INTEGER NOT NULL,
	token_hash VARCHAR(64) NOT NULL,
	scope VARCHAR(16) NOT NULL,
	note TEXT NOT NULL,
	created_at DATETIME NOT NULL,
	expires_at DATETIME,
	used_at DATETIME,
	CONSTRAINT fk_tokens_user_id FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE,
	CONSTRAINT uq_tokens_token_hash UNIQUE (token_hash)
);
CREATE TABLE told (
	subscription_id TEXT NOT NULL,
	news VARCHAR(20) NOT NULL,
	document_id INTEGER NOT NULL,
	detail TEXT NOT NULL,
	digest_id INTEGER,
	told_at DATETIME NOT NULL,
	CONSTRAINT pk_told PRIMARY KEY (subscription_id, news, document_id, detail),
	CONSTRAINT fk_told_digest_id FOREIGN KEY(digest_id) REFERENCES digests (id) ON DELETE SET NULL,
	CONSTRAINT fk_told_document_id FOREIGN KEY(document_id) REFERENCES documents (id) ON DELETE CASCADE
);
CREATE TABLE trials (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
	kind VARCHAR(16) NOT NULL,
	asked JSON NOT NULL,
	who TEXT NOT NULL,
	begun_at DATETIME NOT NULL,
	ended_at DATETIME,
	found JSON
);
CREATE TABLE unsubscribed (
	subscription_id TEXT NOT NULL,
	channel TEXT NOT NULL,
	recipient TEXT NOT NULL,
	at DATETIME NOT NULL,
	CONSTRAINT pk_unsubscribed PRIMARY KEY (subscription_id, channel, recipient)
);
CREATE TABLE users (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
	name TEXT NOT NULL,
	name_key TEXT NOT NULL,
	role VARCHAR(16) NOT NULL,
	password_hash TEXT NOT NULL,
	created_at DATETIME NOT NULL,
	last_login_at DATETIME, mail TEXT, language VARCHAR(16), start_page TEXT, seen_at DATETIME,
	CONSTRAINT uq_users_name_key UNIQUE (name_key)
);
CREATE TABLE validators (
	url_hash VARCHAR(64) NOT NULL,
	url TEXT NOT NULL,
	etag TEXT,
	last_modified TEXT,
	body_hash TEXT, saved_at DATETIME, distrusted_at DATETIME, listed_at DATETIME,
	CONSTRAINT pk_validators PRIMARY KEY (url_hash)
);
CREATE TABLE workers (
	name TEXT NOT NULL,
	machine TEXT NOT NULL,
	version TEXT NOT NULL,
	queues JSON NOT NULL,
	concurrency INTEGER NOT NULL,
	configuration TEXT NOT NULL,
	begun_at DATETIME NOT NULL,
	seen_at DATETIME NOT NULL,
	jobs INTEGER NOT NULL,
	documents_a_minute DOUBLE NOT NULL,
	memory_mb INTEGER,
	waits_because TEXT,
	CONSTRAINT pk_workers PRIMARY KEY (name)
);
CREATE INDEX ix_agreement_parties_agreement_id ON agreement_parties (agreement_id);
CREATE INDEX ix_agreement_topics_agreement_id ON agreement_topics (agreement_id);
CREATE INDEX ix_agreements_newest ON agreements (last_reported_on, id);
CREATE INDEX ix_agreements_pending ON agreements (pending_since, id);
CREATE INDEX ix_aliases_agreement_id ON aliases (agreement_id);
CREATE INDEX ix_arrivals_arrived_at ON arrivals (arrived_at);
CREATE INDEX ix_bands_document_id ON bands (document_id);
CREATE INDEX ix_deliveries_digest_id ON deliveries (digest_id);
CREATE INDEX ix_deliveries_due ON deliveries (state, next_try_at, id);
CREATE INDEX ix_deliveries_settled ON deliveries (state, settled_at);
CREATE INDEX ix_documents_first_seen_at ON documents (first_seen_at);
CREATE INDEX ix_documents_newest ON documents (listed_on, id);
CREATE INDEX ix_documents_part_of ON documents (part_of);
CREATE INDEX ix_documents_run_id ON documents (run_id);
CREATE INDEX ix_documents_text_hash ON documents (text_hash);
CREATE INDEX ix_documents_url_hash ON documents (url_hash);
CREATE INDEX ix_frontier_due ON frontier (state, not_before_at, id);
CREATE INDEX ix_frontier_last_offered_at ON frontier (last_offered_at);
CREATE INDEX ix_frontier_next ON frontier (source_id, state, not_before_at, id);
CREATE INDEX ix_letters_address_hash ON letters (address_hash);
CREATE INDEX ix_letters_requester_hash ON letters (requester_hash);
CREATE INDEX ix_letters_sent_at ON letters (sent_at);
CREATE INDEX ix_login_attempts_last_at ON login_attempts (last_at);
CREATE INDEX ix_match_keys_document_id ON match_keys (document_id);
CREATE INDEX ix_match_parties_document_id ON match_parties (document_id);
CREATE INDEX ix_match_rules_document_id ON match_rules (document_id);
CREATE INDEX ix_match_topics_document_id ON match_topics (document_id);
CREATE INDEX ix_matches_happened_on ON matches (happened_on);
CREATE INDEX ix_matches_instrument ON matches (instrument) WHERE instrument IS NOT NULL;
CREATE INDEX ix_matches_relevant ON matches (relevant, document_id);
CREATE INDEX ix_matches_status ON matches (status) WHERE status IS NOT NULL;
CREATE INDEX ix_matches_to_review ON matches (near_miss, probability);
CREATE INDEX ix_matches_voice ON matches (voice);
CREATE INDEX ix_notes_agreement_id ON notes (agreement_id);
CREATE INDEX ix_official_sources_host ON official_sources (host);
CREATE INDEX ix_owed_reports_document_id ON owed_reports (document_id);
CREATE INDEX ix_owed_subscription_id ON owed (subscription_id);
CREATE INDEX ix_password_links_user_id ON password_links (user_id);
CREATE INDEX ix_peoples_subscriptions_user_id ON peoples_subscriptions (user_id);
CREATE INDEX ix_pins_decision_id ON pins (decision_id);
CREATE INDEX ix_pins_document_id ON pins (document_id);
CREATE INDEX ix_pins_other_document_id ON pins (other_document_id);
CREATE INDEX ix_polls_source_id_at ON polls (source_id, at);
CREATE INDEX ix_reports_document_id ON reports (document_id);
CREATE INDEX ix_revisits_due_at ON revisits (due_at);
CREATE INDEX ix_robots_files_read_at ON robots_files (read_at);
CREATE INDEX ix_runs_started_at ON runs (started_at);
CREATE UNIQUE INDEX ix_search_rows_document_id ON search_rows (document_id);
CREATE INDEX ix_search_rows_language ON search_rows (language, listed_on, document_id);
CREATE INDEX ix_sessions_created_at ON sessions (created_at);
CREATE INDEX ix_sessions_user_id ON sessions (user_id);
CREATE INDEX ix_site_bands_document_id ON site_bands (document_id);
CREATE INDEX ix_source_day_counts_on ON source_day_counts ("on");
CREATE INDEX ix_source_days_on ON source_days ("on");
CREATE INDEX ix_source_decisions_source_id ON source_decisions (source_id);
CREATE INDEX ix_stars_agreement_id ON stars (agreement_id);
CREATE INDEX ix_stars_user_id ON stars (user_id);
CREATE INDEX ix_steps_learnt_at ON steps (learnt_at, agreement_id);
CREATE INDEX ix_steps_on ON steps ("on", agreement_id);
CREATE INDEX ix_tokens_user_id ON tokens (user_id);
CREATE INDEX ix_told_document_id ON told (document_id);
CREATE UNIQUE INDEX ix_users_mail ON users (mail);
CREATE INDEX ix_validators_saved_at ON validators (saved_at);
CREATE UNIQUE INDEX uq_digests_subscription_id_period ON digests (subscription_id, period);
CREATE TRIGGER search_rows_document_update AFTER UPDATE OF listed_on, published_on, first_seen_at, language, source_id, outlet ON documents BEGIN
        UPDATE search_rows SET listed_on = new.listed_on, published_on = new.published_on, first_seen_at = new.first_seen_at, language = new.language, source_id = new.source_id, outlet = new.outlet WHERE document_id = new.id;
    END;
CREATE TRIGGER search_rows_match_delete AFTER DELETE ON matches WHEN old.relevant BEGIN
        DELETE FROM search_rows WHERE document_id = old.document_id;
    END;
CREATE TRIGGER search_rows_match_insert AFTER INSERT ON matches WHEN new.relevant BEGIN
        INSERT INTO search_rows (document_id, listed_on, published_on, first_seen_at, language, source_id, outlet, status, instrument, score, probability) SELECT matches.document_id, listed_on, published_on, first_seen_at, language, source_id, outlet, status, instrument, score, probability
    FROM matches JOIN documents ON documents.id = matches.document_id WHERE matches.relevant AND matches.document_id = new.document_id;
    END;
CREATE TRIGGER search_rows_match_update AFTER UPDATE OF relevant, status, instrument, score, probability ON matches
        WHEN old.relevant OR new.relevant BEGIN
        DELETE FROM search_rows WHERE document_id = new.document_id;
        INSERT INTO search_rows (document_id, listed_on, published_on, first_seen_at, language, source_id, outlet, status, instrument, score, probability) SELECT matches.document_id, listed_on, published_on, first_seen_at, language, source_id, outlet, status, instrument, score, probability
    FROM matches JOIN documents ON documents.id = matches.document_id WHERE matches.relevant AND matches.document_id = new.document_id;
    END;
CREATE TRIGGER texts_fts_delete AFTER DELETE ON texts BEGIN
        INSERT INTO texts_fts(texts_fts, rowid, folded) VALUES ('delete', old.document_id, old.folded);
    END;
CREATE TRIGGER texts_fts_insert AFTER INSERT ON texts BEGIN
        INSERT INTO texts_fts(rowid, folded) VALUES (new.document_id, new.folded);
    END;
CREATE TRIGGER texts_fts_reports_match_delete AFTER DELETE ON matches WHEN old.relevant BEGIN
        DELETE FROM texts_fts_reports WHERE rowid = old.document_id;
    END;
CREATE TRIGGER texts_fts_reports_match_insert AFTER INSERT ON matches WHEN new.relevant BEGIN
        INSERT INTO texts_fts_reports(rowid, folded)
            SELECT document_id, folded FROM texts WHERE document_id = new.document_id;
    END;
CREATE TRIGGER texts_fts_reports_match_update AFTER UPDATE OF relevant ON matches
        WHEN old.relevant <> new.relevant BEGIN
        DELETE FROM texts_fts_reports WHERE rowid = new.document_id;
        INSERT INTO texts_fts_reports(rowid, folded)
            SELECT document_id, folded FROM texts WHERE document_id = new.document_id AND new.relevant;
    END;
CREATE TRIGGER texts_fts_reports_text_delete AFTER DELETE ON texts BEGIN
        DELETE FROM texts_fts_reports WHERE rowid = old.document_id;
    END;
CREATE TRIGGER texts_fts_reports_text_insert AFTER INSERT ON texts
        WHEN EXISTS (SELECT 1 FROM matches WHERE document_id = new.document_id AND relevant) BEGIN
        INSERT INTO texts_fts_reports(rowid, folded) VALUES (new.document_id, new.folded);
    END;
CREATE TRIGGER texts_fts_reports_text_update AFTER UPDATE OF folded ON texts BEGIN
        DELETE FROM texts_fts_reports WHERE rowid = new.document_id;
        INSERT INTO texts_fts_reports(rowid, folded)
            SELECT new.document_id, new.folded FROM matches WHERE document_id = new.document_id AND relevant;
    END;
CREATE TRIGGER texts_fts_update AFTER UPDATE OF folded ON texts BEGIN
        INSERT INTO texts_fts(texts_fts, rowid, folded) VALUES ('delete', old.document_id, old.folded);
        INSERT INTO texts_fts(rowid, folded) VALUES (new.document_id, new.folded);
    END;
INSERT INTO alembic_version (version_num) VALUES ('0049');
