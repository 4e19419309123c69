CREATE TABLE audit (
    id INTEGER PRIMARY KEY,
    -- NULL: a background task or a command.
    staff_id INTEGER REFERENCES staff (id),
    address TEXT,
    action TEXT NOT NULL,
    record TEXT NOT NULL,
    record_id INTEGER,
    -- The changed fields as JSON objects.
    before TEXT,
    after TEXT,
    created_at TEXT NOT NULL
) STRICT;
CREATE INDEX audit_time ON audit (created_at, id);
CREATE INDEX audit_staff ON audit (staff_id, created_at);
CREATE INDEX audit_record ON audit (record, record_id, created_at);

-- Exact totals of the common lists, kept by every write in its own transaction; sharded, so that
-- writers do not queue for one row.
CREATE TABLE counters (
    name TEXT NOT NULL,
    shard INTEGER NOT NULL,
    value INTEGER NOT NULL,
    PRIMARY KEY (name, shard)
) STRICT, WITHOUT ROWID;
