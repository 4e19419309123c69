-- Where a customer stands. Rows are retired, never deleted: customers keep the one they have.
CREATE TABLE customer_stages (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    color TEXT NOT NULL,
    sort_num INTEGER NOT NULL,
    is_default INTEGER NOT NULL,
    is_active INTEGER NOT NULL,
    -- 0 open, 1 won, 2 lost, 3 completed.
    outcome INTEGER NOT NULL,
    version INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
) STRICT;
INSERT INTO customer_stages (id, name, color, sort_num, is_default, is_active, outcome, version, created_at, updated_at)
VALUES
    (1, '意向', '#39b54a', 1, 1, 1, 0, 1, '2026-01-01 00:00:00', '2026-01-01 00:00:00'),
    (2, '定金', '#2da8aa', 2, 0, 1, 0, 1, '2026-01-01 00:00:00', '2026-01-01 00:00:00'),
    (3, '量房', '#2da8aa', 3, 0, 1, 0, 1, '2026-01-01 00:00:00', '2026-01-01 00:00:00'),
    (4, '设计', '#2da8aa', 4, 0, 1, 0, 1, '2026-01-01 00:00:00', '2026-01-01 00:00:00'),
    (5, '预算', '#2da8aa', 5, 0, 1, 0, 1, '2026-01-01 00:00:00', '2026-01-01 00:00:00'),
    (6, '合同', '#ffcc00', 6, 0, 1, 1, 1, '2026-01-01 00:00:00', '2026-01-01 00:00:00'),
    (7, '施工', '#ffcc00', 7, 0, 1, 1, 1, '2026-01-01 00:00:00', '2026-01-01 00:00:00'),
    (8, '交付', '#39b54a', 8, 0, 1, 3, 1, '2026-01-01 00:00:00', '2026-01-01 00:00:00'),
    (9, '丢单', '#606266', 9, 0, 1, 2, 1, '2026-01-01 00:00:00', '2026-01-01 00:00:00');

CREATE TABLE customer_sources (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    color TEXT NOT NULL,
    sort_num INTEGER NOT NULL,
    is_default INTEGER NOT NULL,
    is_active INTEGER NOT NULL,
    version INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
) STRICT;

CREATE TABLE customer_categories (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    color TEXT NOT NULL,
    sort_num INTEGER NOT NULL,
    is_default INTEGER NOT NULL,
    is_active INTEGER NOT NULL,
    version INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
) STRICT;

CREATE TABLE product_lines (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    version INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
) STRICT;
INSERT INTO product_lines (id, name, version, created_at, updated_at) VALUES (1, '默认产品线', 1, '2026-01-01 00:00:00', '2026-01-01 00:00:00');

-- The parts people play in a team.
CREATE TABLE team_roles (
    role_type INTEGER PRIMARY KEY NOT NULL,
    role_name TEXT NOT NULL,
    role_description TEXT NOT NULL,
    version INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
) STRICT;
INSERT INTO team_roles (role_type, role_name, role_description, version, created_at, updated_at)
VALUES
    (0, '业务员', '负责客户的开发与跟进', 1, '2026-01-01 00:00:00', '2026-01-01 00:00:00'),
    (1, '设计师', '负责方案与图纸', 1, '2026-01-01 00:00:00', '2026-01-01 00:00:00'),
    (2, '财务人员', '负责收款与开票', 1, '2026-01-01 00:00:00', '2026-01-01 00:00:00'),
    (3, '工程部经理', '负责施工的安排与验收', 1, '2026-01-01 00:00:00', '2026-01-01 00:00:00'),
    (4, '项目经理', '负责现场与进度', 1, '2026-01-01 00:00:00', '2026-01-01 00:00:00'),
    (5, '施工队长', '负责施工队', 1, '2026-01-01 00:00:00', '2026-01-01 00:00:00');

