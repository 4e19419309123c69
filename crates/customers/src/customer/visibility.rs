//! Which customers a caller sees.

use crm_core::{Caller, Role, Scope};
use crm_db::{Engine, Predicate, people};

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
    Some(match caller.role {
        Role::Correspondent => Predicate::new("(customers.owner_id IS NOT NULL AND ").then(own(caller)).sql(")"),
        Role::Administrator | Role::Staff => {
            let own = Predicate::new("(").then(own(caller));
            own.sql(" OR (customers.owner_id IS NULL AND customers.status <> -1))")
        }
    })
}

/// What a caller sees as parts that have no customer in common, so that each is found by its own index:
/// one condition with all the ways of seeing in it is found by none.
pub(super) struct Parts {
    /// The public pool, for those who see it.
    pub(super) pool: Option<Predicate>,
    /// What is somebody's own, for reading a page.
    pub(super) own: Predicate,
    /// The same for counting: those that somebody owns …
    pub(super) owned: Predicate,
    /// … those that they entered and somebody else owns …
    pub(super) entered: Predicate,
    /// … and the others that they are linked to.
    pub(super) linked: Linked,
}

/// Customers linked to people: a query for their ids, and what else is asked of the rows.
pub(super) struct Linked {
    pub(super) ids: Predicate,
    pub(super) rest: Predicate,
}

impl Parts {
    /// `None` when the caller sees all.
    pub(super) fn of(caller: &Caller) -> Option<Self> {
        if caller.scope == Scope::All {
            return None;
        }
        let (pool, elsewhere) = match caller.role {
            Role::Correspondent => (None, "customers.owner_id IS NOT NULL"),
            Role::Administrator | Role::Staff => {
                let pool = Predicate::new("customers.owner_id IS NULL AND customers.status <> -1");
                (Some(pool), "(customers.owner_id IS NOT NULL OR customers.status = -1)")
            }
        };
        let owned = || people(caller, "customers.owner_id");
        let entered = || people(caller, "customers.creator_id");
        let unowned = || Predicate::new("(customers.owner_id IS NULL OR NOT (").then(owned()).sql("))");
        let ids = LINKS.iter().map(|links| {
            Predicate::new(format!("SELECT customer_id FROM {links} WHERE ")).then(people(caller, "staff_id"))
        });
        let ids = ids.reduce(|ids, links| ids.sql(" UNION ").then(links)).unwrap_or_default();
        let and = |one: Predicate, other: Predicate| one.sql(" AND ").then(other);
        let rest = and(Predicate::new("NOT (").then(entered()).sql(")"), unowned());
        let linked = Linked { ids, rest: and(rest, Predicate::new(elsewhere)) };
        let entered = and(and(entered(), unowned()), Predicate::new(elsewhere));
        let own = and(own(caller), Predicate::new(elsewhere));
        Some(Self { pool, own, owned: owned(), entered, linked })
    }
}

/// The row is somebody's own within the scope, in any of the ways there are.
fn own(caller: &Caller) -> Predicate {
    let columns = OWN.iter().enumerate().fold(Predicate::new("("), |own, (index, column)| {
        let own = if index == 0 { own } else { own.sql(" OR ") };
        own.then(people(caller, column))
    });
    let ways = LINKS.iter().fold(columns, |own, links| {
        own.sql(format!(" OR customers.id IN (SELECT customer_id FROM {links} WHERE "))
            .then(people(caller, "staff_id"))
            .sql(")")
    });
    ways.sql(")")
}

/// Whether customers in the public pool are only shown to the caller: masked, and not to be
/// changed. So they are to everybody but administrators, their creator too.
pub(crate) fn pool_is_closed(caller: &Caller) -> bool {
    !caller.is_administrator()
}

/// The same condition, asked row by row along the index that has the order of the list.
///
/// SQLite knows no numbers of rows and takes every index on an owner for narrow: it would collect all
/// customers of a department, or the whole pool, and sort them. Walking the order finds a page at once
/// where they are many, and reads an index without the rows where they are few. PostgreSQL weighs both.
pub(crate) fn walked(engine: Engine, condition: Predicate) -> Predicate {
    match engine {
        // The sign keeps SQLite's planner from looking inside.
        Engine::Sqlite => Predicate::new("+(").then(condition).sql(")"),
        Engine::Postgres => condition,
    }
}
