-- What it adds holds COPYs and counts that a program of before does not keep (labels, mentions, following, mute): nodes of before must be
-- stopped first. The words in braces are those of 0001_the_road.sql.

-- ---------------------------------------------------------------- people
ALTER TABLE sessions ADD COLUMN ip TEXT;              -- where it began, for the list of one's own sessions
ALTER TABLE users ADD COLUMN picture_id {id};         -- an attachment whose picture_of they are
CREATE TABLE invitations (              -- somebody who may join. token_hash = SHA-256 of what the link holds; email null: whoever has the link. del: never; accepted, revoked or expired ones are shown for 30 days
  workspace {int} NOT NULL REFERENCES workspaces, id {id} NOT NULL, token_hash {bytes} NOT NULL, email TEXT, role TEXT NOT NULL CHECK (role IN ('owner','admin','lead','agent','viewer')), team_ids TEXT NOT NULL,
  invited_by {id} NOT NULL, created_at {int} NOT NULL, expires_at {int} NOT NULL, mailed_at {int}, accepted_at {int}, accepted_by {id}, revoked_at {int},
  PRIMARY KEY (workspace, id), FOREIGN KEY (workspace, invited_by) REFERENCES users
){strict};
CREATE UNIQUE INDEX invitations_token ON invitations (token_hash);
ALTER TABLE team_members ADD COLUMN kind TEXT NOT NULL DEFAULT 'active' CHECK (kind IN ('active','observing'));  -- observing: sees and may answer; is not counted on

-- ---------------------------------------------------------------- conversations
ALTER TABLE conversations ADD COLUMN snooze_order {int} NOT NULL DEFAULT 253402300799999;         -- COPY of snoozed_until, or year 9999: until a reply
ALTER TABLE conversations ADD COLUMN labels {int} NOT NULL DEFAULT 0;                             -- COPY: how many conversation_labels it has
ALTER TABLE conversations ADD COLUMN open_tasks {int} NOT NULL DEFAULT 0;                         -- COPY: how many tasks of it are not done
CREATE INDEX conversations_snoozed ON conversations (workspace, team_id, snooze_order, id) WHERE status = 'snoozed';   -- next to wake first
ALTER TABLE conversation_users ADD COLUMN following {int} NOT NULL DEFAULT 0;
ALTER TABLE conversation_users ADD COLUMN muted {int} NOT NULL DEFAULT 0;                          -- counts as read; nothing is told of it
ALTER TABLE conversation_users ADD COLUMN mentioned_at {int};                                      -- when a note last named them
ALTER TABLE conversation_users ADD COLUMN snooze_order {int} NOT NULL DEFAULT 253402300799999;     -- COPY
ALTER TABLE conversation_users ADD COLUMN taken {int} NOT NULL DEFAULT 0;                          -- COPY of conversations.assigned: somebody is on it
UPDATE conversations SET snooze_order = snoozed_until WHERE status = 'snoozed' AND snoozed_until IS NOT NULL;
UPDATE conversation_users SET mentioned_at = coalesce(touched_at, last_activity_at) WHERE mentioned = 1;
UPDATE conversation_users SET
  taken = (SELECT c.assigned FROM conversations c WHERE c.workspace = conversation_users.workspace AND c.id = conversation_users.conversation_id),
  snooze_order = (SELECT c.snooze_order FROM conversations c WHERE c.workspace = conversation_users.workspace AND c.id = conversation_users.conversation_id)
  WHERE assigned = 1 OR mentioned = 1;
INSERT INTO tallies (workspace, user_id, cell, team_id, owner_id, n)  -- who was mentioned is counted from now on
  SELECT c.workspace, {nil}, 'mentions', coalesce(c.team_id, {nil}), u.user_id, count(*) FROM conversation_users u JOIN conversations c ON c.workspace = u.workspace AND c.id = u.conversation_id
  WHERE u.mentioned = 1 AND c.status = 'open' GROUP BY c.workspace, c.team_id, u.user_id;
INSERT INTO tallies (workspace, user_id, cell, team_id, owner_id, n)
  SELECT c.workspace, u.user_id, 'mentions', coalesce(c.team_id, {nil}), u.user_id, count(*) FROM conversation_users u JOIN conversations c ON c.workspace = u.workspace AND c.id = u.conversation_id
  WHERE u.mentioned = 1 AND u.is_read = 1 AND c.status = 'open' AND c.unread_seq <> 0 GROUP BY c.workspace, c.team_id, u.user_id;
INSERT INTO tallies (workspace, user_id, cell, team_id, owner_id, n)
  SELECT c.workspace, {everyone}, 'mentions', coalesce(c.team_id, {nil}), u.user_id, count(*) FROM conversation_users u JOIN conversations c ON c.workspace = u.workspace AND c.id = u.conversation_id
  WHERE u.mentioned = 1 AND c.status = 'open' AND c.unread_seq = 0 GROUP BY c.workspace, c.team_id, u.user_id;