-- SQLite cannot add a column that refers to another table and is not NULL: stage_id and
-- product_line_id are held to their tables by the service alone.
ALTER TABLE customers ADD COLUMN is_locked INTEGER NOT NULL DEFAULT 0;
ALTER TABLE customers ADD COLUMN stage_id INTEGER NOT NULL DEFAULT 1;
ALTER TABLE customers ADD COLUMN last_stage_id INTEGER REFERENCES customer_stages (id);
ALTER TABLE customers ADD COLUMN source_id INTEGER REFERENCES customer_sources (id);
ALTER TABLE customers ADD COLUMN category_id INTEGER REFERENCES customer_categories (id);
ALTER TABLE customers ADD COLUMN product_line_id INTEGER NOT NULL DEFAULT 1;
ALTER TABLE customers ADD COLUMN is_clue INTEGER NOT NULL DEFAULT 0;
ALTER TABLE customers ADD COLUMN clue_user_id INTEGER REFERENCES staff (id);
ALTER TABLE customers ADD COLUMN first_claimed_at TEXT;
ALTER TABLE customers ADD COLUMN clue_id_unique TEXT;
ALTER TABLE customers ADD COLUMN api_platform TEXT;
ALTER TABLE customers ADD COLUMN api_setting_id INTEGER NOT NULL DEFAULT 0;
ALTER TABLE customers ADD COLUMN clue_ocpc_data TEXT;
ALTER TABLE customers ADD COLUMN is_blacklisted INTEGER NOT NULL DEFAULT 0;
ALTER TABLE customers ADD COLUMN next_follow_at TEXT;
ALTER TABLE customers ADD COLUMN last_called_at TEXT;
ALTER TABLE customers ADD COLUMN community_name TEXT;
ALTER TABLE customers ADD COLUMN room_number TEXT;
ALTER TABLE customers ADD COLUMN budget INTEGER;
ALTER TABLE customers ADD COLUMN intent INTEGER;
ALTER TABLE customers ADD COLUMN approve_status TEXT NOT NULL DEFAULT 'approved';
ALTER TABLE customers ADD COLUMN updated_by INTEGER REFERENCES staff (id);
-- What a list is ordered by, and whether a row is live and whose: pages are found without the rows.
CREATE INDEX customers_created ON customers (created_at, id, status, owner_id);
CREATE INDEX customers_updated ON customers (updated_at, id, status, owner_id);
CREATE INDEX customers_followed ON customers (last_follow_at, id, status, owner_id);
CREATE INDEX customers_next_follow ON customers (next_follow_at, id, status, owner_id);
CREATE INDEX customers_name ON customers (real_name, id, status, owner_id);
-- What a list is narrowed by, newest first.
CREATE INDEX customers_stage ON customers (stage_id, created_at, id, status);
CREATE INDEX customers_source ON customers (source_id, created_at, id, status);
CREATE INDEX customers_category ON customers (category_id, created_at, id, status);
CREATE INDEX customers_product_line ON customers (product_line_id, created_at, id, status);
CREATE INDEX customers_last_owner ON customers (last_owner_id);
-- A part of a number is looked for in the index alone, without the rows.
DROP INDEX customers_phone;
CREATE INDEX customers_phone ON customers (phone_key, owner_id);
CREATE INDEX customers_clue ON customers (clue_id_unique);

-- One row per customer; its phone number is the customer's own.
CREATE TABLE customer_addresses (
    id INTEGER PRIMARY KEY,
    customer_id INTEGER NOT NULL UNIQUE REFERENCES customers (id),
    tel TEXT,
    email TEXT,
    qq TEXT,
    fax TEXT,
    wechat TEXT,
    wangwang TEXT,
    zip TEXT,
    url TEXT,
    country TEXT,
    province TEXT,
    city TEXT,
    district TEXT,
    detail_address TEXT,
    lat REAL,
    lng REAL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
) STRICT;
INSERT INTO customer_addresses (customer_id, created_at, updated_at)
SELECT id, created_at, updated_at FROM customers ORDER BY id;
-- The number as numbers are compared.
CREATE INDEX customer_addresses_tel ON customer_addresses (REPLACE(REPLACE(tel, '-', ''), ' ', ''), customer_id)
WHERE tel IS NOT NULL;

CREATE TABLE customer_contacts (
    id INTEGER PRIMARY KEY,
    customer_id INTEGER NOT NULL REFERENCES customers (id),
    name TEXT NOT NULL,
    phone TEXT,
    tel TEXT,
    job TEXT,
    email TEXT,
    wechat TEXT,
    is_primary INTEGER NOT NULL,
    status INTEGER NOT NULL,
    version INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
) STRICT;
CREATE INDEX customer_contacts_customer ON customer_contacts (customer_id, status);

CREATE TABLE label_groups (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    version INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
) STRICT;

