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

-- One token per character of the names: see text_search in crm-db.
CREATE VIRTUAL TABLE contracts_search USING fts5 (document, content='', contentless_delete=1, tokenize='ascii');
