-- One text for both engines. The words in braces are replaced: {int} INTEGER | BIGINT, {id} BLOB | UUID, {bytes} BLOB | BYTEA,
-- {strict} STRICT | nothing, {rowless} STRICT, WITHOUT ROWID | nothing. What can't be said in one text stands in 0001_the_road.sqlite.sql
-- and 0001_the_road.postgres.sql.
--   * `workspace` (a small number) leads every primary key and every index, so that workspaces can be spread.
--   * Times are milliseconds UTC. Flags are 0 or 1. JSON is text.
--   * `seq` of an entry is the seq of the event that made it: one clock for the timeline, read state and compare-and-send.
--   * "del:" says what deleting the row does. Daily work deletes nothing; retention, erasure and clean-up do.
--   * Columns marked COPY are written by `conversations::place` alone; the tests count them anew after every run (`wrong_tallies`).

-- ---------------------------------------------------------------- the installation
CREATE TABLE installation (             -- one row: which secret key belongs to this database. del: never
  one {int} NOT NULL PRIMARY KEY CHECK (one = 1), key_fingerprint {bytes} NOT NULL, created_at {int} NOT NULL
){strict};
CREATE TABLE accounts (                 -- who signs in; a directory above the workspaces. del: never (authors), erased in place
  id {id} NOT NULL PRIMARY KEY, email TEXT NOT NULL UNIQUE, password_hash TEXT, created_at {int} NOT NULL
){strict};
CREATE TABLE workspaces (               -- del: never by daily work
  workspace {int} NOT NULL PRIMARY KEY, id {id} NOT NULL UNIQUE, name TEXT NOT NULL, settings TEXT NOT NULL, address_key {bytes} NOT NULL, created_at {int} NOT NULL
){strict};
CREATE TABLE log_heads (                -- newest seq of a workspace: THE write lock of a workspace on PostgreSQL. del: never
  workspace {int} NOT NULL PRIMARY KEY REFERENCES workspaces, seq {int} NOT NULL
){strict};

-- ---------------------------------------------------------------- people
CREATE TABLE users (                    -- an account's membership. del: never (authors of entries); deactivated_at
  workspace {int} NOT NULL REFERENCES workspaces, id {id} NOT NULL, account_id {id} NOT NULL REFERENCES accounts, name TEXT NOT NULL, email TEXT NOT NULL,
  role TEXT NOT NULL CHECK (role IN ('owner','admin','lead','agent','viewer')), settings TEXT NOT NULL, away_until {int}, created_at {int} NOT NULL, deactivated_at {int},
  PRIMARY KEY (workspace, id), UNIQUE (workspace, account_id)
){strict};
CREATE INDEX users_account ON users (account_id);
CREATE TABLE sessions (                 -- token_hash = SHA-256 of the cookie. del: sign-out, expiry
  token_hash {bytes} NOT NULL PRIMARY KEY, workspace {int} NOT NULL, user_id {id} NOT NULL, created_at {int} NOT NULL, seen_at {int} NOT NULL, expires_at {int} NOT NULL, agent TEXT,
  FOREIGN KEY (workspace, user_id) REFERENCES users
){strict};
CREATE INDEX sessions_user ON sessions (workspace, user_id);
CREATE INDEX sessions_expiry ON sessions (expires_at);
CREATE TABLE teams (                    -- closed = 1: members and admins only. del: never, archived_at after its conversations were moved
  workspace {int} NOT NULL REFERENCES workspaces, id {id} NOT NULL, name TEXT NOT NULL, closed {int} NOT NULL DEFAULT 0, settings TEXT NOT NULL, created_at {int} NOT NULL, archived_at {int},
  PRIMARY KEY (workspace, id), UNIQUE (workspace, name)
){strict};
CREATE TABLE team_members (             -- del: leaves the team; handover is a separate act
  workspace {int} NOT NULL, team_id {id} NOT NULL, user_id {id} NOT NULL,
  PRIMARY KEY (workspace, team_id, user_id), FOREIGN KEY (workspace, team_id) REFERENCES teams, FOREIGN KEY (workspace, user_id) REFERENCES users
){rowless};
CREATE INDEX team_members_user ON team_members (workspace, user_id);

