-- rowid = (workspace << 40) | seq: a workspace is a range of rowids, a period too, and newest first is ORDER BY rowid DESC. Filled behind
-- the commit, from the log (search.rs); the words come folded from core::query, so that both engines know the same, and the tokenizer
-- has only to cut at spaces. del: erasure, then a merge of all segments
CREATE VIRTUAL TABLE entry_search USING fts5(words, content='', contentless_delete=1, tokenize='ascii', detail=full);
