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