-- ---------------------------------------------------------------- connections and channels
CREATE TABLE connections (              -- one account at a provider; credentials sealed with the installation's key. del: never, removed_at
  workspace {int} NOT NULL REFERENCES workspaces, id {id} NOT NULL, provider TEXT NOT NULL, name TEXT NOT NULL, account TEXT, api_base_url TEXT,
  credentials {bytes}, previous_secrets {bytes}, previous_until {int}, status TEXT NOT NULL, signature_failures {int} NOT NULL DEFAULT 0, last_failure_at {int}, created_at {int} NOT NULL, removed_at {int},
  PRIMARY KEY (workspace, id)
){strict};
CREATE UNIQUE INDEX connections_id ON connections (id);
CREATE TABLE channels (                 -- one address of a connection. del: never, removed_at (its entries stay)
  workspace {int} NOT NULL REFERENCES workspaces, id {id} NOT NULL, connection_id {id} NOT NULL, kind TEXT NOT NULL CHECK (kind IN ('sms','email','whatsapp','chat','voice')),
  provider TEXT NOT NULL, name TEXT NOT NULL, address TEXT NOT NULL, team_id {id}, status TEXT NOT NULL, mode TEXT NOT NULL, settings TEXT NOT NULL, last_inbound_at {int}, created_at {int} NOT NULL, removed_at {int},
  PRIMARY KEY (workspace, id), FOREIGN KEY (workspace, connection_id) REFERENCES connections, FOREIGN KEY (workspace, team_id) REFERENCES teams
){strict};
CREATE UNIQUE INDEX channels_address ON channels (workspace, connection_id, kind, address) WHERE removed_at IS NULL;

