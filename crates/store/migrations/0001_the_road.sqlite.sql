CREATE TRIGGER events_no_update   BEFORE UPDATE ON events   BEGIN SELECT RAISE(ABORT, 'events is append-only'); END;
CREATE TRIGGER events_no_delete   BEFORE DELETE ON events   BEGIN SELECT RAISE(ABORT, 'events is append-only'); END;
CREATE TRIGGER blocks_no_update   BEFORE UPDATE ON blocks   BEGIN SELECT RAISE(ABORT, 'blocks is append-only'); END;
CREATE TRIGGER blocks_no_delete   BEFORE DELETE ON blocks   BEGIN SELECT RAISE(ABORT, 'blocks is append-only'); END;
CREATE TRIGGER consents_no_update BEFORE UPDATE ON consents BEGIN SELECT RAISE(ABORT, 'consents is append-only'); END;
CREATE TRIGGER consents_no_delete BEFORE DELETE ON consents BEGIN SELECT RAISE(ABORT, 'consents is append-only'); END;
