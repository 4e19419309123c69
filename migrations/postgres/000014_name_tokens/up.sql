-- Of the names of customers two and three characters in a row are a token too, and each token is a row, so that
-- the newest customers with one are found in order: see text_search in crm-db.
DROP TABLE customers_search;

CREATE TABLE customers_search (
    token TEXT COLLATE "C" NOT NULL,
    id BIGINT NOT NULL,
    document TEXT
);

INSERT INTO customers_search (token, id, document)
WITH RECURSIVE places (place) AS (SELECT 1 UNION ALL SELECT place + 1 FROM places WHERE place < 100),
lengths (length) AS (SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3),
names (id, nth, name) AS (
    SELECT id, 1, TRANSLATE(real_name, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ', 'abcdefghijklmnopqrstuvwxyz') FROM customers
    UNION ALL
    SELECT id, 2, TRANSLATE(nick_name, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ', 'abcdefghijklmnopqrstuvwxyz') FROM customers WHERE nick_name IS NOT NULL
),
tokens (id, length, nth, place, token) AS (
    SELECT names.id, lengths.length, names.nth, places.place,
        'x' || TO_HEX(ASCII(SUBSTR(names.name, places.place)))
        || CASE WHEN lengths.length > 1 THEN 'x' || TO_HEX(ASCII(SUBSTR(names.name, places.place + 1))) ELSE '' END
        || CASE WHEN lengths.length > 2 THEN 'x' || TO_HEX(ASCII(SUBSTR(names.name, places.place + 2))) ELSE '' END
    FROM names
    JOIN places ON places.place <= LENGTH(names.name)
    JOIN lengths ON places.place + lengths.length - 1 <= LENGTH(names.name)
),
sections (id, length, nth, tokens) AS (
    SELECT id, length, nth, STRING_AGG(token, ' ' ORDER BY place) FROM tokens GROUP BY id, length, nth
),
documents (id, document) AS (
    SELECT id, STRING_AGG(tokens, ' xsep ' ORDER BY length, nth) FROM sections GROUP BY id
)
SELECT DISTINCT token, id, NULL FROM tokens
UNION ALL
SELECT 'whole', id, document FROM documents;

ALTER TABLE customers_search ADD PRIMARY KEY (token, id);
