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
, wecom_userid TEXT) STRICT;

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
, is_locked INTEGER NOT NULL DEFAULT 0, stage_id INTEGER NOT NULL DEFAULT 1, last_stage_id INTEGER REFERENCES customer_stages (id), source_id INTEGER REFERENCES customer_sources (id), category_id INTEGER REFERENCES customer_categories (id), product_line_id INTEGER NOT NULL DEFAULT 1, is_clue INTEGER NOT NULL DEFAULT 0, clue_user_id INTEGER REFERENCES staff (id), first_claimed_at TEXT, clue_id_unique TEXT, api_platform TEXT, api_setting_id INTEGER NOT NULL DEFAULT 0, clue_ocpc_data TEXT, is_blacklisted INTEGER NOT NULL DEFAULT 0, next_follow_at TEXT, last_called_at TEXT, community_name TEXT, room_number TEXT, budget INTEGER, intent INTEGER, approve_status TEXT NOT NULL DEFAULT 'approved', updated_by INTEGER REFERENCES staff (id)) STRICT;

CREATE INDEX customers_status ON customers (status, id);

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
, from_owner_id INTEGER REFERENCES staff (id), to_owner_id INTEGER REFERENCES staff (id)) STRICT;

CREATE INDEX customer_events_customer ON customer_events (customer_id, id);

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

CREATE TABLE team_roles (
    role_type INTEGER PRIMARY KEY NOT NULL,
    role_name TEXT NOT NULL,
    role_description TEXT NOT NULL,
    version INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
) STRICT;

CREATE INDEX customers_created ON customers (created_at, id, status, owner_id);

CREATE INDEX customers_updated ON customers (updated_at, id, status, owner_id);

CREATE INDEX customers_followed ON customers (last_follow_at, id, status, owner_id);

CREATE INDEX customers_next_follow ON customers (next_follow_at, id, status, owner_id);

CREATE INDEX customers_name ON customers (real_name, id, status, owner_id);

CREATE INDEX customers_stage ON customers (stage_id, created_at, id, status);

CREATE INDEX customers_source ON customers (source_id, created_at, id, status);

CREATE INDEX customers_category ON customers (category_id, created_at, id, status);

CREATE INDEX customers_product_line ON customers (product_line_id, created_at, id, status);

CREATE INDEX customers_last_owner ON customers (last_owner_id);

CREATE INDEX customers_phone ON customers (phone_key, owner_id);

CREATE INDEX customers_clue ON customers (clue_id_unique);

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

CREATE INDEX customer_events_from ON customer_events (from_owner_id, created_at, kind, customer_id);

CREATE INDEX customer_events_to ON customer_events (to_owner_id, created_at, kind, customer_id);

CREATE INDEX customer_events_time ON customer_events (created_at, id);

CREATE TABLE pool_rule (
    id INTEGER PRIMARY KEY NOT NULL,
    enabled INTEGER NOT NULL,
    contact_days INTEGER NOT NULL,
    deal_days INTEGER NOT NULL,
    notice_days INTEGER NOT NULL,
    -- 0: any number.
    hold_limit INTEGER NOT NULL,
    cooldown_days INTEGER NOT NULL,
    -- When the rule was last switched on or tightened.
    tightened_at TEXT,
    version INTEGER NOT NULL,
    updated_at TEXT NOT NULL
) STRICT;

CREATE TABLE leases (
    name TEXT PRIMARY KEY NOT NULL,
    holder TEXT NOT NULL,
    expires_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX customers_due ON customers (assigned_at, last_follow_at, last_deal_at, stage_id, owner_id)
WHERE owner_id IS NOT NULL AND is_locked = 0 AND status <> -1;

CREATE INDEX staff_wecom ON staff (wecom_userid);

CREATE TABLE wecom_contacts (
    id INTEGER PRIMARY KEY,
    external_userid TEXT NOT NULL,
    staff_id INTEGER NOT NULL REFERENCES staff (id),
    name TEXT,
    avatar TEXT,
    added_at TEXT NOT NULL,
    lost_at TEXT,
    -- Of the newest event that was applied: older ones change nothing.
    event_at TEXT,
    customer_id INTEGER REFERENCES customers (id),
    -- -1 deleted, 1 not.
    status INTEGER NOT NULL,
    version INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    UNIQUE (external_userid, staff_id)
) STRICT;

CREATE INDEX wecom_contacts_staff ON wecom_contacts (staff_id, status, lost_at);

CREATE INDEX wecom_contacts_customer ON wecom_contacts (customer_id);

CREATE TABLE wecom_events (
    id INTEGER PRIMARY KEY,
    wecom_id INTEGER NOT NULL REFERENCES wecom_contacts (id),
    staff_id INTEGER NOT NULL REFERENCES staff (id),
    kind TEXT NOT NULL,
    happened_at TEXT NOT NULL,
    UNIQUE (wecom_id, kind, happened_at)
) STRICT;

CREATE INDEX wecom_events_staff ON wecom_events (staff_id, happened_at, kind, wecom_id);

CREATE TABLE retries (
    id INTEGER PRIMARY KEY,
    staff_id INTEGER NOT NULL REFERENCES staff (id),
    -- SHA-256 of the key; the key itself is nowhere.
    key_hash TEXT NOT NULL,
    -- SHA-256 of the key, the method, the path and the parameters.
    request_hash TEXT NOT NULL,
    answer TEXT NOT NULL,
    created_at TEXT NOT NULL,
    UNIQUE (staff_id, key_hash)
) STRICT;

CREATE INDEX retries_created ON retries (created_at);

CREATE INDEX follows_time ON follows (record_time, id, status, potential_id);

CREATE INDEX demands_time ON demands (record_time, id, status, organization_id);

CREATE INDEX satisfactions_time ON satisfactions (record_time, id, status, organization_id, value);

CREATE INDEX contracts_time ON contracts (sign_time, id, status, organization_id);

CREATE INDEX potentials_deleted ON potentials (id) WHERE status = -1;

CREATE INDEX customer_events_kind ON customer_events (kind, created_at, id, to_owner_id, from_owner_id, customer_id);

CREATE INDEX wecom_events_kind ON wecom_events (kind, happened_at, wecom_id, staff_id);

CREATE INDEX customer_events_actor ON customer_events (actor_id, created_at)
WHERE kind NOT IN ('created', 'claimed', 'assigned', 'released', 'recycled', 'deleted');

CREATE INDEX customers_live ON customers (id) WHERE status <> -1;

CREATE INDEX customers_owned_created ON customers (owner_id, created_at, id) WHERE status <> -1;

CREATE INDEX customers_creator ON customers (creator_id, status, owner_id);

CREATE INDEX customers_owned ON customers (owner_id, id, status);

CREATE VIRTUAL TABLE organizations_search USING fts5 (document, content='', contentless_delete=1, tokenize='ascii');

CREATE VIRTUAL TABLE customers_search USING fts5 (document, content='', contentless_delete=1, tokenize='ascii');

CREATE VIRTUAL TABLE contracts_search USING fts5 (document, content='', contentless_delete=1, tokenize='ascii');

CREATE VIRTUAL TABLE customer_texts_search USING fts5 (document, content='', contentless_delete=1, tokenize='ascii');
