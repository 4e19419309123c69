//! W5 for `pgbench`: the statements the gateway sends for one request, taken from PostgreSQL's own log and
//! made into a script. So the script says what the gateway does, whatever that becomes.

use std::collections::HashMap;
use std::fs;

use anyhow::{Context, Result, bail};
use crm_gateway::Settings;
use fastrand::Rng;
use serde_json::Value;

use crate::client::Connection;
use crate::data::Plan;
use crate::inside;
use crate::items;
use crate::people::Seat;
use crate::postgres::Cluster;

/// A statement with its bound values.
type Statement = (String, HashMap<usize, Option<String>>);

/// The script of W5.
///
/// # Errors
/// When the gateway does not answer, or its statements cannot be made out.
pub(crate) fn script(
    cluster: &Cluster,
    database: &str,
    settings: &Settings,
    plan: &Plan,
    seat: &Seat,
) -> Result<String> {
    let logged = |on: &str| cluster.execute("postgres", &[&format!("ALTER DATABASE {database} {on}")]);
    logged("SET log_statement = 'all'")?;
    let opened = crm_db::Db::open_with(&cluster.url(database), crm_db::Options { pool_size: 1, ..Default::default() });
    logged("RESET log_statement")?;
    let address = inside::serve(settings, &opened?)?;
    // A number no other value of the request has.
    let organization = plan.organizations;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let (customer, log) = runtime.block_on(async {
        let mut connection = Connection::open(address).await?;
        let mut rng = Rng::with_seed(11);
        // The first one may stamp the session.
        connection.send(&items::create(organization, &mut rng).bytes(Some(&seat.token))).await?;
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
        let before = fs::read(cluster.log())?.len();
        let answer = connection.send(&items::create(organization, &mut rng).bytes(Some(&seat.token))).await?;
        let body: Value = serde_json::from_slice(answer.body)?;
        let customer = body["data"]["id"].as_i64().with_context(|| body.to_string())?;
        let log = fs::read(cluster.log())?;
        Ok::<_, anyhow::Error>((customer, String::from_utf8_lossy(&log[before..]).into_owned()))
    })?;
    let statements = statements(&log);
    let mut script = format!("\\set org random(1, {organization})\n\\set shard random(1, 1000000000)\n");
    for (sql, values) in &statements {
        script += &line(sql, values, customer, organization);
    }
    if !script.contains("\\gset") || !script.contains("COMMIT") {
        bail!("the log does not show how a customer is entered");
    }
    Ok(script)
}

/// The statements of a log with `log_statement = all`.
fn statements(log: &str) -> Vec<Statement> {
    let mut found: Vec<Statement> = Vec::new();
    for line in log.lines() {
        if let Some((_, sql)) = line.split_once("LOG:  statement: ") {
            found.push((sql.to_owned(), HashMap::new()));
        } else if let Some((_, sql)) = line.split_once("LOG:  execute ").and_then(|(_, rest)| rest.split_once(": ")) {
            found.push((sql.to_owned(), HashMap::new()));
        } else if let Some((_, values)) = line.split_once("DETAIL:  ").and_then(|(_, rest)| rest.split_once(": "))
            && let Some(last) = found.last_mut()
        {
            last.1 = bound(values);
        }
    }
    found
}

/// `$1 = 'a', $2 = NULL` as the log has it.
fn bound(text: &str) -> HashMap<usize, Option<String>> {
    let mut values = HashMap::new();
    let mut rest = text;
    while let Some((number, after)) = rest.strip_prefix('$').and_then(|rest| rest.split_once(" = ")) {
        let Ok(number) = number.parse() else { break };
        let Some(quoted) = after.strip_prefix('\'') else {
            values.insert(number, None);
            rest = after.strip_prefix("NULL").unwrap_or_default().trim_start_matches(", ");
            continue;
        };
        let mut value = String::new();
        let mut letters = quoted.char_indices().peekable();
        let mut end = quoted.len();
        while let Some((at, letter)) = letters.next() {
            let doubled = letter == '\'' && letters.next_if(|(_, next)| *next == '\'').is_some();
            if letter == '\'' && !doubled {
                end = at + 1;
                break;
            }
            value.push(letter);
        }
        values.insert(number, Some(value));
        rest = quoted[end..].trim_start_matches(", ");
    }
    values
}

/// A statement as a line of the script: what was bound is written out, but the new customer, its
/// organization and the shard of the counters are the client's own.
fn line(sql: &str, values: &HashMap<usize, Option<String>>, customer: i64, organization: i64) -> String {
    let (customer, organization) = (customer.to_string(), organization.to_string());
    let counts = sql.contains("INTO counters");
    let mut line = String::new();
    let mut rest = sql;
    while let Some((before, after)) = rest.split_once('$') {
        let digits = after.bytes().take_while(u8::is_ascii_digit).count();
        line += before;
        match after[..digits].parse::<usize>() {
            Ok(3) if counts => line += ":shard",
            Ok(number) => match values.get(&number) {
                Some(Some(value)) if *value == customer => line += ":new_id",
                Some(Some(value)) if *value == organization => line += ":org",
                Some(Some(value)) if *value == format!("{{{organization}}}") => line += "ARRAY[:org]::bigint[]",
                Some(Some(value)) => line += &literal(value),
                _ => line += "NULL",
            },
            Err(_) => line.push('$'),
        }
        rest = &after[digits..];
    }
    line += rest;
    let makes_it = sql.starts_with("INSERT INTO \"customers\"") && sql.contains("RETURNING");
    line + if makes_it { " \\gset new_\n" } else { ";\n" }
}

/// A value as SQL in which pgbench sees no variable of its own.
fn literal(value: &str) -> String {
    let quoted = value.replace('\'', "''");
    match quoted.contains([':', '\\']) {
        true => format!("E'{}'", quoted.replace('\\', "\\\\").replace(':', "\\x3A")),
        false => format!("'{quoted}'"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_logged_statement_becomes_a_line_of_the_script() {
        let log = "x LOG:  statement: BEGIN\n\
            x LOG:  execute __diesel_stmt_0: INSERT INTO \"customers\" (a, b) VALUES ($1, $2) RETURNING \"customers\".\"id\"\n\
            x DETAIL:  Parameters: $1 = 'it''s 10:30, $5', $2 = NULL\n\
            x LOG:  execute <unnamed>: INSERT INTO l VALUES ($1, $2)\n\
            x DETAIL:  parameters: $1 = '77', $2 = '40'\n";
        let lines: Vec<String> = statements(log).iter().map(|(sql, values)| line(sql, values, 77, 40)).collect();
        assert_eq!(
            lines,
            [
                "BEGIN;\n",
                "INSERT INTO \"customers\" (a, b) VALUES (E'it''s 10\\x3A30, $5', NULL) RETURNING \"customers\".\"id\" \\gset new_\n",
                "INSERT INTO l VALUES (:new_id, :org);\n",
            ]
        );
    }
}
