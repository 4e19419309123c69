//! Which customers a caller sees.

use crm_core::{Caller, Role, Scope};
use crm_db::{Predicate, people};

/// The ways in which a customer is a person's own: the columns that name the person …
const OWN: &[&str] = &["customers.creator_id", "customers.owner_id"];
/// … and the links to people: its assistants (协作人) and its team.
const LINKS: &[&str] = &["customer_assistants", "customer_team"];

/// The row of `customers` is one the caller sees: somebody's own within the scope, or for everybody
/// but correspondents a live one in the public pool. Correspondents never see a customer in the
/// pool, their own neither. `None` when the caller sees all.
///
/// Owner and creator are asked of the row at hand and not of a set of ids: a set would hold the whole
/// pool, and SQLite would build it anew for every single read. The links are few for a person, and
/// found by the index on people.
pub(crate) fn visible(caller: &Caller) -> Option<Predicate> {
    if caller.scope == Scope::All {
        return None;
    }
    let own = OWN.iter().enumerate().fold(Predicate::default(), |own, (index, column)| {
        let own = if index == 0 { own } else { own.sql(" OR ") };
        own.then(people(caller, column))
    });
    let own = LINKS.iter().fold(own, |own, links| {
        own.sql(format!(" OR customers.id IN (SELECT customer_id FROM {links} WHERE "))
            .then(people(caller, "staff_id"))
            .sql(")")
    });
    Some(match caller.role {
        Role::Correspondent => Predicate::new("(customers.owner_id IS NOT NULL AND (").then(own).sql("))"),
        Role::Administrator | Role::Staff => {
            Predicate::new("(").then(own).sql(" OR (customers.owner_id IS NULL AND customers.status <> -1))")
        }
    })
}

/// Whether customers in the public pool are only shown to the caller: masked, and not to be
/// changed. So they are to everybody but administrators, their creator too.
pub(crate) fn pool_is_closed(caller: &Caller) -> bool {
    !caller.is_administrator()
}