CREATE INDEX conversation_users_snoozed     ON conversation_users (workspace, user_id, snooze_order, conversation_id, team_id) WHERE assigned = 1 AND status = 'snoozed';
CREATE INDEX conversation_users_following   ON conversation_users (workspace, user_id, last_activity_at, conversation_id, team_id, access, status) WHERE following = 1;
CREATE INDEX conversation_users_mentioned   ON conversation_users (workspace, user_id, mentioned_at, conversation_id, team_id, status) WHERE mentioned_at IS NOT NULL;
CREATE INDEX conversation_users_shared      ON conversation_users (workspace, user_id, status, taken, last_activity_at, conversation_id) WHERE access = 1;
CREATE INDEX conversation_users_shared_wait ON conversation_users (workspace, user_id, status, taken, waiting_order, conversation_id) WHERE access = 1;
DROP INDEX conversation_users_access;   -- conversation_users_shared serves what it served, and without a walk

-- ---------------------------------------------------------------- labels
CREATE TABLE labels (                   -- name holds the whole path a/b/c. del: never, removed_at
  workspace {int} NOT NULL REFERENCES workspaces, id {id} NOT NULL, name TEXT NOT NULL, colour TEXT NOT NULL, created_at {int} NOT NULL, removed_at {int},
  PRIMARY KEY (workspace, id)
){strict};
CREATE TABLE conversation_labels (      -- implied = 1: an ancestor a of a/b, so that the list of a parent is one range. del: label taken off
  workspace {int} NOT NULL, conversation_id {id} NOT NULL, label_id {id} NOT NULL, implied {int} NOT NULL,
  team_id {id}, status TEXT NOT NULL, last_activity_at {int} NOT NULL, waiting_order {int} NOT NULL,  -- COPY
  PRIMARY KEY (workspace, conversation_id, label_id), FOREIGN KEY (workspace, conversation_id) REFERENCES conversations, FOREIGN KEY (workspace, label_id) REFERENCES labels
){rowless};
CREATE INDEX conversation_labels_view ON conversation_labels (workspace, label_id, team_id, status, last_activity_at, conversation_id);
CREATE INDEX conversation_labels_wait ON conversation_labels (workspace, label_id, team_id, waiting_order, conversation_id) WHERE status = 'open';

-- ---------------------------------------------------------------- lists of one's own, and many at once
CREATE TABLE saved_searches (           -- user_id: one's own; team_id: a team's; neither: everybody's. position: pinned there; null: not pinned. del: whoever may removes it
  workspace {int} NOT NULL REFERENCES workspaces, id {id} NOT NULL, user_id {id}, team_id {id}, name TEXT NOT NULL, query TEXT NOT NULL, position {int}, created_by {id} NOT NULL, created_at {int} NOT NULL,
  PRIMARY KEY (workspace, id)
){strict};
CREATE TABLE bulk_actions (             -- one change of up to 1,000 conversations, done 100 at a time. state: running, done, undoing, undone. del: after a day
  workspace {int} NOT NULL REFERENCES workspaces, id {id} NOT NULL, user_id {id} NOT NULL, patch TEXT NOT NULL, state TEXT NOT NULL CHECK (state IN ('running','done','undoing','undone')),
  total {int} NOT NULL, done {int} NOT NULL DEFAULT 0, refused {int} NOT NULL DEFAULT 0, created_at {int} NOT NULL, ended_at {int},
  PRIMARY KEY (workspace, id)
){strict};
CREATE INDEX bulk_actions_age ON bulk_actions (workspace, created_at);
CREATE TABLE bulk_items (               -- before: what undoing sets again, null until it was changed; after_seq: undone only while nothing else came since. del: with the action
  workspace {int} NOT NULL, bulk_id {id} NOT NULL, n {int} NOT NULL, conversation_id {id} NOT NULL, before TEXT, after_seq {int}, error TEXT,
  PRIMARY KEY (workspace, bulk_id, n)
){rowless};

