CREATE TABLE departments (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    parent_id INTEGER REFERENCES departments (id),
    leader_id INTEGER,
    status INTEGER NOT NULL,
    version INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
) STRICT;
CREATE INDEX departments_parent ON departments (parent_id);
CREATE INDEX departments_leader ON departments (leader_id);

CREATE TABLE staff_groups (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    detail TEXT,
    data_scope TEXT NOT NULL,
    status INTEGER NOT NULL,
    version INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX staff_groups_name ON staff_groups (name) WHERE status <> -1;

CREATE TABLE staff (
    id INTEGER PRIMARY KEY,
    phone TEXT NOT NULL,
    -- The digits and + of the phone number: what sign-in and uniqueness compare.
    phone_key TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    must_change_password INTEGER NOT NULL,
    role_id INTEGER NOT NULL,
    department_id INTEGER REFERENCES departments (id),
    number INTEGER,
    nick_name TEXT,
    real_name TEXT,
    head_image_url TEXT,
    sex INTEGER NOT NULL,
    open_id TEXT,
    birthday TEXT,
    title TEXT,
    address TEXT,
    school TEXT,
    political_affiliation TEXT,
    education TEXT,
    rank_id INTEGER,
    rank_type INTEGER,
    job_id INTEGER,
    info TEXT,
    note TEXT,
    entry_time TEXT,
    official_time TEXT,
    resign_time TEXT,
    last_login_time TEXT,
    status INTEGER NOT NULL,
    version INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX staff_phone ON staff (phone_key) WHERE status <> -1;
CREATE INDEX staff_department ON staff (department_id);
CREATE INDEX staff_status ON staff (status, role_id);

CREATE TABLE staff_group_members (
    staff_id INTEGER NOT NULL REFERENCES staff (id),
    group_id INTEGER NOT NULL REFERENCES staff_groups (id),
    position INTEGER NOT NULL,
    PRIMARY KEY (staff_id, group_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX staff_group_members_group ON staff_group_members (group_id, staff_id);

CREATE TABLE menus (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    content TEXT NOT NULL,
    note TEXT NOT NULL,
    status INTEGER NOT NULL,
    version INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
) STRICT;

CREATE TABLE staff_menus (
    staff_id INTEGER NOT NULL REFERENCES staff (id),
    menu_id INTEGER NOT NULL REFERENCES menus (id),
    position INTEGER NOT NULL,
    PRIMARY KEY (staff_id, menu_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE sessions (
    id INTEGER PRIMARY KEY,
    staff_id INTEGER NOT NULL REFERENCES staff (id),
    -- SHA-256 of the token; the token itself is nowhere.
    token_hash TEXT NOT NULL UNIQUE,
    address TEXT,
    user_agent TEXT,
    created_at TEXT NOT NULL,
    last_seen_at TEXT NOT NULL,
    expires_at TEXT NOT NULL,
    ended_at TEXT,
    end_reason TEXT
) STRICT;
CREATE INDEX sessions_staff ON sessions (staff_id, ended_at);
CREATE INDEX sessions_expiry ON sessions (expires_at);

CREATE TABLE sign_in_failures (
    id INTEGER PRIMARY KEY,
    phone_key TEXT NOT NULL,
    address TEXT NOT NULL,
    failed_at TEXT NOT NULL
) STRICT;
CREATE INDEX sign_in_failures_phone ON sign_in_failures (phone_key, failed_at);
CREATE INDEX sign_in_failures_address ON sign_in_failures (address, failed_at);
CREATE INDEX sign_in_failures_time ON sign_in_failures (failed_at);

-- Where a person has signed in from: spared the wide limits there.
CREATE TABLE known_addresses (
    phone_key TEXT NOT NULL,
    address TEXT NOT NULL,
    last_sign_in_at TEXT NOT NULL,
    PRIMARY KEY (phone_key, address)
) STRICT, WITHOUT ROWID;
CREATE INDEX known_addresses_time ON known_addresses (last_sign_in_at);

-- One row per throttled key; writing it first makes attempts on the same key wait for each other.
CREATE TABLE sign_in_locks (
    lock_key TEXT PRIMARY KEY NOT NULL,
    locked_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX sign_in_locks_time ON sign_in_locks (locked_at);

INSERT INTO menus (name, content, note, status, version, created_at, updated_at)
VALUES
    ('客户管理', '', '', 1, 1, '2026-01-01 00:00:00', '2026-01-01 00:00:00'),
    ('拜访记录', '', '', 1, 1, '2026-01-01 00:00:00', '2026-01-01 00:00:00'),
    ('需求变更', '', '', 1, 1, '2026-01-01 00:00:00', '2026-01-01 00:00:00'),
    ('满意度', '', '', 1, 1, '2026-01-01 00:00:00', '2026-01-01 00:00:00'),
    ('合同管理', '', '', 1, 1, '2026-01-01 00:00:00', '2026-01-01 00:00:00'),
    ('统计', '', '', 1, 1, '2026-01-01 00:00:00', '2026-01-01 00:00:00');
