-- The newest customers, skipped to a page without reading rows; and the same
-- of one owner, or of nobody: the public pool.
CREATE INDEX customers_live ON customers (id) WHERE status <> -1;

CREATE INDEX customers_owned ON customers (owner_id, id) WHERE status <> -1;

-- One's own as they came, without sorting all of them.
CREATE INDEX customers_owned_created ON customers (owner_id, created_at, id) WHERE status <> -1;

-- What a person entered is counted without reading rows, whosever it is now.
DROP INDEX customers_creator;

CREATE INDEX customers_creator ON customers (creator_id, status, owner_id);