-- ---------------------------------------------------------------- contacts and addresses
CREATE TABLE contacts (                 -- salt: keys the hashes that the log holds of what they said; erasure destroys it. del: never; erasure blanks name and salt
  workspace {int} NOT NULL REFERENCES workspaces, id {id} NOT NULL, name TEXT, salt {bytes}, fields TEXT NOT NULL, created_at {int} NOT NULL, updated_at {int} NOT NULL, erased_at {int},
  PRIMARY KEY (workspace, id)
){strict};
CREATE TABLE addresses (                -- one contact per address per workspace; value is normalised; key = HMAC-SHA256(workspace's address_key, kind:value), what consent is kept under. del: erasure (consent stays)
  workspace {int} NOT NULL, id {id} NOT NULL, kind TEXT NOT NULL CHECK (kind IN ('phone','email','whatsapp','chat','short_code','sender_name')), value TEXT NOT NULL, key {bytes} NOT NULL, contact_id {id} NOT NULL, created_at {int} NOT NULL,
  PRIMARY KEY (workspace, id), UNIQUE (workspace, kind, value), FOREIGN KEY (workspace, contact_id) REFERENCES contacts
){strict};
CREATE INDEX addresses_contact ON addresses (workspace, contact_id);

-- ---------------------------------------------------------------- conversations
CREATE TABLE conversations (            -- del: only retention of trash
  workspace {int} NOT NULL REFERENCES workspaces, id {id} NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('open','snoozed','closed','spam','trash','merged')),
  team_id {id}, contact_id {id} NOT NULL, channel_id {id} NOT NULL, address_id {id} NOT NULL,    -- channel and address: of the newest customer message
  merged_into {id}, subject TEXT, priority {int} NOT NULL DEFAULT 0, snoozed_until {int}, closed_at {int},
  waiting_since {int}, waiting_order {int} NOT NULL DEFAULT 253402300799999,                     -- COPY of waiting_since, or year 9999: never null, so keyset works
  assigned {int} NOT NULL DEFAULT 0,                                                             -- COPY: 1 when anybody is on it
  last_activity_at {int} NOT NULL, last_seq {int} NOT NULL DEFAULT 0,                            -- newest entry
  unread_seq {int} NOT NULL DEFAULT 0,                                                           -- newest entry that makes it unread
  preview TEXT NOT NULL DEFAULT '', last_message_seq {int} NOT NULL DEFAULT 0, created_at {int} NOT NULL,
  PRIMARY KEY (workspace, id), FOREIGN KEY (workspace, contact_id) REFERENCES contacts, FOREIGN KEY (workspace, team_id) REFERENCES teams
){strict};
CREATE INDEX conversations_list    ON conversations (workspace, team_id, status, assigned, last_activity_at, id);                     -- Unassigned, All, Closed; newest
CREATE INDEX conversations_wait    ON conversations (workspace, team_id, status, assigned, waiting_order, id) WHERE status = 'open';  -- the same, waiting longest
CREATE INDEX conversations_wake    ON conversations (workspace, snoozed_until, id) WHERE status = 'snoozed' AND snoozed_until IS NOT NULL; -- next to wake
CREATE INDEX conversations_contact ON conversations (workspace, contact_id, id);                                                      -- contact page
CREATE TABLE threads (                  -- THE slot: which conversation the next message between this channel and this address joins. del: erasure of the address
  workspace {int} NOT NULL, channel_id {id} NOT NULL, address_id {id} NOT NULL, conversation_id {id} NOT NULL,
  PRIMARY KEY (workspace, channel_id, address_id)
){rowless};
CREATE TABLE conversation_channels (    -- every channel and address the conversation has used: what a reply may go out on. del: with the conversation
  workspace {int} NOT NULL, conversation_id {id} NOT NULL, channel_id {id} NOT NULL, address_id {id} NOT NULL,
  PRIMARY KEY (workspace, conversation_id, channel_id, address_id)
){rowless};
CREATE TABLE conversation_users (       -- all that one user has to do with one conversation; a row only once there is something to say. del: clean-up
  workspace {int} NOT NULL, conversation_id {id} NOT NULL, user_id {id} NOT NULL,
  assigned {int} NOT NULL DEFAULT 0, mentioned {int} NOT NULL DEFAULT 0, access {int} NOT NULL DEFAULT 0,   -- access: COPY of assigned or mentioned: who sees it from outside its team
  read_seq {int} NOT NULL DEFAULT 0, is_read {int} NOT NULL DEFAULT 0,                           -- is_read: COPY of read_seq >= conversations.unread_seq. No row = unread
  status TEXT NOT NULL, team_id {id}, last_activity_at {int} NOT NULL, waiting_order {int} NOT NULL, -- COPY
  touched_at {int},                                                                              -- last answer, note or triage: stale owner
  PRIMARY KEY (workspace, conversation_id, user_id)
){strict};
CREATE INDEX conversation_users_mine ON conversation_users (workspace, user_id, status, last_activity_at, conversation_id, team_id) WHERE assigned = 1;
CREATE INDEX conversation_users_wait ON conversation_users (workspace, user_id, status, waiting_order, conversation_id, team_id) WHERE assigned = 1;
CREATE INDEX conversation_users_access ON conversation_users (workspace, user_id, status, last_activity_at, conversation_id) WHERE access = 1;
CREATE TABLE tallies (                  -- user_id zero: how many conversations are in the cell; else: how many of them this user has READ. unread = first - second. del: clean-up of n = 0
  workspace {int} NOT NULL, user_id {id} NOT NULL, cell TEXT NOT NULL, team_id {id} NOT NULL, owner_id {id} NOT NULL, n {int} NOT NULL,
  PRIMARY KEY (workspace, user_id, cell, team_id, owner_id)
){rowless};

