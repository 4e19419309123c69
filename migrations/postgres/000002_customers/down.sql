DROP TABLE customers_search;
DROP TABLE organizations_search;
DROP TABLE customer_events;
DROP TABLE customer_organizations;
DROP TABLE customers;
DROP TABLE organizations;
