-- What was answered to a request with an Idempotency-Key, kept in the transaction of what it wrote:
-- the same request sent again within a day is answered the same and writes nothing.
CREATE TABLE retries (
    id INTEGER PRIMARY KEY,
    staff_id INTEGER NOT NULL REFERENCES staff (id),
    -- SHA-256 of the key; the key itself is nowhere.
    key_hash TEXT NOT NULL,
    -- SHA-256 of the key, the method, the path and the parameters.
    request_hash TEXT NOT NULL,
    answer TEXT NOT NULL,
    created_at TEXT NOT NULL,
    UNIQUE (staff_id, key_hash)
) STRICT;
CREATE INDEX retries_created ON retries (created_at);
