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

-- ---------------------------------------------------------------- coming in

-- ---------------------------------------------------------------- asking providers

-- ---------------------------------------------------------------- files
-- since when a blob is being swept; whoever brings the same bytes meanwhile waits until it is gone
ALTER TABLE blobs ADD COLUMN swept_at {int};
CREATE INDEX attachments_blob ON attachments (workspace, sha256) WHERE sha256 IS NOT NULL;