-- ---------------------------------------------------------------- entries
CREATE TABLE entries (                  -- immutable but for a note's text and erasure. conversation_id: its home for ever. del: erasure blanks text
  workspace {int} NOT NULL, seq {int} NOT NULL, id {id} NOT NULL, conversation_id {id} NOT NULL, at {int} NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('message','note','call','event')), direction TEXT CHECK (direction IN ('inbound','outbound')),
  channel_id {id}, address_id {id}, author_kind TEXT NOT NULL, author_id {id}, text TEXT,
  provider_key {bytes},                 -- SHA-256(connection, provider message id), first 16 bytes
  late {int} NOT NULL DEFAULT 0, data TEXT, erased_at {int},
  PRIMARY KEY (workspace, seq), FOREIGN KEY (workspace, conversation_id) REFERENCES conversations
){strict};
CREATE UNIQUE INDEX entries_id       ON entries (workspace, id);
CREATE INDEX        entries_timeline ON entries (workspace, conversation_id, at, seq);
CREATE UNIQUE INDEX entries_provider ON entries (workspace, provider_key) WHERE provider_key IS NOT NULL;
CREATE INDEX        entries_address  ON entries (workspace, address_id, seq) WHERE direction = 'inbound';
CREATE TABLE deliveries (               -- life of one outbound message; forward only. seq = its entry. del: with the entry
  workspace {int} NOT NULL, seq {int} NOT NULL, message_id {id} NOT NULL, conversation_id {id} NOT NULL, channel_id {id} NOT NULL, address_id {id} NOT NULL, author_id {id},
  status TEXT NOT NULL CHECK (status IN ('scheduled','queued','sending','sent','delivered','read','failed','unknown','cancelled')),
  class TEXT NOT NULL CHECK (class IN ('reply','update','marketing','stop_confirmation','help')),
  send_at {int} NOT NULL, attempts {int} NOT NULL DEFAULT 0, provider_key {bytes}, provider_id TEXT, segments {int}, error TEXT, confirmed TEXT, updated_at {int} NOT NULL,
  PRIMARY KEY (workspace, seq)
){strict};
CREATE INDEX deliveries_unsettled ON deliveries (workspace, status, updated_at, seq) WHERE status IN ('queued','sending','unknown');
CREATE INDEX deliveries_provider  ON deliveries (workspace, provider_key) WHERE provider_key IS NOT NULL;
CREATE TABLE attempts (                 -- committed BEFORE the request leaves. del: with the delivery
  workspace {int} NOT NULL, seq {int} NOT NULL, attempt {int} NOT NULL, fence {int} NOT NULL, started_at {int} NOT NULL, ended_at {int}, outcome TEXT, detail TEXT,
  PRIMARY KEY (workspace, seq, attempt)
){rowless};
CREATE TABLE blobs (                    -- bytes lie in a file under the hash, per workspace. del: when no attachment names it
  workspace {int} NOT NULL, sha256 {bytes} NOT NULL, size {int} NOT NULL, content_type TEXT NOT NULL, created_at {int} NOT NULL, PRIMARY KEY (workspace, sha256)
){rowless};
CREATE TABLE attachments (              -- state: fetching, ready, failed. del: erasure, or an upload never used
  workspace {int} NOT NULL, id {id} NOT NULL, seq {int}, conversation_id {id}, uploaded_by {id}, position {int} NOT NULL, sha256 {bytes}, name TEXT NOT NULL, content_type TEXT NOT NULL, size {int} NOT NULL,
  source_url TEXT, state TEXT NOT NULL, error TEXT, created_at {int} NOT NULL,
  PRIMARY KEY (workspace, id), FOREIGN KEY (workspace, sha256) REFERENCES blobs
){strict};
CREATE INDEX attachments_entry ON attachments (workspace, seq, position) WHERE seq IS NOT NULL;
CREATE TABLE file_links (               -- an expiring address for one file, without a session: providers fetch media there. del: expiry
  token_hash {bytes} NOT NULL PRIMARY KEY, workspace {int} NOT NULL, attachment_id {id} NOT NULL, expires_at {int} NOT NULL
){strict};

-- ---------------------------------------------------------------- the log
CREATE TABLE events (                   -- append only; gapless seq. Ids, states, numbers, names of fields; no text, name, address. content: keyed hash. del: refused by trigger
  workspace {int} NOT NULL, seq {int} NOT NULL, id {id} NOT NULL, at {int} NOT NULL, actor_kind TEXT NOT NULL, actor_id {id}, type TEXT NOT NULL, conversation_id {id}, subject_id {id}, changed TEXT NOT NULL, content {bytes},
  PRIMARY KEY (workspace, seq)
){strict};
CREATE INDEX events_conversation ON events (workspace, conversation_id, seq) WHERE conversation_id IS NOT NULL;
CREATE TABLE blocks (                   -- the seal: hash = SHA-256(hash before || canonical JSON of events first..last). del: refused by trigger
  workspace {int} NOT NULL, first_seq {int} NOT NULL, last_seq {int} NOT NULL, hash {bytes} NOT NULL, at {int} NOT NULL, PRIMARY KEY (workspace, first_seq)
){rowless};

