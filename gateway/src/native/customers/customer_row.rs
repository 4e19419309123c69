//! A customer as `/api/customers/customers` answers it.

use crm_core::{Instant, Zone};
use crm_customers::customer::{Clue, Ocpc, Project};
use crm_customers::team::TeamMember;
use crm_customers::{Address, CustomerListing};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};

use super::custom;
use crate::openapi::shapes;

#[derive(JsonSchema, Serialize)]
#[allow(non_snake_case, reason = "the names of the contract")]
pub(super) struct CustomerRow {
    id: i64,
    r#type: Option<String>,
    nickName: Option<String>,
    realName: String,
    avatar: Option<String>,
    phoneNumber: Option<String>,
    job: Option<String>,
    sex: i16,
    /// Customers do not sign in; the published sample has these two all the same.
    password: Option<()>,
    session: Option<()>,
    cid: Option<String>,
    openId: Option<String>,
    level: i64,
    isVip: i16,
    isSenior: i16,
    vipDueTime: Option<String>,
    navigationDueTime: Option<String>,
    createTime: String,
    updateTime: String,
    status: i16,
    note: Option<String>,
    organization_name: Vec<String>,
    organization_ids: Vec<i64>,
    legal_person: Option<String>,
    register_capital: Option<String>,
    registerDate: Option<String>,
    website: Option<String>,
    creator_id: i64,
    creator_name: Option<String>,
    #[serde(flatten)]
    holding: HoldingFields,
    #[serde(flatten)]
    activity: ActivityFields,
    #[serde(flatten)]
    progress: ProgressFields,
    #[serde(flatten)]
    address: AddressFields,
    #[serde(flatten)]
    project: ProjectFields,
    #[serde(flatten)]
    clue: ClueFields,
    label_ids: Vec<i64>,
    assistant_ids: Vec<i64>,
    team: Vec<TeamPart>,
    is_favourite: bool,
    custom: Map<String, Value>,
    updated_by: Option<i64>,
    deleted_at: Option<String>,
    deleted_by: Option<i64>,
    deleted_reason: Option<String>,
    version: i64,
}

#[derive(JsonSchema, Serialize)]
struct HoldingFields {
    owner_id: Option<i64>,
    owner_name: Option<String>,
    last_owner_id: Option<i64>,
    assigned_at: Option<String>,
    pool_entered_at: Option<String>,
    pool_times: i64,
    pool_type: i16,
    is_locked: i16,
}

#[derive(JsonSchema, Serialize)]
struct ProgressFields {
    stage_id: i64,
    stage_name: Option<String>,
    last_stage_id: Option<i64>,
    approve_status: &'static str,
    source_id: Option<i64>,
    source_name: Option<String>,
    category_id: Option<i64>,
    category_name: Option<String>,
    product_line_id: i64,
}

#[derive(JsonSchema, Serialize)]
struct AddressFields {
    tel: Option<String>,
    email: Option<String>,
    qq: Option<String>,
    fax: Option<String>,
    wechat: Option<String>,
    wangwang: Option<String>,
    zip: Option<String>,
    url: Option<String>,
    country: Option<String>,
    province: Option<String>,
    city: Option<String>,
    district: Option<String>,
    detail_address: Option<String>,
    lat: Option<f64>,
    lng: Option<f64>,
}

#[derive(JsonSchema, Serialize)]
struct ProjectFields {
    community_name: Option<String>,
    room_number: Option<String>,
    budget: Option<String>,
    intent: Option<i16>,
}

#[derive(JsonSchema, Serialize)]
struct ClueFields {
    is_clue: i16,
    clue_user_id: Option<i64>,
    first_claimed_at: Option<String>,
    clue_id_unique: Option<String>,
    api_platform: Option<String>,
    api_setting_id: i64,
    #[schemars(schema_with = "shapes::ocpc")]
    clue_ocpc_data: Ocpc,
    is_blacklisted: i16,
}

/// The people who play one part in a customer's team.
#[derive(JsonSchema, Serialize)]
struct TeamPart {
    role_type: i16,
    user_ids: Vec<i64>,
}

/// A team, which is in the order of its parts, part by part.
fn parts(team: &[TeamMember]) -> Vec<TeamPart> {
    let parts = team.chunk_by(|one, next| one.role_type == next.role_type);
    let part = |members: &[TeamMember]| {
        let role_type = members.first()?.role_type;
        Some(TeamPart { role_type, user_ids: members.iter().map(|member| member.staff_id.0).collect() })
    };
    parts.filter_map(part).collect()
}

impl From<Address> for AddressFields {
    fn from(address: Address) -> Self {
        Self {
            tel: address.tel,
            email: address.email,
            qq: address.qq,
            fax: address.fax,
            wechat: address.wechat,
            wangwang: address.wangwang,
            zip: address.zip,
            url: address.url,
            country: address.country,
            province: address.province,
            city: address.city,
            district: address.district,
            detail_address: address.detail_address,
            lat: address.lat,
            lng: address.lng,
        }
    }
}

