//! What is true of a database in which nothing is half done, whatever was written to it.

use std::collections::HashSet;

use anyhow::{Result, anyhow};
use crm_db::{Db, Engine};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

/// Rows that break a rule, by the rule. `{id}` is the number of a row of a text index.
const RULES: &[(&str, &str)] = &[
    (
        "customers without exactly one row of the trail that made them",
        "SELECT COUNT(*) AS count FROM customers c WHERE (SELECT COUNT(*) FROM audit a WHERE a.record = 'customer' \
         AND a.record_id = c.id AND a.action = 'create') <> 1",
    ),
    (
        "customers whose version is not that of the trail",
        "SELECT COUNT(*) AS count FROM customers c WHERE c.version <> (SELECT COUNT(*) FROM audit a \
         WHERE a.record = 'customer' AND a.record_id = c.id)",
    ),
    (
        "contracts whose version is not that of the trail",
        "SELECT COUNT(*) AS count FROM contracts c WHERE c.version <> (SELECT COUNT(*) FROM audit a \
         WHERE a.record = 'contract' AND a.record_id = c.id)",
    ),
    (
        "follow-ups whose version is not that of the trail",
        "SELECT COUNT(*) AS count FROM follows c WHERE c.version <> (SELECT COUNT(*) FROM audit a \
         WHERE a.record = 'follow' AND a.record_id = c.id)",
    ),
    (
        "contacts whose version is not that of the trail",
        "SELECT COUNT(*) AS count FROM customer_contacts c WHERE c.version <> (SELECT COUNT(*) FROM audit a \
         WHERE a.record = 'contact' AND a.record_id = c.id)",
    ),
    (
        "organizations without exactly one row of the trail that made them",
        "SELECT COUNT(*) AS count FROM organizations c WHERE (SELECT COUNT(*) FROM audit a \
         WHERE a.record = 'organization' AND a.record_id = c.id AND a.action = 'create') <> 1",
    ),
    (
        "rows of the trail without the write",
        "SELECT COUNT(*) AS count FROM audit a WHERE a.action = 'create' AND CASE a.record \
         WHEN 'customer' THEN NOT EXISTS (SELECT 1 FROM customers r WHERE r.id = a.record_id) \
         WHEN 'contract' THEN NOT EXISTS (SELECT 1 FROM contracts r WHERE r.id = a.record_id) \
         WHEN 'follow' THEN NOT EXISTS (SELECT 1 FROM follows r WHERE r.id = a.record_id) \
         WHEN 'contact' THEN NOT EXISTS (SELECT 1 FROM customer_contacts r WHERE r.id = a.record_id) \
         WHEN 'organization' THEN NOT EXISTS (SELECT 1 FROM organizations r WHERE r.id = a.record_id) \
         ELSE 1 = 0 END",
    ),
    (
        "customers without exactly one event that made them in their history",
        "SELECT COUNT(*) AS count FROM customers c WHERE (SELECT COUNT(*) FROM customer_events e \
         WHERE e.customer_id = c.id AND e.kind = 'created') <> 1",
    ),
    (
        "customers whose history is not that of the trail",
        "SELECT COUNT(*) AS count FROM customers c WHERE (SELECT COUNT(*) FROM customer_events e \
         WHERE e.customer_id = c.id) <> (SELECT COUNT(*) FROM audit a WHERE a.record = 'customer' \
         AND a.record_id = c.id AND a.action IN ('create', 'claim', 'release', 'assign', 'lock', 'unlock'))",
    ),
    (
        "customers whose sum is not that of their contracts",
        "SELECT COUNT(*) AS count FROM customers c WHERE c.order_money <> CAST((SELECT COALESCE(SUM(k.amount), 0) \
         FROM contracts k WHERE k.customer_id = c.id AND k.status <> -1) AS TEXT)",
    ),
    (
        "customers whose last follow-up is not that of their follow-ups",
        "SELECT COUNT(*) AS count FROM customers c WHERE (c.last_follow_at IS NULL) = EXISTS (SELECT 1 \
         FROM follow_customers l JOIN follows f ON f.id = l.follow_id WHERE l.customer_id = c.id AND f.status <> -1)",
    ),
    (
        "follow-ups without followers",
        "SELECT COUNT(*) AS count FROM follows f WHERE NOT EXISTS (SELECT 1 FROM follow_followers l \
         WHERE l.follow_id = f.id)",
    ),
    (
        "contracts without followers",
        "SELECT COUNT(*) AS count FROM contracts f WHERE NOT EXISTS (SELECT 1 FROM contract_followers l \
         WHERE l.contract_id = f.id)",
    ),
    (
        "customers without exactly one address",
        "SELECT COUNT(*) AS count FROM customers c WHERE (SELECT COUNT(*) FROM customer_addresses a \
         WHERE a.customer_id = c.id) <> 1",
    ),
    (
        "difference between the total of customers and their number",
        "SELECT CAST((SELECT COALESCE(SUM(value), 0) FROM counters WHERE name = 'customers.live') AS BIGINT) - \
         (SELECT COUNT(*) FROM customers WHERE status <> -1) AS count",
    ),
    (
        "owners, and the public pool, whose kept total is not the number of their customers",
        "SELECT COUNT(*) AS count FROM (SELECT owner_id, COUNT(*) AS many FROM customers WHERE status <> -1 \
         GROUP BY owner_id) AS held WHERE many <> (SELECT COALESCE(SUM(value), 0) FROM counters WHERE name = \
         CASE WHEN owner_id IS NULL THEN 'customers.pooled' ELSE 'customers.owned.' || owner_id END)",
    ),
    (
        "difference between the totals of owners and the pool and the total of customers",
        "SELECT CAST((SELECT COALESCE(SUM(value), 0) FROM counters WHERE name = 'customers.pooled' \
         OR name LIKE 'customers.owned.%') AS BIGINT) - (SELECT COUNT(*) FROM customers WHERE status <> -1) AS count",
    ),
    (
        "names whose first character has another total than its number",
        "SELECT COUNT(*) AS count FROM (SELECT LOWER(SUBSTR(real_name, 1, 1)) AS part FROM customers \
         WHERE status <> -1 GROUP BY LOWER(SUBSTR(real_name, 1, 1))) AS parts \
         WHERE (SELECT COUNT(*) FROM customers WHERE status <> -1 AND (REPLACE(LOWER(real_name), part, '') <> LOWER(real_name) \
         OR REPLACE(LOWER(nick_name), part, '') <> LOWER(nick_name))) \
         <> (SELECT COALESCE(SUM(value), 0) FROM counters WHERE name = 'customers.named.' || part)",
    ),
    (
        "difference between the total of organizations and their number",
        "SELECT CAST((SELECT COALESCE(SUM(value), 0) FROM counters WHERE name = 'organizations.live') AS BIGINT) - \
         (SELECT COUNT(*) FROM organizations WHERE status <> -1) AS count",
    ),
    (
        "customers that are not in the index of names",
        "SELECT COUNT(*) AS count FROM customers WHERE id NOT IN (SELECT {id} FROM customers_search)",
    ),
    (
        "customers that are not in the index of texts",
        "SELECT COUNT(*) AS count FROM customers WHERE id NOT IN (SELECT {id} FROM customer_texts_search)",
    ),
    (
        "organizations that are not in the index of names",
        "SELECT COUNT(*) AS count FROM organizations WHERE id NOT IN (SELECT {id} FROM organizations_search)",
    ),
    (
        "contracts that are not in the index of names",
        "SELECT COUNT(*) AS count FROM contracts WHERE id NOT IN (SELECT {id} FROM contracts_search)",
    ),
    (
        "names in the index that nobody has",
        "SELECT COUNT(*) AS count FROM customers_search WHERE {id} NOT IN (SELECT id FROM customers)",
    ),
    ("keys that are taken and have no answer", "SELECT COUNT(*) AS count FROM retries WHERE answer = ''"),
];

