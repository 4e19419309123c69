//! A customer as this surface answers it.

use crm_core::{ContractId, Error, Money, Zone};
use crm_customers::CustomerDetail;
use crm_customers::team::TeamRole;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Number;

#[derive(JsonSchema, Serialize)]
pub(super) struct Sheet {
    id: i64,
    status: String,
    global_status: i16,
    finance_status: u8,
    finance_project_id: Option<i64>,
    description: String,
    community_name: String,
    room_number: String,
    customer_name: String,
    customer_address: String,
    customer_phone: String,
    status_id: i64,
    customer_source: String,
    customer_source_id: Option<i64>,
    customer_budget: Option<Number>,
    customer_type: Option<i16>,
    follower_name: String,
    follower_id: Option<i64>,
    update_time: String,
    role_types: Vec<RoleType>,
}

#[derive(JsonSchema, Serialize)]
struct RoleType {
    role_type: i16,
    role_name: String,
    role_description: String,
    /// `null` where nobody plays the part.
    users: Option<Vec<User>>,
}

#[derive(JsonSchema, Serialize)]
struct User {
    user_id: i64,
    user_name: String,
    user_phone: String,
}

impl Sheet {
    pub(super) fn new(
        found: &CustomerDetail,
        roles: &[TeamRole],
        contract: Option<ContractId>,
        zone: Zone,
    ) -> Result<Self, Error> {
        let listing = &found.listing;
        let customer = &listing.customer;
        let (profile, project, address) = (&customer.profile, &customer.project, &listing.address);
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        Ok(Self {
            id: customer.id.0,
            status: listing.stage.as_ref().map(|stage| stage.name.clone()).unwrap_or_default(),
            global_status: listing.stage.as_ref().map_or(0, |stage| stage.outcome),
            finance_status: u8::from(contract.is_some()),
            finance_project_id: contract.map(|id| id.0),
            description: text(&profile.note),
            community_name: text(&project.community_name),
            room_number: text(&project.room_number),
            customer_name: profile.real_name.clone(),
            customer_address: address.region() + &text(&address.detail_address),
            customer_phone: text(&profile.phone),
            status_id: customer.progress.stage_id.0,
            customer_source: listing.source.as_ref().map(|source| source.name.clone()).unwrap_or_default(),
            customer_source_id: profile.source_id.map(|id| id.0),
            customer_budget: project.budget.map(number).transpose()?,
            customer_type: project.intent,
            follower_name: listing.owner_name.clone().unwrap_or_default(),
            follower_id: customer.holding.owner_id.map(|id| id.0),
            update_time: zone.local(customer.updated_at).format("%m-%d %H:%M:%S").to_string(),
            role_types: roles.iter().map(|role| RoleType::new(found, role)).collect(),
        })
    }
}

impl RoleType {
    fn new(found: &CustomerDetail, role: &TeamRole) -> Self {
        let players = found.team.iter().filter(|member| member.role_type == role.role_type);
        let cards = players.filter_map(|member| found.people.get(&member.staff_id));
        let users: Vec<User> = cards
            .map(|card| User { user_id: card.id.0, user_name: card.name.clone(), user_phone: card.phone.clone() })
            .collect();
        Self {
            role_type: role.role_type,
            role_name: role.role_name.clone(),
            role_description: role.role_description.clone(),
            users: Some(users).filter(|users| !users.is_empty()),
        }
    }
}

/// The budget as a JSON number with its two decimals, through no float.
fn number(budget: Money) -> Result<Number, Error> {
    budget.to_string().parse().map_err(Error::internal)
}
