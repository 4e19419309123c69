DROP TABLE contracts_search;
DROP TABLE contract_followers;
DROP TABLE contracts;
