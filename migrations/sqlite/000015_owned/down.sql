DROP INDEX customers_owned;

CREATE INDEX customers_owner ON customers (owner_id, status);

CREATE INDEX customers_owned ON customers (owner_id, id) WHERE status <> -1;
