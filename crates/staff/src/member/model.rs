//! What a member of staff is, and what may be said about one.

use chrono::NaiveDate;
use crm_core::{DepartmentId, GroupId, Instant, Patch, Problems, Role, SEX_UNKNOWN, StaffId, StatusFilter, phone_key};
use crm_db::schema::staff;
use diesel::prelude::*;
use serde::Serialize;

use crate::DataScope;
use crate::menu::Menu;
use crate::status::ENABLED;

/// A member of staff, without the password.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset, Serialize)]
#[diesel(table_name = staff, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct Member {
    /// The person's id; 0 before it is stored.
    #[diesel(skip_insertion)]
    pub id: StaffId,
    /// The sign-in name, as entered.
    pub phone: String,
    #[serde(skip)]
    pub(super) phone_key: String,
    /// The number of the person's [`Role`].
    pub role_id: i16,
    /// The department, if the person is in one.
    pub department_id: Option<DepartmentId>,
    /// 员工编号.
    pub number: Option<i64>,
    /// 昵称.
    pub nick_name: Option<String>,
    /// 真名.
    pub real_name: Option<String>,
    /// A link to a picture.
    pub head_image_url: Option<String>,
    /// 1 male, 2 female, 3 unknown.
    pub sex: i16,
    /// The person's id at an outside service.
    pub open_id: Option<String>,
    /// Whom WeCom (企业微信) knows the person as.
    pub wecom_userid: Option<String>,
    /// Birthday; a calendar date.
    pub birthday: Option<NaiveDate>,
    /// Job title.
    pub title: Option<String>,
    /// Address.
    pub address: Option<String>,
    /// School.
    pub school: Option<String>,
    /// 政治面貌.
    pub political_affiliation: Option<String>,
    /// Education.
    pub education: Option<String>,
    /// A rank of the deployment's own choosing, as the next two.
    pub rank_id: Option<i64>,
    /// The kind of rank.
    pub rank_type: Option<i64>,
    /// The job.
    pub job_id: Option<i64>,
    /// About the person.
    pub info: Option<String>,
    /// A note.
    pub note: Option<String>,
    /// 入职时间.
    pub entry_time: Option<Instant>,
    /// 转正时间.
    pub official_time: Option<Instant>,
    /// 离职时间.
    pub resign_time: Option<Instant>,
    /// When the person last signed in.
    pub last_login_time: Option<Instant>,
    /// 1 enabled, 0 disabled, -1 deleted.
    pub status: i16,
    /// Grows by one with every change.
    pub version: i64,
    /// When the person was entered.
    pub created_at: Instant,
    /// When the person was last changed.
    pub updated_at: Instant,
}

/// A person as lists show them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemberListing {
    /// The person.
    pub member: Member,
    /// The groups, in the order given.
    pub group_ids: Vec<GroupId>,
    /// What these groups are called; deleted ones keep their names.
    pub group_names: Vec<String>,
    /// Whether the person has an open session.
    pub is_signed_in: bool,
}

/// A person as they see themself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    /// The person, as lists show them.
    pub listing: MemberListing,
    /// How far the person sees, all in all.
    pub data_scope: DataScope,
    /// The menu configured for the person.
    pub menus: Vec<Menu>,
    /// Whether the person must set a new password before anything else.
    pub must_change_password: bool,
}

/// A person who was entered.
#[derive(Clone)]
pub struct Hired {
    /// Who.
    pub id: StaffId,
    /// The one-time password, when none was given; it is stored nowhere.
    pub initial_password: Option<String>,
}

/// What a create or an update says of a person.
#[derive(Clone, Default)]
pub struct MemberInput {
    /// What the edge could not read; reported together with what the service finds.
    pub problems: Problems,
    /// The sign-in name; required on create, unique among people not deleted.
    pub phone: Patch<String>,
    /// The groups; required on create, never empty.
    pub group_ids: Patch<Vec<GroupId>>,
    /// 1 administrator, 2 staff (default), 3 correspondent.
    pub role_id: Patch<i64>,
    /// A department that is not deleted.
    pub department_id: Patch<DepartmentId>,
    /// From 0.
    pub number: Patch<i64>,
    /// 1–100 characters, as the next.
    pub nick_name: Patch<String>,
    /// 真名.
    pub real_name: Patch<String>,
    /// A URL.
    pub head_image_url: Patch<String>,
    /// 1–3; default 3.
    pub sex: Patch<i64>,
    /// Up to 255 characters, as the other texts below but the last two.
    pub open_id: Patch<String>,
    /// Whom WeCom knows the person as; unique among people not deleted, whatever the case of its
    /// ASCII letters.
    pub wecom_userid: Patch<String>,
    /// A calendar date.
    pub birthday: Patch<NaiveDate>,
    /// Job title.
    pub title: Patch<String>,
    /// Address.
    pub address: Patch<String>,
    /// School.
    pub school: Patch<String>,
    /// 政治面貌.
    pub political_affiliation: Patch<String>,
    /// Education.
    pub education: Patch<String>,
    /// From 0, as the next two.
    pub rank_id: Patch<i64>,
    /// The kind of rank.
    pub rank_type: Patch<i64>,
    /// The job.
    pub job_id: Patch<i64>,
    /// Up to 10,000 characters, as the next.
    pub info: Patch<String>,
    /// A note.
    pub note: Patch<String>,
    /// 入职时间.
    pub entry_time: Patch<Instant>,
    /// 转正时间.
    pub official_time: Patch<Instant>,
    /// 离职时间.
    pub resign_time: Patch<Instant>,
    /// On create only; without one a one-time password is made.
    pub password: Patch<String>,
}

