//! The people who ask: signed in through the API, each with a session of their own.

use std::net::SocketAddr;

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use crate::client::{Connection, Request};
use crate::data::staff::{self, Sees};

/// A person with an open session.
#[derive(Clone, Debug)]
pub(crate) struct Seat {
    pub(crate) id: i64,
    pub(crate) sees: Sees,
    pub(crate) token: String,
}

/// Whose sessions ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Who {
    /// People with this data scope.
    Only(Sees),
    /// Everybody who is signed in, scopes mixed.
    Everybody,
}

/// How many people of each scope sign in.
const SIGNED_IN: [(Sees, usize); 4] =
    [(Sees::All, 16), (Sees::DepartmentTree, 6), (Sees::Department, 4), (Sees::Own, 6)];

/// Signs people of every scope in.
///
/// # Errors
/// When the server refuses one.
pub(crate) fn sign_in(address: SocketAddr, staff: i64) -> Result<Vec<Seat>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let mut connection = Connection::open(address).await?;
        let mut seats = Vec::new();
        for (sees, many) in SIGNED_IN {
            let people = (2..=staff).filter(|id| staff::sees(*id) == Some(sees)).take(many);
            for id in people {
                let answer = connection.send(&sign_in_of(id).bytes(None)).await?;
                let body: Value = serde_json::from_slice(answer.body)?;
                let Some(token) = body["data"]["token"].as_str().filter(|_| answer.status == 200) else {
                    bail!("{} {body}", answer.status);
                };
                seats.push(Seat { id, sees, token: token.to_owned() });
            }
        }
        Ok(seats)
    })
}

/// The request by which this person signs in.
pub(crate) fn sign_in_of(id: i64) -> Request {
    Request::post("/api/user/login", &json!({"phoneNumber": staff::phone(id), "password": staff::PASSWORD}))
}

/// Those who ask.
///
/// # Errors
/// When nobody of them is signed in.
pub(crate) fn of(seats: &[Seat], who: Who) -> Result<Vec<&Seat>> {
    let asking: Vec<&Seat> = seats.iter().filter(|seat| who == Who::Everybody || who == Who::Only(seat.sees)).collect();
    asking.first().map(|_| ()).context("nobody with that scope is signed in")?;
    Ok(asking)
}
