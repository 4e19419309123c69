-- One index for the customers of one owner, or of nobody, whatever their state: every write kept two.
DROP INDEX customers_owned;

DROP INDEX customers_owner;

CREATE INDEX customers_owned ON customers (owner_id, id, status);
