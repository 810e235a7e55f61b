-- Expands only: a program that knows the schema before this one goes on working beside one that knows this one. So: new tables, new
-- columns that may be null or have a default, new indexes; nothing is renamed, retyped or taken away.
-- The words in braces are those of 0001_the_road.sql.

-- ---------------------------------------------------------------- nodes
CREATE TABLE nodes (                    -- a running server. seen_at: its heartbeat; one that is silent for NODE_GONE has lost its jobs. del: when long gone
  id {id} NOT NULL PRIMARY KEY, name TEXT NOT NULL, version TEXT NOT NULL, started_at {int} NOT NULL, seen_at {int} NOT NULL
){strict};
ALTER TABLE jobs ADD COLUMN holder {id};  -- the node that claimed it

-- ---------------------------------------------------------------- sending

-- ---------------------------------------------------------------- coming in

-- ---------------------------------------------------------------- asking providers

-- ---------------------------------------------------------------- files
