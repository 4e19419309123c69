INSERT INTO customers_search (customers_search) VALUES ('delete-all');

INSERT INTO customers_search (rowid, document)
WITH RECURSIVE places (place) AS (SELECT 1 UNION ALL SELECT place + 1 FROM places WHERE place < 100),
names (id, nth, name) AS (
    SELECT id, 1, LOWER(real_name) FROM customers
    UNION ALL
    SELECT id, 2, LOWER(nick_name) FROM customers WHERE nick_name IS NOT NULL
),
sections (id, nth, tokens) AS (
    SELECT names.id, names.nth, GROUP_CONCAT(PRINTF('x%x', UNICODE(SUBSTR(names.name, places.place, 1))), ' ' ORDER BY places.place)
    FROM names JOIN places ON places.place <= LENGTH(names.name)
    GROUP BY names.id, names.nth
)
SELECT id, GROUP_CONCAT(tokens, ' xsep ' ORDER BY nth) FROM sections GROUP BY id ORDER BY id;
