//! Customers are found by any part of their names, as one finds it by reading them all.

use std::collections::BTreeMap;

use crm_core::{CustomerId, Patch};
use crm_customers::CustomerInput;
use crm_db::testing::rows;
use crm_db::{Db, Engine};
use diesel::prelude::*;
use diesel::sql_types::Text;
use fastrand::Rng;

use crate::support::*;

#[derive(QueryableByName)]
struct Entry {
    #[diesel(sql_type = Text)]
    entry: String,
}

/// All that the index of names keeps.
fn index(db: &Db) -> Vec<String> {
    const VOCABULARY: &str =
        "CREATE VIRTUAL TABLE IF NOT EXISTS temp.entries USING fts5vocab('main', 'customers_search', 'instance')";
    const SQLITE: &str =
        "SELECT doc || ' ' || \"offset\" || ' ' || term AS entry FROM temp.entries ORDER BY doc, \"offset\"";
    const POSTGRES: &str =
        "SELECT id || ' ' || token || ' ' || COALESCE(document, '') AS entry FROM customers_search ORDER BY id, token";
    let rows: Vec<Entry> = db
        .write(|conn| {
            if conn.engine() == Engine::Postgres {
                return Ok(diesel::sql_query(POSTGRES).load(conn)?);
            }
            diesel::sql_query(VOCABULARY).execute(conn)?;
            Ok(diesel::sql_query(SQLITE).load(conn)?)
        })
        .expect("the index is read");
    rows.into_iter().map(|row| row.entry).collect()
}

/// So many of these characters.
fn letters(rng: &mut Rng, longest: usize) -> String {
    (0..rng.usize(1..=longest)).map(|_| rng.choice(['王', '伟', 'a', 'B', '%', '😀']).unwrap_or('王')).collect()
}

fn name(rng: &mut Rng) -> (String, Option<String>) {
    (letters(rng, 9), rng.bool().then(|| letters(rng, 6)))
}

fn input((real, nick): &(String, Option<String>)) -> CustomerInput {
    CustomerInput { nick_name: nick.clone().map_or(Patch::Null, Patch::Value), ..named(real) }
}

fn has(name: &(String, Option<String>), part: &str) -> bool {
    let has = |text: &str| text.to_ascii_lowercase().contains(&part.to_ascii_lowercase());
    has(&name.0) || name.1.as_deref().is_some_and(has)
}

#[test]
fn a_part_of_any_length_finds_whom_it_names_and_nobody_else() {
    on_each_engine(|world| {
        let (mut rng, mut names) = (Rng::with_seed(11), BTreeMap::<CustomerId, _>::new());
        for _ in 0..120 {
            let name = name(&mut rng);
            names.insert(world.enter(&admin(), input(&name)), name);
        }
        for (id, old) in names.iter_mut().filter(|(id, _)| id.0 % 3 == 0) {
            *old = name(&mut rng);
            world.customers.update(&admin(), *id, None, input(old)).expect("it is renamed");
        }
        for _ in 0..150 {
            let part = letters(&mut rng, 6);
            let expected: Vec<CustomerId> =
                names.iter().rev().filter(|(_, name)| has(name, &part)).map(|(id, _)| *id).collect();
            assert_eq!(world.ids(&admin(), &by_name(&part)), expected, "{part}");
        }
        // As the migration makes names findable that were there before it.
        let kept = index(&world.db);
        rows::index_names_anew(&world.db);
        assert_eq!(index(&world.db), kept);
    });
}

#[test]
fn a_long_name_with_the_same_again_and_again_is_found() {
    on_each_engine(|world| {
        let (long, other) = ("哈".repeat(100), format!("{}x", "哈".repeat(99)));
        let id = world.enter(&admin(), named(&long));
        let second = world.enter(&admin(), named(&other));
        for part in ["哈", "哈哈", "哈哈哈", "哈哈哈哈", &"哈".repeat(99)] {
            assert_eq!(world.ids(&admin(), &by_name(part)), [second, id], "{part}");
        }
        assert_eq!(world.ids(&admin(), &by_name(&long)), [id]);
        assert_eq!(world.ids(&admin(), &by_name("哈哈哈X")), [second]);
        world.customers.update(&admin(), id, None, named("哈")).expect("it is renamed");
        assert_eq!(world.ids(&admin(), &by_name("哈哈")), [second]);
    });
}
