//! A person as `user` and `profile` show them.

use crm_core::Zone;
use crm_staff::MemberListing;
use schemars::JsonSchema;
use serde::Serialize;

#[derive(JsonSchema, Serialize)]
#[allow(non_snake_case, reason = "the names of the contract")]
pub(super) struct StaffRow {
    id: i64,
    number: Option<i64>,
    group: Option<i64>,
    nickName: Option<String>,
    realName: Option<String>,
    headImageUrl: Option<String>,
    phoneNumber: String,
    sex: i16,
    roleId: i16,
    openId: Option<String>,
    wecom_userid: Option<String>,
    birthday: Option<String>,
    title: Option<String>,
    address: Option<String>,
    school: Option<String>,
    politicalAffiliation: Option<String>,
    education: Option<String>,
    rankId: i64,
    rankType: i64,
    departmentId: i64,
    jobId: i64,
    info: Option<String>,
    entryTime: Option<String>,
    officialTime: Option<String>,
    resignTime: Option<String>,
    lastLoginTime: Option<String>,
    isLogin: u8,
    createTime: String,
    updateTime: String,
    status: i16,
    note: Option<String>,
    group_name: Vec<String>,
    group_ids: Vec<i64>,
    version: i64,
}

impl StaffRow {
    pub(super) fn new(listing: MemberListing, zone: Zone) -> Self {
        let MemberListing { member, group_ids, group_names, is_signed_in } = listing;
        let time = |at: Option<crm_core::Instant>| at.map(|at| zone.format(at));
        Self {
            id: member.id.0,
            number: member.number,
            group: group_ids.first().map(|id| id.0),
            nickName: member.nick_name,
            realName: member.real_name,
            headImageUrl: member.head_image_url,
            phoneNumber: member.phone,
            sex: member.sex,
            roleId: member.role_id,
            openId: member.open_id,
            wecom_userid: member.wecom_userid,
            birthday: member.birthday.map(|date| date.to_string()),
            title: member.title,
            address: member.address,
            school: member.school,
            politicalAffiliation: member.political_affiliation,
            education: member.education,
            rankId: member.rank_id.unwrap_or(0),
            rankType: member.rank_type.unwrap_or(0),
            departmentId: member.department_id.map_or(0, |id| id.0),
            jobId: member.job_id.unwrap_or(0),
            info: member.info,
            entryTime: time(member.entry_time),
            officialTime: time(member.official_time),
            resignTime: time(member.resign_time),
            lastLoginTime: time(member.last_login_time),
            isLogin: is_signed_in.into(),
            createTime: zone.format(member.created_at),
            updateTime: zone.format(member.updated_at),
            status: member.status,
            note: member.note,
            group_name: group_names,
            group_ids: group_ids.into_iter().map(|id| id.0).collect(),
            version: member.version,
        }
    }
}
