-- What it adds holds COPYs and counts that a program of before does not keep (labels, mentions, following, mute): nodes of before must be
-- stopped first. The words in braces are those of 0001_the_road.sql.

-- ---------------------------------------------------------------- conversations
ALTER TABLE conversations ADD COLUMN snooze_order {int} NOT NULL DEFAULT 253402300799999;         -- COPY of snoozed_until, or year 9999: until a reply
ALTER TABLE conversations ADD COLUMN labels {int} NOT NULL DEFAULT 0;                             -- COPY: how many conversation_labels it has
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
