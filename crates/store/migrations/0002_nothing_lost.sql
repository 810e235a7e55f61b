-- Expands only: a program that knows the schema before this one goes on working beside one that knows this one. So: new tables, new
-- columns that may be null or have a default, new indexes; nothing is renamed, retyped or taken away.
-- The words in braces are those of 0001_the_road.sql.

-- ---------------------------------------------------------------- upgrades
-- the oldest schema whose programs work on a database that has this step. Unknown: only programs that know the step
ALTER TABLE migrations ADD COLUMN oldest {int};

-- ---------------------------------------------------------------- nodes
CREATE TABLE nodes (                    -- a running server. seen_at: its heartbeat; one that is silent for NODE_GONE has lost its jobs. del: when long gone
  id {id} NOT NULL PRIMARY KEY, name TEXT NOT NULL, version TEXT NOT NULL, started_at {int} NOT NULL, seen_at {int} NOT NULL
){strict};
ALTER TABLE jobs ADD COLUMN holder {id};  -- the node that claimed it

-- ---------------------------------------------------------------- sending
CREATE TABLE senders (                  -- the pace of a channel, kept by all nodes. free_us: from when it may begin its next text, in MICROseconds UTC; message_us, segment_us: what a text, and each segment, takes of its time. del: with the channel
  workspace {int} NOT NULL, channel_id {id} NOT NULL, free_us {int} NOT NULL DEFAULT 0, message_us {int} NOT NULL, segment_us {int} NOT NULL,
  PRIMARY KEY (workspace, channel_id)
){rowless};
ALTER TABLE jobs ADD COLUMN sender {id};  -- the channel whose pace it keeps; null: none (looking, fetching), or queued by a program that knew no paces
ALTER TABLE jobs ADD COLUMN segments {int} NOT NULL DEFAULT 1;  -- what it takes of its sender's time
CREATE INDEX jobs_sender ON jobs (workspace, sender, run_at, seq, n) WHERE state = 'ready' AND sender IS NOT NULL;
CREATE INDEX jobs_free   ON jobs (kind, run_at, workspace, seq, n) WHERE state = 'ready' AND sender IS NULL;
CREATE INDEX jobs_flying ON jobs (workspace, sender) WHERE state = 'running' AND sender IS NOT NULL;
CREATE TABLE breakers (                 -- a connection that can't be reached: no row is closed. failures: in a row; opens: how often in a row it opened (the wait grows); since: when it opened; retry_at: when the next try may be made. del: with the connection
  workspace {int} NOT NULL, connection_id {id} NOT NULL, state TEXT NOT NULL CHECK (state IN ('closed','open','half_open')), failures {int} NOT NULL, opens {int} NOT NULL, since {int}, retry_at {int}, reason TEXT,
  PRIMARY KEY (workspace, connection_id)
){rowless};
ALTER TABLE deliveries ADD COLUMN reason TEXT;       -- why it waits: quiet_hours, provider_busy, ...
ALTER TABLE deliveries ADD COLUMN resolved_by {id};  -- who said how an unknown one ended
CREATE TABLE earlier_tries (            -- what a provider calls a try of a message that a person has sent again since. del: with the delivery
  workspace {int} NOT NULL, provider_key {bytes} NOT NULL, seq {int} NOT NULL,
  PRIMARY KEY (workspace, provider_key)
){rowless};

-- ---------------------------------------------------------------- coming in
-- reason: set on what was held (quarantined), and kept once a person has settled it; null: it was never held, or an older program wrote it (see inbound::NAME_REASON).
-- address: our number that it came to. sender: whom it is from, part of the digits hidden. same: what it is known by when it comes again.
-- state has one more word: dismissed. del: body 30 days after it was replayed or dismissed
ALTER TABLE inbound ADD COLUMN reason TEXT;
ALTER TABLE inbound ADD COLUMN address TEXT;
ALTER TABLE inbound ADD COLUMN sender TEXT;
ALTER TABLE inbound ADD COLUMN same {bytes};
ALTER TABLE inbound ADD COLUMN settled_at {int};
ALTER TABLE inbound ADD COLUMN settled_by {id};
CREATE INDEX inbound_held ON inbound (workspace, state, received_at, id) WHERE reason IS NOT NULL;
CREATE INDEX inbound_same ON inbound (workspace, same) WHERE same IS NOT NULL;
UPDATE inbound SET reason = CASE WHEN error LIKE '% has no channel yet' THEN 'no_channel' WHEN error LIKE 'could not be applied%' THEN 'not_applied' ELSE 'not_understood' END,
  address = CASE WHEN error LIKE '% has no channel yet' THEN replace(error, ' has no channel yet', '') END
  WHERE state = 'quarantined';