/// Checks all of it, and on SQLite every page of the file.
///
/// # Errors
/// What the database answers.
pub(crate) fn check(db: &Db) -> Result<Vec<String>> {
    let is_sqlite = db.engine() == Engine::Sqlite;
    let mut broken = Vec::new();
    for (what, text) in RULES {
        let text = text.replace("{id}", if is_sqlite { "rowid" } else { "id" });
        let found: Count = db
            .read(|conn| Ok(diesel::sql_query(&text).get_result(conn)?))
            .map_err(|error| anyhow!("{what}: {error:?}"))?;
        if found.count != 0 {
            broken.push(format!("{} {what}", found.count));
        }
    }
    if is_sqlite {
        for pragma in ["integrity_check", "foreign_key_check"] {
            let text = match pragma {
                "integrity_check" => "SELECT integrity_check AS line FROM pragma_integrity_check",
                _ => "SELECT 'row of ' || \"table\" || ' points nowhere' AS line FROM pragma_foreign_key_check",
            };
            let lines: Vec<Line> =
                db.read(|conn| Ok(diesel::sql_query(text).load(conn)?)).map_err(|error| anyhow!("{error:?}"))?;
            broken.extend(lines.into_iter().map(|line| line.line).filter(|line| line != "ok"));
        }
    }
    Ok(broken)
}

