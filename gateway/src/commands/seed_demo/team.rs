//! The team of the demonstration data: departments, groups, people.

use crm_core::{Caller, DepartmentId, GroupId, Result, Role, Scope, StaffId};
use crm_db::Db;
use crm_staff::{
    DataScope, DepartmentInput, Departments, GroupInput, Groups, MemberInput, Members, Passwords, SessionLimits,
};
use fastrand::Rng;

use super::names;

/// Department, the one above it, its people.
const DEPARTMENTS: &[(&str, Option<usize>, usize)] = &[
    ("销售中心", None, 2),
    ("华北销售部", Some(0), 6),
    ("华东销售部", Some(0), 6),
    ("华南销售部", Some(0), 6),
    ("客户成功部", None, 4),
];

const GROUPS: &[(&str, &str, DataScope)] = &[
    ("销售经理", "看本部门及下级部门的数据", DataScope::DepartmentTree),
    ("销售代表", "看自己的数据", DataScope::Own),
    ("客户成功", "看全部数据", DataScope::All),
];

/// Makes the team; everybody's first password is the same and must be changed at the first sign-in.
/// The callers see everything, so that the data may mix.
pub(super) fn make(
    db: &Db,
    passwords: &Passwords,
    administrator: &Caller,
    first_password: &str,
    rng: &mut Rng,
) -> Result<Vec<Caller>> {
    let groups = Groups::new(db);
    let group_ids: Vec<GroupId> = GROUPS
        .iter()
        .map(|(name, detail, scope)| {
            let input = GroupInput {
                name: (*name).to_owned().into(),
                detail: (*detail).to_owned().into(),
                data_scope: Some(*scope),
                ..GroupInput::default()
            };
            groups.create(administrator, input)
        })
        .collect::<Result<_>>()?;
    let departments = Departments::new(db);
    let members = Members::new(db, passwords, SessionLimits::default());
    let mut made: Vec<DepartmentId> = Vec::new();
    let mut team = Vec::new();
    for (name, above, people) in DEPARTMENTS {
        let parent_id = above.and_then(|above| made.get(above)).copied();
        let id = departments.create(
            administrator,
            DepartmentInput {
                name: (*name).to_owned().into(),
                parent_id: parent_id.map(Into::into).unwrap_or_default(),
                ..DepartmentInput::default()
            },
        )?;
        made.push(id);
        for place in 0..*people {
            let leads = place == 0;
            let group = if *name == "客户成功部" { group_ids.get(2) } else { group_ids.get(usize::from(!leads)) };
            let input = MemberInput {
                phone: names::mobile(rng).into(),
                group_ids: group.copied().into_iter().collect::<Vec<_>>().into(),
                department_id: id.into(),
                real_name: names::person(rng).into(),
                sex: rng.i64(1..=2).into(),
                title: if leads { "经理" } else { "专员" }.to_owned().into(),
                entry_time: db.now().into(),
                wecom_userid: format!("demo{:02}", team.len() + 1).into(),
                password: first_password.to_owned().into(),
                ..MemberInput::default()
            };
            let person: StaffId = members.create(administrator, input)?.id;
            if leads {
                let input = DepartmentInput { leader_id: person.into(), ..DepartmentInput::default() };
                departments.update(administrator, id, None, input)?;
            }
            team.push(Caller::new(person, Role::Staff, Scope::All));
        }
    }
    Ok(team)
}
