DROP INDEX customers_due;
DROP TABLE leases;
DROP TABLE pool_rule;