/// How many customers there are.
///
/// # Errors
/// What the database answers.
pub(crate) fn customers(db: &Db) -> Result<i64> {
    let text = "SELECT COUNT(*) AS count FROM customers WHERE status <> -1";
    let count: Count =
        db.read(|conn| Ok(diesel::sql_query(text).get_result(conn)?)).map_err(|error| anyhow!("{error:?}"))?;
    Ok(count.count)
}

/// The names of all customers.
///
/// # Errors
/// What the database answers.
pub(crate) fn names(db: &Db) -> Result<HashSet<String>> {
    let text = "SELECT real_name AS line FROM customers";
    let lines: Vec<Line> =
        db.read(|conn| Ok(diesel::sql_query(text).load(conn)?)).map_err(|error| anyhow!("{error:?}"))?;
    Ok(lines.into_iter().map(|line| line.line).collect())
}

/// How many others are in the middle of a transaction on this PostgreSQL database.
///
/// # Errors
/// What the database answers.
pub(crate) fn transactions(db: &Db) -> Result<i64> {
    let text = "SELECT COUNT(*) AS count FROM pg_stat_activity WHERE datname = current_database() \
                AND pid <> pg_backend_pid() AND state <> 'idle'";
    let count: Count =
        db.read(|conn| Ok(diesel::sql_query(text).get_result(conn)?)).map_err(|error| anyhow!("{error:?}"))?;
    Ok(count.count)
}

#[cfg(test)]
mod tests {
    use crm_db::testing::on_each_engine;
    use diesel::connection::SimpleConnection;

    use super::*;

    /// A customer as the gateway writes it, and then as a write that was half done would have left it.
    #[test]
    fn what_is_half_done_is_found() {
        on_each_engine(|test| {
            let db = &test.db;
            assert_eq!(check(db).expect("it can be checked"), Vec::<String>::new(), "an empty database is whole");
            let creator = crm_db::testing::rows::person(db, "13800000000", "某人", crm_core::Role::Staff, None);
            crm_db::testing::rows::customer(db, "半个", creator);
            let broken = check(db).expect("it can be checked").join("; ");
            for part in ["trail that made them", "version", "total of customers", "index of names", "index of texts"] {
                assert!(broken.contains(part), "{part}: {broken}");
            }
            let more = "DELETE FROM customer_addresses; UPDATE customers SET order_money = '5'; \
                        INSERT INTO audit (action, record, record_id, created_at) \
                        VALUES ('create', 'contract', 77, '2026-01-01 00:00:00')";
            db.write(|conn| Ok(conn.batch_execute(more)?)).expect("more is broken");
            let broken = check(db).expect("it can be checked").join("; ");
            for part in ["exactly one address", "sum", "trail without the write", "history"] {
                assert!(broken.contains(part), "{part}: {broken}");
            }
        });
    }
}
