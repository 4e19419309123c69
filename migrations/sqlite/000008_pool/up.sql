-- One row: when customers go back to the public pool.
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
INSERT INTO pool_rule (id, enabled, contact_days, deal_days, notice_days, hold_limit, cooldown_days, version, updated_at)
VALUES (1, 0, 30, 90, 3, 0, 0, 1, '2026-01-01 00:00:00');

-- Which process does a background task now, by the database's clock.
CREATE TABLE leases (
    name TEXT PRIMARY KEY NOT NULL,
    holder TEXT NOT NULL,
    expires_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- What may be due: the rows and the columns a rule asks about.
CREATE INDEX customers_due ON customers (assigned_at, last_follow_at, last_deal_at, stage_id, owner_id)
WHERE owner_id IS NOT NULL AND is_locked = 0 AND status <> -1;
