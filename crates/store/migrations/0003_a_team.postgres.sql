-- bucket = seq >> 17 (131,072 entries): a search walks buckets from the newest. Filled behind the commit, from the log (search.rs); the
-- words come folded from core::query, so that both engines know the same. del: erasure
CREATE EXTENSION IF NOT EXISTS btree_gin;
CREATE TABLE entry_search (
  workspace BIGINT NOT NULL, seq BIGINT NOT NULL, bucket INTEGER NOT NULL, words TSVECTOR NOT NULL,
  PRIMARY KEY (workspace, seq)
);
CREATE INDEX entry_search_words ON entry_search USING gin (workspace, bucket, words) WITH (fastupdate = off);
