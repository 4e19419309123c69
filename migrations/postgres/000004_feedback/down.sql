DROP TABLE satisfaction_followers;
DROP TABLE satisfaction_customers;
DROP TABLE satisfactions;
