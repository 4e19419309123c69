-- Whom WeCom knows a member of staff as.
ALTER TABLE staff ADD COLUMN wecom_userid TEXT;
CREATE INDEX staff_wecom ON staff (wecom_userid);

-- 企微客户: outside contacts of staff. One row per contact and person.
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

-- Every gain (added) and loss (lost) of a contact, for the dashboard.
CREATE TABLE wecom_events (
    id INTEGER PRIMARY KEY,
    wecom_id INTEGER NOT NULL REFERENCES wecom_contacts (id),
    staff_id INTEGER NOT NULL REFERENCES staff (id),
    kind TEXT NOT NULL,
    happened_at TEXT NOT NULL,
    UNIQUE (wecom_id, kind, happened_at)
) STRICT;
CREATE INDEX wecom_events_staff ON wecom_events (staff_id, happened_at, kind, wecom_id);