impl From<Project> for ProjectFields {
    fn from(project: Project) -> Self {
        Self {
            community_name: project.community_name,
            room_number: project.room_number,
            budget: project.budget.map(|budget| budget.to_string()),
            intent: project.intent,
        }
    }
}

impl ClueFields {
    fn new(clue: Clue, zone: Zone) -> Self {
        Self {
            is_clue: clue.is_clue,
            clue_user_id: clue.first_claimer_id.map(|id| id.0),
            first_claimed_at: clue.first_claimed_at.map(|at| zone.format(at)),
            clue_ocpc_data: clue.ocpc(),
            clue_id_unique: clue.clue_id_unique,
            api_platform: clue.api_platform,
            api_setting_id: clue.api_setting_id,
            is_blacklisted: clue.is_blacklisted,
        }
    }
}

#[derive(JsonSchema, Serialize)]
struct ActivityFields {
    last_follow_at: Option<String>,
    last_follow_log: Option<String>,
    last_called_at: Option<String>,
    next_follow_at: Option<String>,
    last_deal_at: Option<String>,
    last_deal_money: Option<String>,
    order_money: String,
}

impl CustomerRow {
    pub(super) fn new(listing: CustomerListing, zone: Zone) -> Self {
        let CustomerListing { customer, organization_ids, organization_names, creator_name, owner_name, .. } = listing;
        let (profile, holding, activity) = (customer.profile, customer.holding, customer.activity);
        let time = |at: Option<Instant>| at.map(|at| zone.format(at));
        Self {
            id: customer.id.0,
            r#type: profile.kind,
            nickName: profile.nick_name,
            realName: profile.real_name,
            avatar: profile.avatar,
            phoneNumber: profile.phone,
            job: profile.job,
            sex: profile.sex,
            password: None,
            session: None,
            cid: profile.cid,
            openId: profile.open_id,
            level: profile.level,
            isVip: profile.is_vip,
            isSenior: profile.is_senior,
            vipDueTime: time(profile.vip_due_time),
            navigationDueTime: time(profile.navigation_due_time),
            createTime: zone.format(customer.created_at),
            updateTime: zone.format(customer.updated_at),
            status: customer.deletion.status,
            note: profile.note,
            organization_name: organization_names,
            organization_ids: organization_ids.into_iter().map(|id| id.0).collect(),
            legal_person: profile.legal_person,
            register_capital: profile.register_capital,
            registerDate: profile.register_date.map(|date| date.to_string()),
            website: profile.website,
            creator_id: profile.creator_id.0,
            creator_name,
            activity: ActivityFields {
                last_follow_at: time(activity.last_follow_at),
                last_deal_at: time(activity.last_deal_at),
                last_deal_money: activity.last_deal_money.map(|money| money.to_string()),
                order_money: activity.order_money().to_string(),
                last_follow_log: activity.last_follow_log,
                last_called_at: time(activity.last_called_at),
                next_follow_at: time(profile.next_follow_at),
            },
            progress: ProgressFields {
                stage_id: customer.progress.stage_id.0,
                stage_name: listing.stage.map(|stage| stage.name),
                last_stage_id: customer.progress.last_stage_id.map(|id| id.0),
                approve_status: customer.progress.approve_status.as_str(),
                source_id: profile.source_id.map(|id| id.0),
                source_name: listing.source.map(|source| source.name),
                category_id: profile.category_id.map(|id| id.0),
                category_name: listing.category.map(|category| category.name),
                product_line_id: profile.product_line_id.0,
            },
            address: listing.address.into(),
            project: customer.project.into(),
            clue: ClueFields::new(customer.clue, zone),
            label_ids: listing.label_ids.iter().map(|id| id.0).collect(),
            assistant_ids: listing.assistant_ids.iter().map(|id| id.0).collect(),
            team: parts(&listing.team),
            is_favourite: listing.is_favourite,
            custom: custom::answer(&listing.custom),
            updated_by: customer.updated_by.map(|id| id.0),
            holding: HoldingFields {
                owner_id: holding.owner_id.map(|id| id.0),
                owner_name,
                last_owner_id: holding.last_owner_id.map(|id| id.0),
                assigned_at: time(holding.assigned_at),
                pool_entered_at: time(holding.pool_entered_at),
                pool_times: holding.pool_times,
                pool_type: holding.pool_type,
                is_locked: holding.is_locked,
            },
            deleted_at: time(customer.deletion.deleted_at),
            deleted_by: customer.deletion.deleted_by.map(|id| id.0),
            deleted_reason: customer.deletion.deleted_reason,
            version: customer.version,
        }
    }
}
