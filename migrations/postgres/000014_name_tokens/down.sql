DROP TABLE customers_search;

CREATE TABLE customers_search (
    id BIGINT PRIMARY KEY,
    document TSVECTOR NOT NULL
);

INSERT INTO customers_search (id, document)
WITH RECURSIVE places (place) AS (SELECT 1 UNION ALL SELECT place + 1 FROM places WHERE place < 100),
names (id, nth, name) AS (
    SELECT id, 1, TRANSLATE(real_name, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ', 'abcdefghijklmnopqrstuvwxyz') FROM customers
    UNION ALL
    SELECT id, 2, TRANSLATE(nick_name, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ', 'abcdefghijklmnopqrstuvwxyz') FROM customers WHERE nick_name IS NOT NULL
),
sections (id, nth, tokens) AS (
    SELECT names.id, names.nth, STRING_AGG('x' || TO_HEX(ASCII(SUBSTR(names.name, places.place))), ' ' ORDER BY places.place)
    FROM names JOIN places ON places.place <= LENGTH(names.name)
    GROUP BY names.id, names.nth
)
SELECT id, TO_TSVECTOR('simple', STRING_AGG(tokens, ' xsep ' ORDER BY nth)) FROM sections GROUP BY id;

CREATE INDEX customers_search_document ON customers_search USING gin (document);
