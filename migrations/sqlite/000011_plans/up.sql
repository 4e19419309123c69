-- Lists are sorted by time whatever their state: a state in front of it made lists of all states read
-- everything, and looked to SQLite like a better way to few rows than any other.
DROP INDEX follows_time;
DROP INDEX demands_time;
DROP INDEX satisfactions_time;
DROP INDEX contracts_time;
CREATE INDEX follows_time ON follows (record_time, id, status, potential_id);
CREATE INDEX demands_time ON demands (record_time, id, status, organization_id);
CREATE INDEX satisfactions_time ON satisfactions (record_time, id, status, organization_id, value);
CREATE INDEX contracts_time ON contracts (sign_time, id, status, organization_id);

-- Follow-ups are deleted with their potential. Few potentials are.
CREATE INDEX potentials_deleted ON potentials (id) WHERE status = -1;

-- What came and went is counted from these alone.
DROP INDEX customer_events_kind;
CREATE INDEX customer_events_kind ON customer_events (kind, created_at, id, to_owner_id, from_owner_id, customer_id);
CREATE INDEX wecom_events_kind ON wecom_events (kind, happened_at, wecom_id, staff_id);

-- Whose doing an event was is asked of those that tell of no owner.
CREATE INDEX customer_events_actor ON customer_events (actor_id, created_at)
WHERE kind NOT IN ('created', 'claimed', 'assigned', 'released', 'recycled', 'deleted');
