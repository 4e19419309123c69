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

-- The history a person can read: every change of owner and pool, and every deletion.
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

-- One token per character of the names: see text_search in crm-db.
CREATE VIRTUAL TABLE organizations_search USING fts5 (document, content='', contentless_delete=1, tokenize='ascii');

-- One token per character of the names: see text_search in crm-db.
CREATE VIRTUAL TABLE customers_search USING fts5 (document, content='', contentless_delete=1, tokenize='ascii');
