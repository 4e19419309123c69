DELETE FROM counters WHERE name = 'customers.pooled' OR name LIKE 'customers.owned.%' OR name LIKE 'customers.named.%';
