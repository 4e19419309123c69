//! What becomes of the people around a customer, and of the parts they play.

use crm_core::{Caller, CustomerId, Error, Problems, Result, SHORT_MAX, StaffId};
use crm_db::Db;
use crm_db::audit::Deed;
use crm_staff::people;
use serde::Serialize;

use super::{ASSISTANTS, TeamMember, TeamRole, TeamRoleInput, of_all, repository};
use crate::{customer, setup};

/// Looks after the teams and assistants of customers.
#[derive(Clone, Debug)]
pub struct Teams {
    db: Db,
}

#[derive(Serialize)]
struct Team<'a> {
    team: &'a [TeamMember],
}

#[derive(Serialize)]
struct Assistants<'a> {
    assistant_ids: &'a [StaffId],
}

impl Teams {
    /// The teams of the customers of this database.
    pub fn new(db: &Db) -> Self {
        Self { db: db.clone() }
    }

    /// The parts people play, in order.
    ///
    /// # Errors
    /// What the database answers.
    pub fn roles(&self) -> Result<Vec<TeamRole>> {
        self.db.read(repository::roles)
    }

    /// Changes what a part is called or there for. With `version` it is only changed if it still is
    /// what was read. Administrators only.
    ///
    /// # Errors
    /// [`Error::Forbidden`], [`Error::Invalid`] with every bad field, [`Error::NotFound`] for a part
    /// that is none of the six, [`Error::Stale`] when `version` is past.
    pub fn update_role(&self, caller: &Caller, version: Option<i64>, input: &TeamRoleInput) -> Result<i16> {
        caller.require_administrator()?;
        let mut problems = input.problems.clone();
        problems.required("role_type", &input.role_type, true);
        problems.required("role_name", &input.role_name, false);
        problems.name("role_name", &input.role_name);
        problems.text("role_description", &input.role_description, SHORT_MAX);
        problems.finish()?;
        let now = self.db.now();
        self.db.write(|conn| {
            setup::lock(conn)?;
            let wanted = input.role_type.value().and_then(|role_type| i16::try_from(*role_type).ok());
            let before = repository::roles(conn)?.into_iter().find(|role| Some(role.role_type) == wanted);
            let before = before.ok_or(Error::NotFound("角色"))?;
            if version.is_some_and(|version| version != before.version) {
                return Err(Error::Stale);
            }
            let TeamRole { role_type, role_name, role_description, version } = before.clone();
            let after = TeamRole {
                role_type,
                role_name: input.role_name.clone().apply_or(Some(role_name), String::new()),
                role_description: input.role_description.clone().apply_or(Some(role_description), String::new()),
                version: version + 1,
            };
            repository::update_role(conn, &after, now)?;
            Deed { caller: Some(caller), action: "update", record: "team_role", id: Some(role_type.into()), at: now }
                .changed(conn, &before, &after)?;
            Ok(role_type)
        })
    }

    /// Makes these the people who play a part in the customer's team, in this order, and no others;
    /// those who do already change nothing. With `version` only if the customer still is what was read.
    ///
    /// # Errors
    /// As [`Customers::update`](crate::Customers::update); [`Error::Invalid`] on `role_type` for a
    /// part that is none of the six, on `user_ids` for people who do not exist or whom the caller may
    /// not name, more than 1,000, or one named twice.
    pub fn set_role(
        &self,
        caller: &Caller,
        id: CustomerId,
        version: Option<i64>,
        role_type: i64,
        user_ids: &[StaffId],
    ) -> Result<()> {
        let now = self.db.now();
        self.db.write(|conn| {
            let customer = customer::changeable(conn, caller, id, version)?;
            let mut problems = Problems::default();
            let role = repository::roles(conn)?.into_iter().find(|role| i64::from(role.role_type) == role_type);
            if role.is_none() {
                problems.push("role_type", format!("不存在:{role_type}"));
            }
            let before = of_all(conn, &[id])?.remove(&id).unwrap_or_default();
            let (same, others): (Vec<TeamMember>, Vec<TeamMember>) =
                before.iter().partition(|member| i64::from(member.role_type) == role_type);
            let kept: Vec<StaffId> = same.iter().map(|member| member.staff_id).collect();
            people::check(conn, caller, &mut problems, "user_ids", user_ids, &kept)?;
            problems.finish()?;
            let Some(TeamRole { role_type, .. }) = role.filter(|_| kept != user_ids) else { return Ok(()) };
            repository::replace(conn, id, role_type, user_ids)?;
            let mut after = others;
            after.extend(user_ids.iter().map(|staff_id| TeamMember { role_type, staff_id: *staff_id }));
            after.sort_by_key(|member| member.role_type);
            customer::attached(conn, caller, "team", &customer, (Team { team: &before }, Team { team: &after }), now)
        })
    }

    /// Makes these the customer's assistants (协作人), in this order, and no others; those it has
    /// already change nothing. With `version` only if the customer still is what was read.
    ///
    /// # Errors
    /// As [`Teams::set_role`], but for the part.
    pub fn set_assistants(
        &self,
        caller: &Caller,
        id: CustomerId,
        version: Option<i64>,
        user_ids: &[StaffId],
    ) -> Result<()> {
        let now = self.db.now();
        self.db.write(|conn| {
            let customer = customer::changeable(conn, caller, id, version)?;
            let before = ASSISTANTS.of(conn, id)?;
            let mut problems = Problems::default();
            people::check(conn, caller, &mut problems, "user_ids", user_ids, &before)?;
            problems.finish()?;
            if before == user_ids {
                return Ok(());
            }
            ASSISTANTS.replace(conn, id, user_ids)?;
            let sets = (Assistants { assistant_ids: &before }, Assistants { assistant_ids: user_ids });
            customer::attached(conn, caller, "assistants", &customer, sets, now)
        })
    }
}