-- ---------------------------------------------------------------- asking providers
CREATE TABLE channel_turns (            -- what is asked of a provider about one channel, by turns: its messages, and where its number reports. Times of the provider's clock: since, read_to. del: with the channel
  workspace {int} NOT NULL, channel_id {id} NOT NULL, about TEXT NOT NULL CHECK (about IN ('messages','webhook')),
  since {int} NOT NULL,                 -- nothing older than this is asked for: it is history, which is imported on request
  read_to {int},                        -- everything up to here is here
  deep_at {int} NOT NULL DEFAULT 0,     -- when it was last looked further back than usual
  skew {int},                           -- the provider's clock minus ours
  due_at {int} NOT NULL, asked_at {int}, failures {int} NOT NULL DEFAULT 0, error TEXT, lease_until {int} NOT NULL DEFAULT 0, fence {int} NOT NULL DEFAULT 0, holder {id},
  PRIMARY KEY (workspace, channel_id, about)
){rowless};
CREATE INDEX channel_turns_due ON channel_turns (due_at);
CREATE INDEX deliveries_sent   ON deliveries (workspace, channel_id, seq) WHERE status = 'sent';      -- whose receipts are still to come
CREATE INDEX deliveries_line ON deliveries (workspace, channel_id, address_id) WHERE status IN ('scheduled', 'queued', 'sending', 'unknown'); -- what goes before a planned one to the same recipient
CREATE INDEX deliveries_unnamed ON deliveries (workspace, channel_id, address_id) WHERE status = 'sent' AND provider_key IS NULL; -- a person said that it left: it may be in the provider's log
CREATE TABLE imports (                  -- a number's past, brought in from its provider's log, oldest first. since, until, at: the provider's clock. del: with the channel
  workspace {int} NOT NULL, id {id} NOT NULL, channel_id {id} NOT NULL, state TEXT NOT NULL CHECK (state IN ('running','done','failed','cancelled')), days {int} NOT NULL,
  since {int}, until {int}, at {int},   -- everything up to `at` is here; all three null until the provider has been asked once
  found {int} NOT NULL DEFAULT 0, imported {int} NOT NULL DEFAULT 0, error TEXT, failures {int} NOT NULL DEFAULT 0,
  due_at {int} NOT NULL, lease_until {int} NOT NULL DEFAULT 0, fence {int} NOT NULL DEFAULT 0, holder {id}, created_by {id}, created_at {int} NOT NULL, ended_at {int},
  PRIMARY KEY (workspace, id)
){strict};
CREATE UNIQUE INDEX imports_running ON imports (workspace, channel_id) WHERE state = 'running';
CREATE INDEX        imports_channel ON imports (workspace, channel_id, id);
CREATE INDEX        imports_due     ON imports (due_at) WHERE state = 'running';
ALTER TABLE entries ADD COLUMN imported {int} NOT NULL DEFAULT 0;  -- it was brought in from the past: it makes nobody wait and is nothing new
ALTER TABLE conversations ADD COLUMN import_id {id};               -- the import that began it

-- ---------------------------------------------------------------- files
-- since when a blob is being swept; whoever brings the same bytes meanwhile waits until it is gone
ALTER TABLE blobs ADD COLUMN swept_at {int};
CREATE INDEX blobs_age ON blobs (workspace, created_at);
CREATE INDEX blobs_swept ON blobs (workspace, sha256) WHERE swept_at IS NOT NULL;
CREATE INDEX attachments_blob ON attachments (workspace, sha256) WHERE sha256 IS NOT NULL;
