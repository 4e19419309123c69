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