-- ---------------------------------------------------------------- entries
CREATE INDEX entries_sent ON entries (workspace, author_id, seq) WHERE direction = 'outbound' AND author_kind = 'user';   -- Sent
CREATE TABLE note_revisions (           -- what a note said before it was edited. del: erasure
  workspace {int} NOT NULL, seq {int} NOT NULL, revision {int} NOT NULL, text TEXT NOT NULL, user_id {id} NOT NULL, at {int} NOT NULL,
  PRIMARY KEY (workspace, seq, revision)
){rowless};
CREATE TABLE reactions (                -- del: taken back
  workspace {int} NOT NULL, seq {int} NOT NULL, user_id {id} NOT NULL, emoji TEXT NOT NULL, at {int} NOT NULL,
  PRIMARY KEY (workspace, seq, user_id, emoji)
){rowless};
CREATE TABLE tasks (                    -- a note that is a task. seq: the note's. due_at: year 9999 where no time was said. del: with the note
  workspace {int} NOT NULL, seq {int} NOT NULL, conversation_id {id} NOT NULL, assignee_id {id}, due_at {int} NOT NULL DEFAULT 253402300799999, done_at {int}, done_by {id},
  PRIMARY KEY (workspace, seq)
){strict};
CREATE INDEX tasks_open         ON tasks (workspace, assignee_id, due_at, seq) WHERE done_at IS NULL;
CREATE INDEX tasks_conversation ON tasks (workspace, conversation_id, due_at, seq) WHERE done_at IS NULL;
CREATE INDEX tasks_done         ON tasks (workspace, assignee_id, done_at, seq) WHERE done_at IS NOT NULL;
ALTER TABLE deliveries ADD COLUMN cancel_on_reply {int} NOT NULL DEFAULT 0;   -- a planned one is taken back when the customer writes first
CREATE INDEX deliveries_scheduled ON deliveries (workspace, author_id, send_at, seq) WHERE status = 'scheduled';       -- Scheduled
CREATE INDEX deliveries_planned   ON deliveries (workspace, conversation_id, seq) WHERE status = 'scheduled';          -- what an inbound message takes back
CREATE TABLE drafts (                   -- what is not sent yet, one per conversation and channel, everybody's; holder_id: who writes it. version: compared before it is written. No event while it is typed. del: sent or discarded
  workspace {int} NOT NULL, id {id} NOT NULL, conversation_id {id} NOT NULL, channel_id {id} NOT NULL, holder_id {id} NOT NULL, text TEXT NOT NULL, meta TEXT NOT NULL, version {int} NOT NULL DEFAULT 1,
  review_by {id}, created_at {int} NOT NULL, updated_at {int} NOT NULL,
  PRIMARY KEY (workspace, id), FOREIGN KEY (workspace, conversation_id) REFERENCES conversations
){strict};
CREATE UNIQUE INDEX drafts_conversation ON drafts (workspace, conversation_id, channel_id);
CREATE INDEX        drafts_holder       ON drafts (workspace, holder_id, updated_at, id);                               -- Drafts
CREATE TABLE canned_responses (         -- a saved answer. scope: workspace, team (team_id), personal (user_id). del: never, removed_at
  workspace {int} NOT NULL REFERENCES workspaces, id {id} NOT NULL, scope TEXT NOT NULL CHECK (scope IN ('workspace','team','personal')), team_id {id}, user_id {id}, name TEXT NOT NULL, shortcut TEXT NOT NULL,
  text TEXT NOT NULL, subject TEXT, html TEXT, uses {int} NOT NULL DEFAULT 0, used_at {int}, created_by {id}, created_at {int} NOT NULL, updated_at {int} NOT NULL, removed_at {int},
  PRIMARY KEY (workspace, id)
){strict};
CREATE INDEX canned_responses_live ON canned_responses (workspace, shortcut, id) WHERE removed_at IS NULL;
-- an upload that one of these names is not unused
ALTER TABLE attachments ADD COLUMN draft_id {id};
ALTER TABLE attachments ADD COLUMN canned_response_id {id};
ALTER TABLE attachments ADD COLUMN picture_of {id};
CREATE INDEX attachments_draft  ON attachments (workspace, draft_id, position) WHERE draft_id IS NOT NULL;
CREATE INDEX attachments_canned ON attachments (workspace, canned_response_id, position) WHERE canned_response_id IS NOT NULL;

-- ---------------------------------------------------------------- telling people
CREATE TABLE notifications (            -- what one person is told, in the app, by push and by mail. seq: of the event; kind: mention, assigned, reply, task, draft_review, failed. del: after 30 days
  workspace {int} NOT NULL, user_id {id} NOT NULL, seq {int} NOT NULL, kind TEXT NOT NULL, conversation_id {id}, at {int} NOT NULL, seen_at {int}, mailed_at {int},
  PRIMARY KEY (workspace, user_id, seq)
){rowless};
CREATE INDEX notifications_unseen ON notifications (workspace, user_id, seq) WHERE seen_at IS NULL;
CREATE INDEX notifications_digest ON notifications (workspace, at) WHERE seen_at IS NULL AND mailed_at IS NULL;

-- ---------------------------------------------------------------- search
-- the index of words, entry_search, stands in the files of the engines; how far it is filled stands in cursors ('search')
CREATE TABLE contact_docs (             -- seq: where the names and numbers of a contact stand in entry_search, that of an event about it, where no entry is. del: with the contact
  workspace {int} NOT NULL, contact_id {id} NOT NULL, seq {int} NOT NULL,
  PRIMARY KEY (workspace, contact_id)
){rowless};
CREATE UNIQUE INDEX contact_docs_seq ON contact_docs (workspace, seq);
CREATE INDEX deliveries_failed ON deliveries (workspace, conversation_id) WHERE status = 'failed';                     -- is:failed