CREATE TABLE labels (
    id INTEGER PRIMARY KEY,
    group_id INTEGER NOT NULL REFERENCES label_groups (id),
    name TEXT NOT NULL,
    color TEXT NOT NULL,
    sort_num INTEGER NOT NULL,
    -- -1: no longer in its group; customers keep it.
    status INTEGER NOT NULL
) STRICT;
CREATE INDEX labels_group ON labels (group_id, status);

CREATE TABLE customer_labels (
    customer_id INTEGER NOT NULL REFERENCES customers (id),
    label_id INTEGER NOT NULL REFERENCES labels (id),
    position INTEGER NOT NULL,
    PRIMARY KEY (customer_id, label_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX customer_labels_label ON customer_labels (label_id, customer_id);

CREATE TABLE customer_team (
    customer_id INTEGER NOT NULL REFERENCES customers (id),
    role_type INTEGER NOT NULL REFERENCES team_roles (role_type),
    staff_id INTEGER NOT NULL REFERENCES staff (id),
    position INTEGER NOT NULL,
    PRIMARY KEY (customer_id, role_type, staff_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX customer_team_staff ON customer_team (staff_id, customer_id);

-- 协作人.
CREATE TABLE customer_assistants (
    customer_id INTEGER NOT NULL REFERENCES customers (id),
    staff_id INTEGER NOT NULL REFERENCES staff (id),
    position INTEGER NOT NULL,
    PRIMARY KEY (customer_id, staff_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX customer_assistants_staff ON customer_assistants (staff_id, customer_id);

CREATE TABLE customer_favourites (
    staff_id INTEGER NOT NULL REFERENCES staff (id),
    customer_id INTEGER NOT NULL REFERENCES customers (id),
    created_at TEXT NOT NULL,
    PRIMARY KEY (staff_id, customer_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE custom_fields (
    id INTEGER PRIMARY KEY,
    -- input_…, textarea_…, select_…, date_… or number_….
    key TEXT NOT NULL UNIQUE,
    title TEXT NOT NULL,
    kind TEXT NOT NULL,
    -- What may be selected, as a JSON array of texts.
    options TEXT NOT NULL,
    required INTEGER NOT NULL,
    sort_num INTEGER NOT NULL,
    version INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
) STRICT;

CREATE TABLE customer_field_values (
    customer_id INTEGER NOT NULL REFERENCES customers (id),
    field_id INTEGER NOT NULL REFERENCES custom_fields (id),
    -- The text; of a select field a JSON array of texts.
    value TEXT NOT NULL,
    PRIMARY KEY (customer_id, field_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX customer_field_values_field ON customer_field_values (field_id, customer_id);

-- Whose the customer was and became by an event, for the dashboard.
ALTER TABLE customer_events ADD COLUMN from_owner_id INTEGER REFERENCES staff (id);
ALTER TABLE customer_events ADD COLUMN to_owner_id INTEGER REFERENCES staff (id);
UPDATE customer_events SET kind = 'recycled' WHERE kind = 'pooled';
UPDATE customer_events SET from_owner_id = CAST(from_value AS INTEGER), to_owner_id = CAST(to_value AS INTEGER);
CREATE INDEX customer_events_from ON customer_events (from_owner_id, created_at, kind, customer_id);
CREATE INDEX customer_events_to ON customer_events (to_owner_id, created_at, kind, customer_id);
CREATE INDEX customer_events_time ON customer_events (created_at, id);

-- One token per character of what people write about a customer: see text_search in crm-db.
CREATE VIRTUAL TABLE customer_texts_search USING fts5 (document, content='', contentless_delete=1, tokenize='ascii');

-- What was written before this index was there.
INSERT INTO customer_texts_search (rowid, document)
WITH RECURSIVE
    texts (id, field, body) AS (
        SELECT id, 1, lower(note) FROM customers WHERE note <> ''
        UNION ALL
        SELECT id, 2, phone_key FROM customers WHERE phone_key <> ''
    ),
    letters (id, field, place, body) AS (
        SELECT id, field, 1, body FROM texts
        UNION ALL
        SELECT id, field, place + 1, body FROM letters WHERE place < length(body)
    ),
    documents (id, document) AS (
        SELECT id, group_concat(printf('x%x', unicode(substr(body, place, 1))), ' ' ORDER BY place)
        FROM letters GROUP BY id, field
    )
SELECT id, group_concat(document, ' xsep ') FROM documents GROUP BY id;