-- ---------------------------------------------------------------- coming in, going out
CREATE TABLE inbound (                  -- raw journal, committed before the 2xx. state: applied, duplicate, quarantined, replayed. del: body after 30 days when applied; never when quarantined
  workspace {int} NOT NULL, id {id} NOT NULL, connection_id {id} NOT NULL, hook TEXT NOT NULL, received_at {int} NOT NULL, query TEXT NOT NULL, content_type TEXT NOT NULL, body {bytes}, state TEXT NOT NULL, error TEXT, seq {int},
  PRIMARY KEY (workspace, id)
){strict};
CREATE INDEX inbound_open ON inbound (workspace, state, id) WHERE state = 'quarantined';
CREATE TABLE jobs (                     -- outbox. seq = of the event that caused it: first in, first out within a lane (channel, recipient). del: when done; dead ones stay for a person
  workspace {int} NOT NULL, seq {int} NOT NULL, n {int} NOT NULL, kind TEXT NOT NULL, lane {bytes}, payload TEXT NOT NULL, run_at {int} NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('ready','running','dead')), attempts {int} NOT NULL DEFAULT 0, lease_until {int} NOT NULL DEFAULT 0, fence {int} NOT NULL DEFAULT 0, last_error TEXT,
  PRIMARY KEY (workspace, seq, n)
){strict};
CREATE INDEX jobs_due   ON jobs (run_at, workspace, seq, n) WHERE state = 'ready';
CREATE INDEX jobs_lane  ON jobs (workspace, lane, seq, n) WHERE lane IS NOT NULL AND state <> 'dead';
CREATE INDEX jobs_lease ON jobs (lease_until) WHERE state = 'running';
CREATE TABLE cursors (                  -- how far a reader of something outside has come, e.g. polling of a channel. del: with what it reads
  workspace {int} NOT NULL, reader TEXT NOT NULL, at {int} NOT NULL, PRIMARY KEY (workspace, reader)
){rowless};
CREATE TABLE idempotency_keys (         -- the first answer to a repeated request. del: after 24 h
  workspace {int} NOT NULL, caller {id} NOT NULL, route TEXT NOT NULL, key TEXT NOT NULL, request_hash {bytes} NOT NULL, status {int}, answer TEXT, expires_at {int} NOT NULL,
  PRIMARY KEY (workspace, caller, route, key)
){rowless};
CREATE INDEX idempotency_expiry ON idempotency_keys (expires_at);

-- ---------------------------------------------------------------- consent
CREATE TABLE consents (                 -- append-only ledger. address_key: see addresses.key; survives erasure, merge and re-import. del: refused by trigger
  workspace {int} NOT NULL, seq {int} NOT NULL, n {int} NOT NULL, address_key {bytes} NOT NULL, purpose TEXT NOT NULL CHECK (purpose IN ('update','marketing')),
  state TEXT NOT NULL CHECK (state IN ('none','implied','express','written','revoked')), source TEXT NOT NULL, reference TEXT, evidence TEXT, actor_kind TEXT NOT NULL, actor_id {id}, said_at {int} NOT NULL, at {int} NOT NULL,
  PRIMARY KEY (workspace, seq, n)
){strict};
CREATE INDEX consents_address ON consents (workspace, address_key, seq, n);
CREATE TABLE consent_states (           -- COPY: the fold of the ledger, so that the gate is one look-up; rebuilt from it after every record. stop_confirmed: the one confirmation left or may have. del: never
  workspace {int} NOT NULL, address_key {bytes} NOT NULL, update_state TEXT NOT NULL, marketing_state TEXT NOT NULL, provider_block {int} NOT NULL, stopped_at {int}, stop_confirmed {int} NOT NULL DEFAULT 0, seq {int} NOT NULL,
  PRIMARY KEY (workspace, address_key)
){rowless};
