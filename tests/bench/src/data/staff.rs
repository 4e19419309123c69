//! 300 people in departments and groups. Who is what follows from the number: nobody need be asked.

use anyhow::Result;
use crm_db::Db;
use crm_gateway::commands::seed_demo::names;
use crm_staff::Passwords;

use super::Plan;
use super::rows::{Rows, or_null, text, time};

/// Everybody's password, for the load generator.
pub(crate) const PASSWORD: &str = "correct horse battery";
/// The administrator.
const ADMINISTRATOR: i64 = 1;
/// A company, its regions, and the teams of the regions.
const REGIONS: i64 = 6;
const TEAMS: i64 = 4;

/// How far the people of a group see. The groups have the numbers 1 to 4 in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sees {
    All,
    DepartmentTree,
    Department,
    Own,
}

const GROUPS: [(Sees, &str, &str); 4] = [
    (Sees::All, "管理员", "all"),
    (Sees::DepartmentTree, "大区", "department_tree"),
    (Sees::Department, "部门", "department"),
    (Sees::Own, "业务员", "own"),
];

/// How far this person's group sees; `None` for correspondents, who see their own whatever the group.
pub(crate) fn sees(id: i64) -> Option<Sees> {
    (!is_correspondent(id)).then(|| GROUPS[group(id)].0)
}

fn is_correspondent(id: i64) -> bool {
    id % 30 == 19
}

/// The place of the person's group in [`GROUPS`]: half see all, every fifth a region, every tenth a team.
fn group(id: i64) -> usize {
    match id % 10 {
        _ if id == ADMINISTRATOR => 0,
        0..=4 => 0,
        5 | 6 => 1,
        7 => 2,
        _ => 3,
    }
}

/// The number this person signs in with.
pub(crate) fn phone(id: i64) -> String {
    format!("139{id:08}")
}

/// Departments 1 (the company), 2–7 (regions) and from 8 (teams). Those who see a region sit in it.
fn department(id: i64) -> i64 {
    let teams = REGIONS * TEAMS;
    match group(id) {
        1 => 2 + (id / 10) % REGIONS,
        _ => 2 + REGIONS + id % teams,
    }
}

/// Enters groups, departments and people.
pub(super) fn fill(db: &Db, plan: &Plan, password_cost: u32) -> Result<()> {
    // One hash for all: what is measured is checking it, and 300 of them would take minutes.
    let hash = text(&Passwords::new(password_cost).hash(PASSWORD)?);
    let start = time(plan.start());
    let mut rng = plan.rng(1);
    db.write(|conn| {
        let mut rows =
            Rows::into(conn, "staff_groups (id, name, detail, data_scope, status, version, created_at, updated_at)");
        for ((_, name, scope), id) in GROUPS.iter().zip(1..) {
            rows.add(&[&id, &text(name), &"NULL", &text(scope), &1, &1, &start, &start])?;
        }
        rows.finish()?;
        let mut rows =
            Rows::into(conn, "departments (id, name, parent_id, leader_id, status, version, created_at, updated_at)");
        rows.add(&[&1, &"'总公司'", &"NULL", &ADMINISTRATOR, &1, &1, &start, &start])?;
        for region in 0..REGIONS {
            rows.add(&[&(2 + region), &text(&format!("大区{}", region + 1)), &1, &"NULL", &1, &1, &start, &start])?;
        }
        for team in 0..REGIONS * TEAMS {
            let id = 2 + REGIONS + team;
            // Some teams are led by one of their own who would see less otherwise.
            let leader =
                (2..=plan.staff).find(|person| group(*person) == 3 && department(*person) == id && team % 3 == 0);
            let name = text(&format!("销售{}部", team + 1));
            rows.add(&[&id, &name, &(2 + team % REGIONS), &or_null(leader), &1, &1, &start, &start])?;
        }
        rows.finish()?;
        let mut rows = Rows::into(
            conn,
            "staff (id, phone, phone_key, password_hash, must_change_password, role_id, department_id, real_name, sex, \
             entry_time, status, version, created_at, updated_at)",
        );
        for id in 1..=plan.staff {
            let phone = text(&phone(id));
            let role = if id == ADMINISTRATOR {
                1
            } else if is_correspondent(id) {
                3
            } else {
                2
            };
            let department = if id == ADMINISTRATOR { 1 } else { department(id) };
            let name = text(&names::person(&mut rng));
            let values: [&dyn std::fmt::Display; 14] =
                [&id, &phone, &phone, &hash, &"FALSE", &role, &department, &name, &3, &start, &1, &1, &start, &start];
            rows.add(&values)?;
        }
        rows.finish()?;
        let mut rows = Rows::into(conn, "staff_group_members (staff_id, group_id, position)");
        for id in 1..=plan.staff {
            rows.add(&[&id, &(group(id) + 1), &0])?;
        }
        rows.finish()
    })?;
    Ok(())
}
