DROP INDEX customers_creator;

CREATE INDEX customers_creator ON customers (creator_id, status);

DROP INDEX customers_owned_created;

DROP INDEX customers_owned;

DROP INDEX customers_live;