/// Which people a list shows.
#[derive(Clone, Debug, Default)]
pub struct MemberFilter {
    /// This one alone.
    pub id: Option<StaffId>,
    /// Those in this state.
    pub status: StatusFilter,
    /// Those of one of these roles; none is no condition.
    pub roles: Vec<Role>,
    /// Those in any of these groups; none is no condition.
    pub group_ids: Vec<GroupId>,
    /// Those whose nickname or real name contains this text.
    pub name: Option<String>,
    /// The one with this phone number, compared by digits and `+`.
    pub phone: Option<String>,
    /// Those directly in this department.
    pub department_id: Option<DepartmentId>,
}

/// A person and the groups they are in, as they are written and audited.
#[derive(Serialize)]
pub(super) struct Linked {
    #[serde(flatten)]
    pub(super) member: Member,
    pub(super) group_ids: Vec<GroupId>,
}

/// What may be made of a person and taken back. Deletion is another matter: see [`delete`](super::delete).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MemberStatus {
    /// May sign in.
    Enabled,
    /// May not sign in, but keeps everything.
    Disabled,
}

impl Member {
    /// A new person without a phone number.
    pub(super) fn blank(now: Instant) -> Self {
        Self {
            id: StaffId(0),
            phone: String::new(),
            phone_key: String::new(),
            role_id: Role::Staff.id(),
            department_id: None,
            number: None,
            nick_name: None,
            real_name: None,
            head_image_url: None,
            sex: SEX_UNKNOWN,
            open_id: None,
            wecom_userid: None,
            birthday: None,
            title: None,
            address: None,
            school: None,
            political_affiliation: None,
            education: None,
            rank_id: None,
            rank_type: None,
            job_id: None,
            info: None,
            note: None,
            entry_time: None,
            official_time: None,
            resign_time: None,
            last_login_time: None,
            status: ENABLED,
            version: 1,
            created_at: now,
            updated_at: now,
        }
    }

    /// The person as the input, which has been checked, wants them.
    pub(super) fn with(self, input: MemberInput) -> Self {
        let phone = input.phone.apply_or(Some(self.phone), String::new());
        Self {
            phone_key: phone_key(&phone),
            phone,
            role_id: input.role_id.apply_small(self.role_id, Role::Staff.id()),
            department_id: input.department_id.apply(self.department_id),
            number: input.number.apply(self.number),
            nick_name: input.nick_name.apply(self.nick_name),
            real_name: input.real_name.apply(self.real_name),
            head_image_url: input.head_image_url.apply(self.head_image_url),
            sex: input.sex.apply_small(self.sex, SEX_UNKNOWN),
            open_id: input.open_id.apply(self.open_id),
            wecom_userid: input.wecom_userid.apply(self.wecom_userid),
            birthday: input.birthday.apply(self.birthday),
            title: input.title.apply(self.title),
            address: input.address.apply(self.address),
            school: input.school.apply(self.school),
            political_affiliation: input.political_affiliation.apply(self.political_affiliation),
            education: input.education.apply(self.education),
            rank_id: input.rank_id.apply(self.rank_id),
            rank_type: input.rank_type.apply(self.rank_type),
            job_id: input.job_id.apply(self.job_id),
            info: input.info.apply(self.info),
            note: input.note.apply(self.note),
            entry_time: input.entry_time.apply(self.entry_time),
            official_time: input.official_time.apply(self.official_time),
            resign_time: input.resign_time.apply(self.resign_time),
            ..self
        }
    }

    /// The person one write later.
    pub(crate) fn changed(self, now: Instant) -> Self {
        Self { version: self.version + 1, updated_at: now, ..self }
    }

    /// Whether the person is an administrator who can sign in.
    pub(super) fn is_enabled_administrator(&self) -> bool {
        self.status == ENABLED && self.role_id == Role::Administrator.id()
    }
}
