-- Schema 4, for both engines: what the team is told, and what it keeps for later. It only adds, so that a program of schema 3 works on
-- beside one of schema 4: a new column has a default, and nothing that an older program writes may leave a new table wrong.

-- ---------------------------------------------------------------- mail
CREATE TABLE mails (                    -- a letter to one of the people here. letter: sealed for this row, null once it ended; due_at: when it is tried next, and while a server holds it the end of its lease; until: of no use later; workspace and about: what it is about, where it is of one workspace. state: waiting, sent, failed. del: 30 days after it was written
  id {id} NOT NULL PRIMARY KEY, kind TEXT NOT NULL, workspace {int} REFERENCES workspaces, about {id}, letter {bytes}, state TEXT NOT NULL CHECK (state IN ('waiting','sent','failed')),
  due_at {int} NOT NULL, until {int} NOT NULL, attempts {int} NOT NULL DEFAULT 0, fence {int} NOT NULL DEFAULT 0, created_at {int} NOT NULL, ended_at {int}, reason TEXT
){strict};
CREATE INDEX mails_due   ON mails (due_at, id) WHERE state = 'waiting';
CREATE INDEX mails_about ON mails (workspace, kind, created_at) WHERE workspace IS NOT NULL;
CREATE TABLE password_resets (          -- a link by which one account gets a new password. token_hash = SHA-256 of what the link holds. del: a week after it was made
  token_hash {bytes} NOT NULL PRIMARY KEY, account_id {id} NOT NULL REFERENCES accounts, created_at {int} NOT NULL, expires_at {int} NOT NULL, used_at {int}
){strict};
CREATE INDEX password_resets_account ON password_resets (account_id, created_at);

-- ---------------------------------------------------------------- notifications
-- places: where it is told, as bits: 1 in the app, 2 on the desktop, 4 by push, 8 by mail
ALTER TABLE notifications ADD COLUMN places {int} NOT NULL DEFAULT 1;
CREATE INDEX notifications_told ON notifications (workspace, seq);                                                     -- what a stretch of the log tells whom
ALTER TABLE users ADD COLUMN told {int};              -- what they are told of, and where: core/notification.rs; null: as it comes
ALTER TABLE tasks ADD COLUMN told_due_at {int};       -- the due_at of which its assignee was told
CREATE INDEX tasks_due ON tasks (workspace, due_at) WHERE done_at IS NULL AND assignee_id IS NOT NULL;

-- ---------------------------------------------------------------- push
ALTER TABLE installation ADD COLUMN vapid_key {bytes};       -- says who sends push (RFC 8292), sealed
ALTER TABLE notifications ADD COLUMN push_due {int};         -- when it is pushed or tried again, and while a server holds it the end of its lease; null: not, or no more
ALTER TABLE notifications ADD COLUMN push_tries {int} NOT NULL DEFAULT 0;
CREATE INDEX notifications_push ON notifications (push_due) WHERE push_due IS NOT NULL;
CREATE TABLE push_subscriptions (       -- a browser that takes push. endpoint_hash = SHA-256 of its address; sealed: the address and its keys; session_hash: the session it belongs to. del: with the session, or when its push service says that it is gone
  endpoint_hash {bytes} NOT NULL PRIMARY KEY, workspace {int} NOT NULL REFERENCES workspaces, user_id {id} NOT NULL, session_hash {bytes} NOT NULL, sealed {bytes} NOT NULL, created_at {int} NOT NULL
){strict};
CREATE INDEX push_subscriptions_user ON push_subscriptions (workspace, user_id, created_at);

-- ---------------------------------------------------------------- saved searches
ALTER TABLE saved_searches ADD COLUMN removed_at {int};   -- name and query are emptied then; whose it was stays, so that the log tells of it only those who saw it
CREATE INDEX saved_searches_own    ON saved_searches (workspace, user_id, id) WHERE removed_at IS NULL AND user_id IS NOT NULL;
CREATE INDEX saved_searches_shared ON saved_searches (workspace, id) WHERE removed_at IS NULL AND user_id IS NULL;

-- ---------------------------------------------------------------- drafts
CREATE INDEX drafts_review ON drafts (workspace, review_by, updated_at, id) WHERE review_by IS NOT NULL;               -- to review

-- ---------------------------------------------------------------- lists
CREATE INDEX conversation_users_outside ON conversation_users (workspace, user_id, team_id, conversation_id) WHERE access = 1;   -- what is shared with who is no member: their counts
