-- A shard has a number drawn from so many that two never meet.
ALTER TABLE counters ALTER COLUMN shard TYPE BIGINT;

-- How many customers each person has, and the public pool …
INSERT INTO counters (name, shard, value)
SELECT CASE WHEN owner_id IS NULL THEN 'customers.pooled' ELSE 'customers.owned.' || owner_id END, 0, COUNT(*)
FROM customers WHERE status <> -1 GROUP BY owner_id;

-- … and how many have a name that contains this, for all that names contain of one, two and three characters.
INSERT INTO counters (name, shard, value)
WITH RECURSIVE places (place) AS (SELECT 1 UNION ALL SELECT place + 1 FROM places WHERE place < 100),
lengths (length) AS (SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3),
names (id, name) AS (
    SELECT id, TRANSLATE(real_name, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ', 'abcdefghijklmnopqrstuvwxyz') FROM customers WHERE status <> -1
    UNION ALL
    SELECT id, TRANSLATE(nick_name, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ', 'abcdefghijklmnopqrstuvwxyz') FROM customers WHERE status <> -1 AND nick_name IS NOT NULL
)
SELECT 'customers.named.' || part, 0, COUNT(*)
FROM (
    SELECT DISTINCT names.id, SUBSTR(names.name, places.place, lengths.length) AS part
    FROM names
    JOIN places ON places.place <= LENGTH(names.name)
    JOIN lengths ON places.place + lengths.length - 1 <= LENGTH(names.name)
) AS parts
GROUP BY part;
