//! One of these ids, on both engines: the right rows, and one prepared statement whatever their number.

#![allow(clippy::expect_used, clippy::as_conversions, clippy::cast_possible_wrap, missing_docs, reason = "tests")]

use crm_core::StaffId;
use crm_db::testing::on_each_engine;
use crm_db::{Conn, Engine, Literal, Predicate, Statement, among};
use diesel::prelude::*;
use diesel::sql_types::BigInt;

diesel::table! {
    numbers (id) {
        id -> BigInt,
    }
}

#[derive(QueryableByName)]
struct Number {
    #[diesel(sql_type = BigInt)]
    id: i64,
}

fn numbers_of(conn: &mut Conn, ids: &[i64]) -> Vec<i64> {
    let ids = || ids.iter().copied().map(StaffId);
    let typed: Vec<i64> = numbers::table
        .filter(among(numbers::id, ids()))
        .order(Literal::<BigInt>::new("numbers.id"))
        .select(numbers::id)
        .load(conn)
        .expect("the rows");
    let query = Predicate::new("SELECT id FROM numbers WHERE id").among(ids()).sql(" ORDER BY id");
    let by_text: Vec<Number> = Statement::new(query).load(conn).expect("the rows");
    assert_eq!(by_text.into_iter().map(|row| row.id).collect::<Vec<_>>(), typed);
    typed
}

#[test]
fn any_number_of_ids_is_one_statement() {
    on_each_engine(|database| {
        let found = database.db.write(|conn| {
            diesel::sql_query("CREATE TABLE numbers (id BIGINT PRIMARY KEY)").execute(conn)?;
            for id in [1, 2, 3, 5_000] {
                Statement::of("INSERT INTO numbers (id) VALUES (?)").int(id).execute(conn)?;
            }
            let many: Vec<i64> = (2..40_000).collect();
            let lists: [&[i64]; 5] = [&[], &[2], &[9], &[3, 1, 3, -7, i64::MAX], &many];
            let found: Vec<Vec<i64>> = lists.into_iter().map(|ids| numbers_of(conn, ids)).collect();
            if conn.engine() == Engine::Postgres {
                let kept = "SELECT COUNT(*) AS id FROM pg_prepared_statements WHERE statement LIKE '%numbers%'";
                let kept: Number = diesel::sql_query(kept).get_result(conn)?;
                assert_eq!(kept.id, 5, "one that writes, two that read by one id and two by however many");
            }
            Ok(found)
        });
        let nothing: Vec<i64> = Vec::new();
        assert_eq!(found.expect("a transaction"), [nothing.clone(), vec![2], nothing, vec![1, 3], vec![2, 3, 5_000]]);
    });
}
