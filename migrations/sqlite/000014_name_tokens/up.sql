-- Of the names of customers two and three characters in a row are a token too: see text_search in crm-db.
INSERT INTO customers_search (customers_search) VALUES ('delete-all');

INSERT INTO customers_search (rowid, document)
WITH RECURSIVE places (place) AS (SELECT 1 UNION ALL SELECT place + 1 FROM places WHERE place < 100),
lengths (length) AS (SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3),
names (id, nth, name) AS (
    SELECT id, 1, LOWER(real_name) FROM customers
    UNION ALL
    SELECT id, 2, LOWER(nick_name) FROM customers WHERE nick_name IS NOT NULL
),
tokens (id, length, nth, place, token) AS (
    SELECT names.id, lengths.length, names.nth, places.place,
        PRINTF('x%x', UNICODE(SUBSTR(names.name, places.place, 1)))
        || CASE WHEN lengths.length > 1 THEN PRINTF('x%x', UNICODE(SUBSTR(names.name, places.place + 1, 1))) ELSE '' END
        || CASE WHEN lengths.length > 2 THEN PRINTF('x%x', UNICODE(SUBSTR(names.name, places.place + 2, 1))) ELSE '' END
    FROM names
    JOIN places ON places.place <= LENGTH(names.name)
    JOIN lengths ON places.place + lengths.length - 1 <= LENGTH(names.name)
),
sections (id, length, nth, tokens) AS (
    SELECT id, length, nth, GROUP_CONCAT(token, ' ' ORDER BY place) FROM tokens GROUP BY id, length, nth
)
SELECT id, GROUP_CONCAT(tokens, ' xsep ' ORDER BY length, nth) FROM sections GROUP BY id ORDER BY id;
