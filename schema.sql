-- The whole schema as SQLite has it after all migrations; PostgreSQL has the same tables and columns.
-- Written by `UPDATE_SCHEMA=1 cargo test --package crm-tests --test schema`; never by hand.

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

CREATE TABLE known_addresses (
    phone_key TEXT NOT NULL,
    address TEXT NOT NULL,
    last_sign_in_at TEXT NOT NULL,
    PRIMARY KEY (phone_key, address)
) STRICT, WITHOUT ROWID;

CREATE INDEX known_addresses_time ON known_addresses (last_sign_in_at);

CREATE TABLE sign_in_locks (
    lock_key TEXT PRIMARY KEY NOT NULL,
    locked_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX sign_in_locks_time ON sign_in_locks (locked_at);

CREATE TABLE organizations (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    detail TEXT,
    type TEXT,
    provience TEXT,
    city TEXT,
    county TEXT,
    address TEXT,
    legal_person TEXT,
    register_capital TEXT,
    register_date TEXT,
    website TEXT,
    note TEXT,
    creator_id INTEGER NOT NULL REFERENCES staff (id),
    status INTEGER NOT NULL,
    version INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
) STRICT;

CREATE INDEX organizations_status ON organizations (status, id);

CREATE INDEX organizations_creator ON organizations (creator_id, status);

CREATE TABLE customers (
    id INTEGER PRIMARY KEY,
    type TEXT,
    nick_name TEXT,
    real_name TEXT NOT NULL,
    avatar TEXT,
    phone TEXT,
    phone_key TEXT,
    job TEXT,
    sex INTEGER NOT NULL,
    cid TEXT,
    open_id TEXT,
    level INTEGER NOT NULL,
    is_vip INTEGER NOT NULL,
    is_senior INTEGER NOT NULL,
    vip_due_time TEXT,
    navigation_due_time TEXT,
    legal_person TEXT,
    register_capital TEXT,
    register_date TEXT,
    website TEXT,
    note TEXT,
    creator_id INTEGER NOT NULL REFERENCES staff (id),
    -- NULL: in the public pool.
    owner_id INTEGER REFERENCES staff (id),
    last_owner_id INTEGER REFERENCES staff (id),
    assigned_at TEXT,
    pool_entered_at TEXT,
    pool_times INTEGER NOT NULL,
    pool_type INTEGER NOT NULL,
    last_follow_at TEXT,
    last_follow_log TEXT,
    last_deal_at TEXT,
    last_deal_money INTEGER,
    -- Sum of the live contracts in cents, as text: it may exceed 64 bits.
    order_money TEXT NOT NULL,
    deleted_at TEXT,
    deleted_by INTEGER REFERENCES staff (id),
    deleted_reason TEXT,
    status INTEGER NOT NULL,
    version INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
) STRICT;

CREATE INDEX customers_status ON customers (status, id);

CREATE INDEX customers_owner ON customers (owner_id, status);

CREATE INDEX customers_creator ON customers (creator_id, status);

CREATE INDEX customers_phone ON customers (phone_key);

CREATE TABLE customer_organizations (
    customer_id INTEGER NOT NULL REFERENCES customers (id),
    organization_id INTEGER NOT NULL REFERENCES organizations (id),
    position INTEGER NOT NULL,
    PRIMARY KEY (customer_id, organization_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX customer_organizations_organization ON customer_organizations (organization_id, customer_id);

CREATE TABLE customer_events (
    id INTEGER PRIMARY KEY,
    customer_id INTEGER NOT NULL REFERENCES customers (id),
    kind TEXT NOT NULL,
    -- NULL: the system.
    actor_id INTEGER REFERENCES staff (id),
    from_value TEXT,
    to_value TEXT,
    reason TEXT,
    created_at TEXT NOT NULL
) STRICT;

CREATE INDEX customer_events_customer ON customer_events (customer_id, id);

CREATE INDEX customer_events_kind ON customer_events (kind, created_at);

CREATE TABLE potentials (
    id INTEGER PRIMARY KEY,
    organization_id INTEGER NOT NULL REFERENCES organizations (id),
    director_id INTEGER NOT NULL REFERENCES staff (id),
    creator_id INTEGER NOT NULL REFERENCES staff (id),
    record_time TEXT NOT NULL,
    note TEXT,
    status INTEGER NOT NULL,
    version INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
) STRICT;

CREATE INDEX potentials_time ON potentials (record_time, id);

CREATE INDEX potentials_organization ON potentials (organization_id, record_time);

CREATE INDEX potentials_director ON potentials (director_id, record_time);

CREATE INDEX potentials_creator ON potentials (creator_id, record_time);

CREATE TABLE follows (
    id INTEGER PRIMARY KEY,
    potential_id INTEGER NOT NULL REFERENCES potentials (id),
    event INTEGER,
    gain TEXT,
    record_time TEXT NOT NULL,
    attach TEXT,
    note TEXT,
    operator_id INTEGER NOT NULL REFERENCES staff (id),
    status INTEGER NOT NULL,
    version INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
) STRICT;

CREATE INDEX follows_time ON follows (status, record_time, id, potential_id);

CREATE INDEX follows_potential ON follows (potential_id, status, record_time);

CREATE INDEX follows_operator ON follows (operator_id, status, record_time);

CREATE TABLE follow_customers (
    follow_id INTEGER NOT NULL REFERENCES follows (id),
    customer_id INTEGER NOT NULL REFERENCES customers (id),
    position INTEGER NOT NULL,
    PRIMARY KEY (follow_id, customer_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX follow_customers_customer ON follow_customers (customer_id, follow_id);

CREATE TABLE follow_followers (
    follow_id INTEGER NOT NULL REFERENCES follows (id),
    staff_id INTEGER NOT NULL REFERENCES staff (id),
    position INTEGER NOT NULL,
    PRIMARY KEY (follow_id, staff_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX follow_followers_staff ON follow_followers (staff_id, follow_id);

CREATE TABLE demands (
    id INTEGER PRIMARY KEY,
    organization_id INTEGER NOT NULL REFERENCES organizations (id),
    content TEXT NOT NULL,
    record_time TEXT NOT NULL,
    attach TEXT,
    note TEXT,
    operator_id INTEGER NOT NULL REFERENCES staff (id),
    status INTEGER NOT NULL,
    version INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
) STRICT;

CREATE INDEX demands_time ON demands (status, record_time, id, organization_id);

CREATE INDEX demands_organization ON demands (organization_id, status, record_time);

CREATE INDEX demands_operator ON demands (operator_id, status, record_time);

CREATE TABLE demand_customers (
    demand_id INTEGER NOT NULL REFERENCES demands (id),
    customer_id INTEGER NOT NULL REFERENCES customers (id),
    position INTEGER NOT NULL,
    PRIMARY KEY (demand_id, customer_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX demand_customers_customer ON demand_customers (customer_id, demand_id);

CREATE TABLE demand_followers (
    demand_id INTEGER NOT NULL REFERENCES demands (id),
    staff_id INTEGER NOT NULL REFERENCES staff (id),
    position INTEGER NOT NULL,
    PRIMARY KEY (demand_id, staff_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX demand_followers_staff ON demand_followers (staff_id, demand_id);

CREATE TABLE satisfactions (
    id INTEGER PRIMARY KEY,
    organization_id INTEGER REFERENCES organizations (id),
    value INTEGER NOT NULL,
    record_time TEXT NOT NULL,
    attach TEXT,
    note TEXT,
    operator_id INTEGER NOT NULL REFERENCES staff (id),
    status INTEGER NOT NULL,
    version INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
) STRICT;

CREATE INDEX satisfactions_time ON satisfactions (status, record_time, id, organization_id, value);

CREATE INDEX satisfactions_organization ON satisfactions (organization_id, status, record_time);

CREATE INDEX satisfactions_operator ON satisfactions (operator_id, status, record_time);

CREATE TABLE satisfaction_customers (
    satisfaction_id INTEGER NOT NULL REFERENCES satisfactions (id),
    customer_id INTEGER NOT NULL REFERENCES customers (id),
    position INTEGER NOT NULL,
    PRIMARY KEY (satisfaction_id, customer_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX satisfaction_customers_customer ON satisfaction_customers (customer_id, satisfaction_id);

CREATE TABLE satisfaction_followers (
    satisfaction_id INTEGER NOT NULL REFERENCES satisfactions (id),
    staff_id INTEGER NOT NULL REFERENCES staff (id),
    position INTEGER NOT NULL,
    PRIMARY KEY (satisfaction_id, staff_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX satisfaction_followers_staff ON satisfaction_followers (staff_id, satisfaction_id);

CREATE TABLE contracts (
    id INTEGER PRIMARY KEY,
    organization_id INTEGER NOT NULL REFERENCES organizations (id),
    customer_id INTEGER REFERENCES customers (id),
    name TEXT NOT NULL,
    code TEXT,
    -- Cents.
    amount INTEGER,
    sign_time TEXT NOT NULL,
    aging_start_time TEXT,
    aging_end_time TEXT,
    remit_amount INTEGER,
    remit_time TEXT,
    note TEXT,
    creator_id INTEGER NOT NULL REFERENCES staff (id),
    editor_id INTEGER REFERENCES staff (id),
    status INTEGER NOT NULL,
    version INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
) STRICT;

CREATE UNIQUE INDEX contracts_code ON contracts (code) WHERE status <> -1;

CREATE INDEX contracts_time ON contracts (status, sign_time, id, organization_id, amount);

CREATE INDEX contracts_organization ON contracts (organization_id, status, sign_time);

CREATE INDEX contracts_customer ON contracts (customer_id, status, sign_time);

CREATE INDEX contracts_creator ON contracts (creator_id, status, sign_time);

CREATE TABLE contract_followers (
    contract_id INTEGER NOT NULL REFERENCES contracts (id),
    staff_id INTEGER NOT NULL REFERENCES staff (id),
    position INTEGER NOT NULL,
    PRIMARY KEY (contract_id, staff_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX contract_followers_staff ON contract_followers (staff_id, contract_id);

CREATE TABLE audit (
    id INTEGER PRIMARY KEY,
    -- NULL: a background task or a command.
    staff_id INTEGER REFERENCES staff (id),
    address TEXT,
    action TEXT NOT NULL,
    record TEXT NOT NULL,
    record_id INTEGER,
    -- The changed fields as JSON objects.
    before TEXT,
    after TEXT,
    created_at TEXT NOT NULL
) STRICT;

CREATE INDEX audit_time ON audit (created_at, id);

CREATE INDEX audit_staff ON audit (staff_id, created_at);

CREATE INDEX audit_record ON audit (record, record_id, created_at);

CREATE TABLE counters (
    name TEXT NOT NULL,
    shard INTEGER NOT NULL,
    value INTEGER NOT NULL,
    PRIMARY KEY (name, shard)
) STRICT, WITHOUT ROWID;

CREATE VIRTUAL TABLE organizations_search USING fts5 (document, content='', contentless_delete=1, tokenize='ascii');

CREATE VIRTUAL TABLE customers_search USING fts5 (document, content='', contentless_delete=1, tokenize='ascii');

CREATE VIRTUAL TABLE contracts_search USING fts5 (document, content='', contentless_delete=1, tokenize='ascii');
