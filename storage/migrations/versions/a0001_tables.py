"""The first tables, with what searches read: words, and narrow rows that triggers keep."""

import sqlalchemy as sa
from alembic import op

revision = "a0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('agreements',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('title', sa.Text(), nullable=False),
    sa.Column('parties', sa.JSON(), nullable=False),
    sa.Column('instrument', sa.Text(), nullable=True),
    sa.Column('topics', sa.JSON(), nullable=False),
    sa.Column('status', sa.Text(), nullable=True),
    sa.Column('place', sa.Text(), nullable=True),
    sa.Column('event_date', sa.Date(), nullable=True),
    sa.Column('first_reported_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('last_reported_on', sa.Date(), nullable=False),
    sa.Column('reasons', sa.JSON(), nullable=False),
    sa.Column('doubts', sa.JSON(), nullable=False),
    sa.Column('links', sa.JSON(), nullable=False),
    sa.Column('listed_only', sa.Boolean(), server_default=sa.false(), nullable=False),
    sa.Column('grade', sa.String(length=16), server_default='unconfirmed', nullable=False),
    sa.Column('grade_basis', sa.String(length=16), server_default='single', nullable=False),
    sa.Column('grade_by', sa.Text(), nullable=False),
    sa.Column('grade_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('place_key', sa.Text(), nullable=True),
    sa.Column('text_state', sa.String(length=10), nullable=True),
    sa.Column('text_document_id', sa.Integer(), nullable=True),
    sa.Column('pending_since', sa.Date(), nullable=True),
    sa.Column('minted_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('changed_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_agreements')),
    sqlite_autoincrement=True
    )
    op.create_index('ix_agreements_newest', 'agreements', ['last_reported_on', 'id'], unique=False)
    op.create_index('ix_agreements_pending', 'agreements', ['pending_since', 'id'], unique=False)
    op.create_table('backups',
    sa.Column('path', sa.Text(), nullable=False),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('path', name=op.f('pk_backups'))
    )
    op.create_table('closed_channels',
    sa.Column('channel', sa.Text(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('closed_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('channel', name=op.f('pk_closed_channels'))
    )
    op.create_table('cookie_jars',
    sa.Column('host', sa.Text(), nullable=False),
    sa.Column('cookies', sa.JSON(), nullable=False),
    sa.Column('kept_until_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('host', name=op.f('pk_cookie_jars'))
    )
    op.create_table('decisions',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('agreement_id', sa.Integer(), nullable=True),
    sa.Column('other_agreement_id', sa.Integer(), nullable=True),
    sa.Column('who', sa.Text(), nullable=False),
    sa.Column('why', sa.Text(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('undone_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('undone_by', sa.Text(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_decisions')),
    sqlite_autoincrement=True
    )
    op.create_table('digests',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('subscription_id', sa.Text(), nullable=False),
    sa.Column('period', sa.Text(), nullable=True),
    sa.Column('items', sa.JSON(), nullable=False),
    sa.Column('claimed_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_digests')),
    sqlite_autoincrement=True
    )
    op.create_index('uq_digests_subscription_id_period', 'digests', ['subscription_id', 'period'], unique=True)
    op.create_table('hosts',
    sa.Column('host', sa.Text(), nullable=False),
    sa.Column('run_id', sa.Integer(), nullable=True),
    sa.Column('worker', sa.Text(), nullable=True),
    sa.Column('held_until_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('free_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('delay_s', sa.Double(), nullable=False),
    sa.PrimaryKeyConstraint('host', name=op.f('pk_hosts'))
    )
    op.create_table('incidents',
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('line', sa.Text(), nullable=False),
    sa.Column('began_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('seen_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('notified_at', sa.DateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('name', name=op.f('pk_incidents'))
    )
    op.create_table('letters',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('address_hash', sa.String(length=64), nullable=False),
    sa.Column('requester_hash', sa.String(length=64), nullable=False),
    sa.Column('sent_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_letters')),
    sqlite_autoincrement=True
    )
    op.create_index(op.f('ix_letters_address_hash'), 'letters', ['address_hash'], unique=False)
    op.create_index(op.f('ix_letters_requester_hash'), 'letters', ['requester_hash'], unique=False)
    op.create_index(op.f('ix_letters_sent_at'), 'letters', ['sent_at'], unique=False)
    op.create_table('login_attempts',
    sa.Column('key', sa.String(length=64), nullable=False),
    sa.Column('failures', sa.Integer(), nullable=False),
    sa.Column('last_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('blocked_until_at', sa.DateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('key', name=op.f('pk_login_attempts'))
    )
    op.create_index(op.f('ix_login_attempts_last_at'), 'login_attempts', ['last_at'], unique=False)
    op.create_table('notes',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('agreement_id', sa.Integer(), nullable=False),
    sa.Column('who', sa.Text(), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('written_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_notes')),
    sqlite_autoincrement=True
    )
    op.create_index(op.f('ix_notes_agreement_id'), 'notes', ['agreement_id'], unique=False)
    op.create_table('official_sources',
    sa.Column('source_id', sa.Text(), nullable=False),
    sa.Column('host', sa.Text(), nullable=False),
    sa.Column('texts', sa.Boolean(), nullable=True),
    sa.PrimaryKeyConstraint('source_id', name=op.f('pk_official_sources'))
    )
    op.create_index(op.f('ix_official_sources_host'), 'official_sources', ['host'], unique=False)
    op.create_table('pending_notifications',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('subscription_id', sa.Text(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('agreement_id', sa.Integer(), nullable=True),
    sa.Column('detail', sa.Text(), nullable=False),
    sa.Column('pending_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_pending_notifications')),
    sqlite_autoincrement=True
    )
    op.create_index(op.f('ix_pending_notifications_subscription_id'), 'pending_notifications', ['subscription_id'], unique=False)
    op.create_table('pauses',
    sa.Column('host', sa.Text(), nullable=False),
    sa.Column('until_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('host', name=op.f('pk_pauses'))
    )
    op.create_table('polls',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('source_id', sa.Text(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ok', sa.Boolean(), nullable=False),
    sa.Column('offered', sa.Integer(), nullable=False),
    sa.Column('new', sa.Integer(), nullable=False),
    sa.Column('error', sa.Text(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_polls'))
    )
    op.create_index('ix_polls_source_id_at', 'polls', ['source_id', 'at'], unique=False)
    op.create_table('register_stamp',
    sa.Column('id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('stamp', sa.String(length=32), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_register_stamp'))
    )
    op.create_table('robots_files',
    sa.Column('origin', sa.Text(), nullable=False),
    sa.Column('rules', sa.Text(), nullable=True),
    sa.Column('read_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('fresh_until_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('failing_since_at', sa.DateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('origin', name=op.f('pk_robots_files'))
    )
    op.create_index(op.f('ix_robots_files_read_at'), 'robots_files', ['read_at'], unique=False)
    op.create_table('runs',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('started_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('finished_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('report', sa.JSON(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_runs')),
    sqlite_autoincrement=True
    )
    op.create_index(op.f('ix_runs_started_at'), 'runs', ['started_at'], unique=False)
    op.create_table('set_aside',
    sa.Column('url_hash', sa.String(length=64), nullable=False),
    sa.Column('url', sa.Text(), nullable=False),
    sa.Column('source_id', sa.Text(), nullable=False),
    sa.Column('document', sa.JSON(none_as_null=True), nullable=True),
    sa.Column('fault', sa.Text(), nullable=False),
    sa.Column('program', sa.Text(), nullable=False),
    sa.Column('set_aside_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('url_hash', name=op.f('pk_set_aside'))
    )
    op.create_table('source_checks',
    sa.Column('source_id', sa.Text(), nullable=False),
    sa.Column('url', sa.Text(), nullable=False),
    sa.Column('checked_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('alive', sa.Boolean(), nullable=False),
    sa.Column('items', sa.Integer(), nullable=False),
    sa.Column('newest_on', sa.Date(), nullable=True),
    sa.Column('language', sa.Text(), nullable=True),
    sa.Column('problem', sa.Text(), nullable=True),
    sa.PrimaryKeyConstraint('source_id', name=op.f('pk_source_checks'))
    )
    op.create_table('source_day_counts',
    sa.Column('source_id', sa.Text(), nullable=False),
    sa.Column('on', sa.Date(), nullable=False),
    sa.Column('quarter', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('what', sa.String(length=16), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('n', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('source_id', 'on', 'quarter', 'what', 'name', name=op.f('pk_source_day_counts'))
    )
    op.create_index(op.f('ix_source_day_counts_on'), 'source_day_counts', ['on'], unique=False)
    op.create_table('source_days',
    sa.Column('source_id', sa.Text(), nullable=False),
    sa.Column('on', sa.Date(), nullable=False),
    sa.Column('quarter', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('polls', sa.Integer(), nullable=False),
    sa.Column('polls_failed', sa.Integer(), nullable=False),
    sa.Column('offered', sa.Integer(), nullable=False),
    sa.Column('new', sa.Integer(), nullable=False),
    sa.Column('again', sa.Integer(), nullable=False),
    sa.Column('fetched', sa.Integer(), nullable=False),
    sa.Column('matched', sa.Integer(), nullable=False),
    sa.Column('reviewed', sa.Integer(), nullable=False),
    sa.Column('titled', sa.Integer(), nullable=False),
    sa.Column('dated', sa.Integer(), nullable=False),
    sa.Column('newest_on', sa.Date(), nullable=True),
    sa.PrimaryKeyConstraint('source_id', 'on', 'quarter', name=op.f('pk_source_days'))
    )
    op.create_index(op.f('ix_source_days_on'), 'source_days', ['on'], unique=False)
    op.create_table('source_decisions',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('source_id', sa.Text(), nullable=False),
    sa.Column('deed', sa.String(length=16), nullable=False),
    sa.Column('who', sa.Text(), nullable=False),
    sa.Column('why', sa.Text(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_source_decisions')),
    sqlite_autoincrement=True
    )
    op.create_index(op.f('ix_source_decisions_source_id'), 'source_decisions', ['source_id'], unique=False)
    op.create_table('source_states',
    sa.Column('source_id', sa.Text(), nullable=False),
    sa.Column('due_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('schedule', sa.Text(), nullable=True),
    sa.Column('not_before_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('last_poll_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('last_success_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('last_error', sa.Text(), nullable=True),
    sa.Column('failures', sa.Integer(), nullable=False),
    sa.Column('last_offered', sa.Integer(), nullable=False),
    sa.Column('last_new', sa.Integer(), nullable=False),
    sa.Column('moved_from', sa.Text(), nullable=True),
    sa.Column('moved_to', sa.Text(), nullable=True),
    sa.Column('moved_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('strikes', sa.Integer(), nullable=True),
    sa.Column('recovered_at', sa.DateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('source_id', name=op.f('pk_source_states'))
    )
    op.create_table('subscription_starts',
    sa.Column('subscription_id', sa.Text(), nullable=False),
    sa.Column('wants', sa.String(length=64), nullable=False),
    sa.Column('first_seen_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('wants_since_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('link_key', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('subscription_id', name=op.f('pk_subscription_starts'))
    )
    op.create_table('unsubscribed',
    sa.Column('subscription_id', sa.Text(), nullable=False),
    sa.Column('channel', sa.Text(), nullable=False),
    sa.Column('recipient', sa.Text(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('subscription_id', 'channel', 'recipient', name=op.f('pk_unsubscribed'))
    )
    op.create_table('users',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('name_key', sa.Text(), nullable=False),
    sa.Column('role', sa.String(length=16), nullable=False),
    sa.Column('password_hash', sa.Text(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('last_login_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('seen_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('address', sa.Text(), nullable=False),
    sa.Column('language', sa.String(length=16), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_users')),
    sa.UniqueConstraint('name_key', name=op.f('uq_users_name_key')),
    sqlite_autoincrement=True
    )
    op.create_table('validators',
    sa.Column('url_hash', sa.String(length=64), nullable=False),
    sa.Column('url', sa.Text(), nullable=False),
    sa.Column('etag', sa.Text(), nullable=True),
    sa.Column('last_modified', sa.Text(), nullable=True),
    sa.Column('body_hash', sa.Text(), nullable=True),
    sa.Column('saved_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('listed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('distrusted_at', sa.DateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('url_hash', name=op.f('pk_validators'))
    )
    op.create_index(op.f('ix_validators_saved_at'), 'validators', ['saved_at'], unique=False)
    op.create_table('workers',
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('machine', sa.Text(), nullable=False),
    sa.Column('version', sa.Text(), nullable=False),
    sa.Column('queues', sa.JSON(), nullable=False),
    sa.Column('concurrency', sa.Integer(), nullable=False),
    sa.Column('configuration', sa.Text(), nullable=False),
    sa.Column('begun_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('seen_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('jobs', sa.Integer(), nullable=False),
    sa.Column('waits_because', sa.Text(), nullable=True),
    sa.PrimaryKeyConstraint('name', name=op.f('pk_workers'))
    )
    op.create_table('agreement_codes',
    sa.Column('agreement_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('code', sa.String(length=16), nullable=False),
    sa.ForeignKeyConstraint(['agreement_id'], ['agreements.id'], name=op.f('fk_agreement_codes_agreement_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('agreement_id', 'code', name=op.f('pk_agreement_codes')),
    sqlite_with_rowid=False
    )
    op.create_table('agreement_parties',
    sa.Column('party', sa.String(length=16), nullable=False),
    sa.Column('agreement_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.ForeignKeyConstraint(['agreement_id'], ['agreements.id'], name=op.f('fk_agreement_parties_agreement_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('party', 'agreement_id', name=op.f('pk_agreement_parties')),
    sqlite_with_rowid=False
    )
    op.create_index('ix_agreement_parties_agreement_id', 'agreement_parties', ['agreement_id'], unique=False)
    op.create_table('agreement_topics',
    sa.Column('topic', sa.String(length=40), nullable=False),
    sa.Column('agreement_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.ForeignKeyConstraint(['agreement_id'], ['agreements.id'], name=op.f('fk_agreement_topics_agreement_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('topic', 'agreement_id', name=op.f('pk_agreement_topics')),
    sqlite_with_rowid=False
    )
    op.create_index('ix_agreement_topics_agreement_id', 'agreement_topics', ['agreement_id'], unique=False)
    op.create_table('aliases',
    sa.Column('alias', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('agreement_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['agreement_id'], ['agreements.id'], name=op.f('fk_aliases_agreement_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('alias', name=op.f('pk_aliases'))
    )
    op.create_index(op.f('ix_aliases_agreement_id'), 'aliases', ['agreement_id'], unique=False)
    op.create_table('deliveries',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('digest_id', sa.Integer(), nullable=False),
    sa.Column('channel', sa.Text(), nullable=False),
    sa.Column('recipient', sa.Text(), nullable=False),
    sa.Column('message_id', sa.Text(), nullable=False),
    sa.Column('state', sa.String(length=16), nullable=False),
    sa.Column('next_try_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('last_error', sa.Text(), nullable=True),
    sa.Column('settled_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('page', sa.Integer(), server_default='1', nullable=False),
    sa.Column('pages', sa.Integer(), server_default='1', nullable=False),
    sa.Column('page_size', sa.Integer(), nullable=True),
    sa.Column('resent_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('body', sa.Text(), nullable=True),
    sa.ForeignKeyConstraint(['digest_id'], ['digests.id'], name=op.f('fk_deliveries_digest_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_deliveries')),
    sa.UniqueConstraint('message_id', name=op.f('uq_deliveries_message_id')),
    sqlite_autoincrement=True
    )
    op.create_index(op.f('ix_deliveries_digest_id'), 'deliveries', ['digest_id'], unique=False)
    op.create_index('ix_deliveries_due', 'deliveries', ['state', 'next_try_at', 'id'], unique=False)
    op.create_index('ix_deliveries_settled', 'deliveries', ['state', 'settled_at'], unique=False)
    op.create_table('documents',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('identity', sa.String(length=64), nullable=False),
    sa.Column('external_id', sa.Text(), nullable=True),
    sa.Column('url', sa.Text(), nullable=True),
    sa.Column('url_hash', sa.String(length=64), nullable=True),
    sa.Column('outlet', sa.Text(), nullable=True),
    sa.Column('source_id', sa.Text(), nullable=True),
    sa.Column('author', sa.Text(), nullable=True),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('language', sa.Text(), nullable=False),
    sa.Column('title', sa.Text(), nullable=False),
    sa.Column('published_on', sa.Date(), nullable=True),
    sa.Column('dated_on', sa.Date(), nullable=False),
    sa.Column('listed_on', sa.Date(), server_default='0001-01-01', nullable=False),
    sa.Column('text_hash', sa.String(length=128), nullable=False),
    sa.Column('first_seen_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('changed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('part_of', sa.Integer(), nullable=True),
    sa.Column('run_id', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['run_id'], ['runs.id'], name=op.f('fk_documents_run_id'), ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_documents')),
    sa.UniqueConstraint('identity', name=op.f('uq_documents_identity')),
    sqlite_autoincrement=True
    )
    op.create_index(op.f('ix_documents_first_seen_at'), 'documents', ['first_seen_at'], unique=False)
    op.create_index('ix_documents_newest', 'documents', ['listed_on', 'id'], unique=False)
    op.create_index('ix_documents_part_of', 'documents', ['part_of'], unique=False, sqlite_where=sa.text('part_of IS NOT NULL'), postgresql_where=sa.text('part_of IS NOT NULL'))
    op.create_index(op.f('ix_documents_run_id'), 'documents', ['run_id'], unique=False)
    op.create_index(op.f('ix_documents_text_hash'), 'documents', ['text_hash'], unique=False)
    op.create_index(op.f('ix_documents_url_hash'), 'documents', ['url_hash'], unique=False)
    op.create_table('password_links',
    sa.Column('token_hash', sa.String(length=64), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_password_links_user_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('token_hash', name=op.f('pk_password_links'))
    )
    op.create_index(op.f('ix_password_links_user_id'), 'password_links', ['user_id'], unique=False)
    op.create_table('user_subscriptions',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=16), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('filter', sa.JSON(), nullable=False),
    sa.Column('rate', sa.Text(), nullable=False),
    sa.Column('timezone', sa.Text(), nullable=False),
    sa.Column('language', sa.String(length=16), nullable=False),
    sa.Column('address', sa.Text(), nullable=False),
    sa.Column('link_key', sa.Text(), nullable=False),
    sa.Column('feed_hash', sa.String(length=64), nullable=True),
    sa.Column('page', sa.Text(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=True),
    sa.Column('made_by', sa.Text(), nullable=False),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('confirmed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('paused_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_user_subscriptions_user_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_user_subscriptions')),
    sa.UniqueConstraint('feed_hash', name=op.f('uq_user_subscriptions_feed_hash')),
    sqlite_autoincrement=True
    )
    op.create_index(op.f('ix_user_subscriptions_user_id'), 'user_subscriptions', ['user_id'], unique=False)
    op.create_table('sessions',
    sa.Column('token_hash', sa.String(length=64), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('seen_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_sessions_user_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('token_hash', name=op.f('pk_sessions'))
    )
    op.create_index(op.f('ix_sessions_created_at'), 'sessions', ['created_at'], unique=False)
    op.create_index(op.f('ix_sessions_user_id'), 'sessions', ['user_id'], unique=False)
    op.create_table('steps',
    sa.Column('agreement_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('position', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('status', sa.Text(), nullable=True),
    sa.Column('on', sa.Date(), nullable=True),
    sa.Column('quote', sa.Text(), nullable=False),
    sa.Column('expected_on', sa.Date(), nullable=True),
    sa.Column('learnt_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['agreement_id'], ['agreements.id'], name=op.f('fk_steps_agreement_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('agreement_id', 'position', name=op.f('pk_steps'))
    )
    op.create_index('ix_steps_learnt_at', 'steps', ['learnt_at', 'agreement_id'], unique=False)
    op.create_index('ix_steps_on', 'steps', ['on', 'agreement_id'], unique=False)
    op.create_table('tokens',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('token_hash', sa.String(length=64), nullable=False),
    sa.Column('scope', sa.String(length=16), nullable=False),
    sa.Column('note', sa.Text(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('used_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_tokens_user_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_tokens')),
    sa.UniqueConstraint('token_hash', name=op.f('uq_tokens_token_hash')),
    sqlite_autoincrement=True
    )
    op.create_index(op.f('ix_tokens_user_id'), 'tokens', ['user_id'], unique=False)
    op.create_table('arrivals',
    sa.Column('document_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('arrived_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('fresh', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['document_id'], ['documents.id'], name=op.f('fk_arrivals_document_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('document_id', name=op.f('pk_arrivals'))
    )
    op.create_index(op.f('ix_arrivals_arrived_at'), 'arrivals', ['arrived_at'], unique=False)
    op.create_table('bands',
    sa.Column('algorithm', sa.String(length=40), nullable=False),
    sa.Column('band', sa.BigInteger(), nullable=False),
    sa.Column('document_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.ForeignKeyConstraint(['document_id'], ['documents.id'], name=op.f('fk_bands_document_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('algorithm', 'band', 'document_id', name=op.f('pk_bands')),
    sqlite_with_rowid=False
    )
    op.create_index('ix_bands_document_id', 'bands', ['document_id'], unique=False)
    op.create_table('document_versions',
    sa.Column('document_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('number', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('seen_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('title', sa.Text(), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('text_hash', sa.String(length=128), nullable=False),
    sa.ForeignKeyConstraint(['document_id'], ['documents.id'], name=op.f('fk_document_versions_document_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('document_id', 'number', name=op.f('pk_document_versions'))
    )
    op.create_table('frontier',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('url_hash', sa.String(length=64), nullable=False),
    sa.Column('url', sa.Text(), nullable=False),
    sa.Column('source_id', sa.Text(), nullable=False),
    sa.Column('candidate', sa.JSON(), nullable=False),
    sa.Column('state', sa.String(length=16), nullable=False),
    sa.Column('not_before_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('offered_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('last_offered_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('outcome', sa.Text(), nullable=True),
    sa.Column('document_id', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['document_id'], ['documents.id'], name=op.f('fk_frontier_document_id'), ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_frontier')),
    sa.UniqueConstraint('url_hash', name=op.f('uq_frontier_url_hash'))
    )
    op.create_index('ix_frontier_due', 'frontier', ['state', 'not_before_at', 'id'], unique=False)
    op.create_index('ix_frontier_last_offered_at', 'frontier', ['last_offered_at'], unique=False)
    op.create_index('ix_frontier_next', 'frontier', ['source_id', 'state', 'not_before_at', 'id'], unique=False)
    op.create_table('match_keys',
    sa.Column('key', sa.String(length=40), nullable=False),
    sa.Column('document_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.ForeignKeyConstraint(['document_id'], ['documents.id'], name=op.f('fk_match_keys_document_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('key', 'document_id', name=op.f('pk_match_keys')),
    sqlite_with_rowid=False
    )
    op.create_index('ix_match_keys_document_id', 'match_keys', ['document_id'], unique=False)
    op.create_table('match_parties',
    sa.Column('party', sa.String(length=16), nullable=False),
    sa.Column('document_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('taking_part', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['document_id'], ['documents.id'], name=op.f('fk_match_parties_document_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('party', 'document_id', name=op.f('pk_match_parties')),
    sqlite_with_rowid=False
    )
    op.create_index('ix_match_parties_document_id', 'match_parties', ['document_id'], unique=False)
    op.create_table('match_rules',
    sa.Column('rule', sa.String(length=80), nullable=False),
    sa.Column('document_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.ForeignKeyConstraint(['document_id'], ['documents.id'], name=op.f('fk_match_rules_document_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('rule', 'document_id', name=op.f('pk_match_rules')),
    sqlite_with_rowid=False
    )
    op.create_index('ix_match_rules_document_id', 'match_rules', ['document_id'], unique=False)
    op.create_table('match_topics',
    sa.Column('topic', sa.String(length=40), nullable=False),
    sa.Column('document_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.ForeignKeyConstraint(['document_id'], ['documents.id'], name=op.f('fk_match_topics_document_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('topic', 'document_id', name=op.f('pk_match_topics')),
    sqlite_with_rowid=False
    )
    op.create_index('ix_match_topics_document_id', 'match_topics', ['document_id'], unique=False)
    op.create_table('matches',
    sa.Column('document_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('relevant', sa.Boolean(), nullable=False),
    sa.Column('registers', sa.Boolean(), nullable=True),
    sa.Column('near_miss', sa.Boolean(), nullable=False),
    sa.Column('score', sa.Double(), nullable=False),
    sa.Column('threshold', sa.Double(), nullable=False),
    sa.Column('rules', sa.JSON(), nullable=False),
    sa.Column('evidence', sa.JSON(), nullable=False),
    sa.Column('vetoes', sa.JSON(), nullable=False),
    sa.Column('card', sa.JSON(), nullable=False),
    sa.Column('clues', sa.JSON(), nullable=False),
    sa.Column('quote', sa.Text(), nullable=False),
    sa.Column('status', sa.Text(), nullable=True),
    sa.Column('instrument', sa.Text(), nullable=True),
    sa.Column('happened_on', sa.Date(), nullable=True),
    sa.Column('copy_group', sa.String(length=128), nullable=False),
    sa.Column('judged_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('probability', sa.Double(), nullable=True),
    sa.Column('frame', sa.JSON(none_as_null=True), nullable=True),
    sa.Column('reasons', sa.JSON(none_as_null=True), nullable=True),
    sa.Column('second_reading', sa.JSON(none_as_null=True), nullable=True),
    sa.ForeignKeyConstraint(['document_id'], ['documents.id'], name=op.f('fk_matches_document_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('document_id', name=op.f('pk_matches'))
    )
    op.create_index(op.f('ix_matches_happened_on'), 'matches', ['happened_on'], unique=False)
    op.create_index('ix_matches_instrument', 'matches', ['instrument'], unique=False, sqlite_where=sa.text('instrument IS NOT NULL'), postgresql_where=sa.text('instrument IS NOT NULL'))
    op.create_index('ix_matches_relevant', 'matches', ['relevant', 'document_id'], unique=False)
    op.create_index('ix_matches_status', 'matches', ['status'], unique=False, sqlite_where=sa.text('status IS NOT NULL'), postgresql_where=sa.text('status IS NOT NULL'))
    op.create_index('ix_matches_to_review', 'matches', ['near_miss', 'probability'], unique=False)
    op.create_index(op.f('ix_matches_copy_group'), 'matches', ['copy_group'], unique=False)
    op.create_table('pending_reports',
    sa.Column('notification_id', sa.Integer(), nullable=False),
    sa.Column('document_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.ForeignKeyConstraint(['document_id'], ['documents.id'], name=op.f('fk_pending_reports_document_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['notification_id'], ['pending_notifications.id'], name=op.f('fk_pending_reports_notification_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('notification_id', 'document_id', name=op.f('pk_pending_reports'))
    )
    op.create_index('ix_pending_reports_document_id', 'pending_reports', ['document_id'], unique=False)
    op.create_table('answers',
    sa.Column('decision_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('subscription_id', sa.Text(), nullable=False),
    sa.Column('channel', sa.Text(), nullable=False),
    sa.Column('recipient', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['decision_id'], ['decisions.id'], name=op.f('fk_answers_decision_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('decision_id', name=op.f('pk_answers'))
    )
    op.create_index('ix_answers_subscription_id', 'answers', ['subscription_id'], unique=False)
    op.create_table('pins',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('decision_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('document_id', sa.Integer(), nullable=False),
    sa.Column('other_document_id', sa.Integer(), nullable=True),
    sa.Column('field', sa.Text(), nullable=True),
    sa.Column('value', sa.Text(), nullable=True),
    sa.ForeignKeyConstraint(['decision_id'], ['decisions.id'], name=op.f('fk_pins_decision_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['document_id'], ['documents.id'], name=op.f('fk_pins_document_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['other_document_id'], ['documents.id'], name=op.f('fk_pins_other_document_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_pins'))
    )
    op.create_index(op.f('ix_pins_decision_id'), 'pins', ['decision_id'], unique=False)
    op.create_index(op.f('ix_pins_document_id'), 'pins', ['document_id'], unique=False)
    op.create_index(op.f('ix_pins_other_document_id'), 'pins', ['other_document_id'], unique=False)
    op.create_table('reports',
    sa.Column('agreement_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('document_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('step', sa.Integer(), nullable=True),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('listed', sa.Boolean(), server_default=sa.false(), nullable=False),
    sa.ForeignKeyConstraint(['agreement_id'], ['agreements.id'], name=op.f('fk_reports_agreement_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['document_id'], ['documents.id'], name=op.f('fk_reports_document_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('agreement_id', 'document_id', name=op.f('pk_reports')),
    sqlite_with_rowid=False
    )
    op.create_index('ix_reports_document_id', 'reports', ['document_id'], unique=False)
    op.create_table('revisits',
    sa.Column('document_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('source_id', sa.Text(), nullable=False),
    sa.Column('due_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('looks', sa.Integer(), nullable=False),
    sa.Column('gone_looks', sa.Integer(), nullable=False),
    sa.Column('gone_since_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('withdrawn_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['document_id'], ['documents.id'], name=op.f('fk_revisits_document_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('document_id', name=op.f('pk_revisits'))
    )
    op.create_index(op.f('ix_revisits_due_at'), 'revisits', ['due_at'], unique=False)
    op.create_table('readers',
    sa.Column('reader', sa.String(length=120), nullable=False),
    sa.Column('url', sa.Text(), nullable=True),
    sa.Column('form', sa.JSON(none_as_null=True), nullable=True),
    sa.Column('fault', sa.Text(), nullable=True),
    sa.PrimaryKeyConstraint('reader', name=op.f('pk_readers'))
    )
    op.create_table('second_readings',
    sa.Column('text_hash', sa.String(length=128), nullable=False),
    sa.Column('reader', sa.String(length=120), nullable=False),
    sa.Column('prompt', sa.String(length=20), nullable=False),
    sa.Column('document_id', sa.Integer(), nullable=False),
    sa.Column('called_on', sa.Date(), nullable=True),
    sa.Column('calls_today', sa.Integer(), nullable=False),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('next_try_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('error', sa.Text(), nullable=True),
    sa.Column('read_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('took_s', sa.Double(), nullable=True),
    sa.Column('tokens', sa.Integer(), nullable=True),
    sa.Column('answer', sa.JSON(none_as_null=True), nullable=True),
    sa.Column('proven', sa.JSON(none_as_null=True), nullable=True),
    sa.ForeignKeyConstraint(['document_id'], ['documents.id'], name=op.f('fk_second_readings_document_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('text_hash', 'reader', 'prompt', name=op.f('pk_second_readings'))
    )
    op.create_index(op.f('ix_second_readings_document_id'), 'second_readings', ['document_id'], unique=False)
    op.create_table('site_bands',
    sa.Column('band', sa.BigInteger(), nullable=False),
    sa.Column('document_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('seen_on', sa.Date(), nullable=False),
    sa.ForeignKeyConstraint(['document_id'], ['documents.id'], name=op.f('fk_site_bands_document_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('band', 'document_id', name=op.f('pk_site_bands')),
    sqlite_with_rowid=False
    )
    op.create_index('ix_site_bands_document_id', 'site_bands', ['document_id'], unique=False)
    op.create_table('texts',
    sa.Column('document_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('folded', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['document_id'], ['documents.id'], name=op.f('fk_texts_document_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('document_id', name=op.f('pk_texts'))
    )
    op.create_table('notified',
    sa.Column('subscription_id', sa.Text(), nullable=False),
    sa.Column('news', sa.String(length=20), nullable=False),
    sa.Column('document_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('detail', sa.Text(), nullable=False),
    sa.Column('digest_id', sa.Integer(), nullable=True),
    sa.Column('notified_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['digest_id'], ['digests.id'], name=op.f('fk_notified_digest_id'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['document_id'], ['documents.id'], name=op.f('fk_notified_document_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('subscription_id', 'news', 'document_id', 'detail', name=op.f('pk_notified'))
    )
    op.create_index('ix_notified_document_id', 'notified', ['document_id'], unique=False)
    op.create_table(
        "search_rows",
        sa.Column("document_id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("listed_on", sa.Date(), nullable=False),
        sa.Column("published_on", sa.Date(), nullable=True),
        sa.Column("first_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("source_id", sa.Text(), nullable=True),
        sa.Column("outlet", sa.Text(), nullable=True),
        sa.Column("status", sa.Text(), nullable=True),
        sa.Column("instrument", sa.Text(), nullable=True),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("probability", sa.Float(), nullable=True),
        # In the order of lists, which SQLite then reads without looking up each row.
        sa.PrimaryKeyConstraint("listed_on", "document_id", name=op.f("pk_search_rows")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_search_rows_document_id", "search_rows", ["document_id"], unique=True)
    op.create_index("ix_search_rows_language", "search_rows", ["language", "listed_on", "document_id"], unique=False)
    for statement in SQLITE if op.get_bind().dialect.name == "sqlite" else POSTGRESQL:
        op.execute(statement)


OF_DOCUMENTS = ("listed_on", "published_on", "first_seen_at", "language", "source_id", "outlet")
OF_MATCHES = ("status", "instrument", "score", "probability")
COLUMNS = ", ".join(("document_id", *OF_DOCUMENTS, *OF_MATCHES))
ROWS = f"""SELECT matches.document_id, {", ".join(OF_DOCUMENTS)}, {", ".join(OF_MATCHES)}
    FROM matches JOIN documents ON documents.id = matches.document_id WHERE matches.relevant"""
ASKED = ", ".join(("relevant", *OF_MATCHES))
NEW = ", ".join(f"{name} = new.{name}" for name in OF_DOCUMENTS)

# Reports have a table of their own for their words. It keeps a copy of the texts, which are few: with them outside, a
# row could be removed only by who still knows its old text.
SQLITE = (
    """CREATE VIRTUAL TABLE texts_fts USING fts5(
        folded, content='texts', content_rowid='document_id', tokenize="unicode61 remove_diacritics 0")""",
    """CREATE TRIGGER texts_fts_insert AFTER INSERT ON texts BEGIN
        INSERT INTO texts_fts(rowid, folded) VALUES (new.document_id, new.folded);
    END""",
    """CREATE TRIGGER texts_fts_delete AFTER DELETE ON texts BEGIN
        INSERT INTO texts_fts(texts_fts, rowid, folded) VALUES ('delete', old.document_id, old.folded);
    END""",
    """CREATE TRIGGER texts_fts_update AFTER UPDATE OF folded ON texts BEGIN
        INSERT INTO texts_fts(texts_fts, rowid, folded) VALUES ('delete', old.document_id, old.folded);
        INSERT INTO texts_fts(rowid, folded) VALUES (new.document_id, new.folded);
    END""",
    """CREATE VIRTUAL TABLE texts_fts_reports USING fts5(folded, tokenize="unicode61 remove_diacritics 0")""",
    """CREATE TRIGGER texts_fts_reports_text_insert AFTER INSERT ON texts
        WHEN EXISTS (SELECT 1 FROM matches WHERE document_id = new.document_id AND relevant) BEGIN
        INSERT INTO texts_fts_reports(rowid, folded) VALUES (new.document_id, new.folded);
    END""",
    """CREATE TRIGGER texts_fts_reports_text_update AFTER UPDATE OF folded ON texts BEGIN
        DELETE FROM texts_fts_reports WHERE rowid = new.document_id;
        INSERT INTO texts_fts_reports(rowid, folded)
            SELECT new.document_id, new.folded FROM matches WHERE document_id = new.document_id AND relevant;
    END""",
    """CREATE TRIGGER texts_fts_reports_text_delete AFTER DELETE ON texts BEGIN
        DELETE FROM texts_fts_reports WHERE rowid = old.document_id;
    END""",
    """CREATE TRIGGER texts_fts_reports_match_insert AFTER INSERT ON matches WHEN new.relevant BEGIN
        INSERT INTO texts_fts_reports(rowid, folded)
            SELECT document_id, folded FROM texts WHERE document_id = new.document_id;
    END""",
    """CREATE TRIGGER texts_fts_reports_match_update AFTER UPDATE OF relevant ON matches
        WHEN old.relevant <> new.relevant BEGIN
        DELETE FROM texts_fts_reports WHERE rowid = new.document_id;
        INSERT INTO texts_fts_reports(rowid, folded)
            SELECT document_id, folded FROM texts WHERE document_id = new.document_id AND new.relevant;
    END""",
    """CREATE TRIGGER texts_fts_reports_match_delete AFTER DELETE ON matches WHEN old.relevant BEGIN
        DELETE FROM texts_fts_reports WHERE rowid = old.document_id;
    END""",
    f"""CREATE TRIGGER search_rows_match_insert AFTER INSERT ON matches WHEN new.relevant BEGIN
        INSERT INTO search_rows ({COLUMNS}) {ROWS} AND matches.document_id = new.document_id;
    END""",
    f"""CREATE TRIGGER search_rows_match_update AFTER UPDATE OF {ASKED} ON matches
        WHEN old.relevant OR new.relevant BEGIN
        DELETE FROM search_rows WHERE document_id = new.document_id;
        INSERT INTO search_rows ({COLUMNS}) {ROWS} AND matches.document_id = new.document_id;
    END""",
    """CREATE TRIGGER search_rows_match_delete AFTER DELETE ON matches WHEN old.relevant BEGIN
        DELETE FROM search_rows WHERE document_id = old.document_id;
    END""",
    f"""CREATE TRIGGER search_rows_document_update AFTER UPDATE OF {", ".join(OF_DOCUMENTS)} ON documents BEGIN
        UPDATE search_rows SET {NEW} WHERE document_id = new.id;
    END""",
)

# A tsvector holds 1 MB: 200,000 characters stay below it, and no article is longer. PostgreSQL counts the newest texts
# anew after each hundredth that is added: it plans searches of the newest documents by these counts.
POSTGRESQL = (
    "CREATE INDEX texts_fts ON texts USING gin (to_tsvector('simple', left(folded, 200000)))",
    "ALTER TABLE texts SET (autovacuum_analyze_scale_factor = 0.01)",
    """CREATE TABLE texts_fts_reports (
        document_id integer PRIMARY KEY REFERENCES documents (id) ON DELETE CASCADE, words tsvector NOT NULL)""",
    "CREATE INDEX texts_fts_reports_words ON texts_fts_reports USING gin (words)",
    """CREATE FUNCTION texts_fts_keep_report() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE changed integer := coalesce(new.document_id, old.document_id);
        BEGIN
            DELETE FROM texts_fts_reports WHERE document_id = changed;
            INSERT INTO texts_fts_reports
                SELECT document_id, to_tsvector('simple', left(folded, 200000))
                FROM texts JOIN matches USING (document_id) WHERE document_id = changed AND relevant;
            RETURN NULL;
        END $$""",
    """CREATE TRIGGER texts_fts_of_texts AFTER INSERT OR DELETE OR UPDATE OF folded ON texts
        FOR EACH ROW EXECUTE FUNCTION texts_fts_keep_report()""",
    """CREATE TRIGGER texts_fts_of_matches AFTER INSERT OR DELETE OR UPDATE OF relevant ON matches
        FOR EACH ROW EXECUTE FUNCTION texts_fts_keep_report()""",
    f"""CREATE FUNCTION search_rows_keep_match() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE changed integer := coalesce(new.document_id, old.document_id);
        BEGIN
            DELETE FROM search_rows WHERE document_id = changed;
            INSERT INTO search_rows ({COLUMNS}) {ROWS} AND matches.document_id = changed;
            RETURN NULL;
        END $$""",
    f"""CREATE FUNCTION search_rows_keep_document() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            UPDATE search_rows SET {NEW} WHERE document_id = new.id;
            RETURN NULL;
        END $$""",
    """CREATE TRIGGER search_rows_match_insert AFTER INSERT ON matches
        FOR EACH ROW WHEN (new.relevant) EXECUTE FUNCTION search_rows_keep_match()""",
    f"""CREATE TRIGGER search_rows_match_update AFTER UPDATE OF {ASKED} ON matches
        FOR EACH ROW WHEN (old.relevant OR new.relevant) EXECUTE FUNCTION search_rows_keep_match()""",
    """CREATE TRIGGER search_rows_match_delete AFTER DELETE ON matches
        FOR EACH ROW WHEN (old.relevant) EXECUTE FUNCTION search_rows_keep_match()""",
    f"""CREATE TRIGGER search_rows_document_update AFTER UPDATE OF {", ".join(OF_DOCUMENTS)} ON documents
        FOR EACH ROW EXECUTE FUNCTION search_rows_keep_document()""",
)


def downgrade() -> None:
    raise NotImplementedError("a database does not go back: restore the backup made before the upgrade")
