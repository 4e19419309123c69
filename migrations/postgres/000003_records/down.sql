DROP TABLE demand_followers;
DROP TABLE demand_customers;
DROP TABLE demands;
DROP TABLE follow_followers;
DROP TABLE follow_customers;
DROP TABLE follows;
DROP TABLE potentials;
