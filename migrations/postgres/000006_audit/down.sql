DROP TABLE counters;
DROP TABLE audit;
