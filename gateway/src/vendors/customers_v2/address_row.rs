//! The address of a customer as the list answers it.

use crm_core::Zone;
use crm_customers::Address;
use schemars::JsonSchema;
use serde::Serialize;

/// The account the vendor's sample is of.
const ORGANIZATION_ID: i64 = 5_004_848;

#[derive(JsonSchema, Serialize)]
#[schemars(rename = "AddressV2")]
pub(super) struct AddressRow {
    id: i64,
    addressable_id: i64,
    addressable_type: &'static str,
    country_id: Option<()>,
    province_id: Option<()>,
    city_id: Option<()>,
    district_id: Option<()>,
    /// Empty where there is none, as `url`: the sample has text in both everywhere.
    tel: String,
    phone: Option<String>,
    email: Option<String>,
    qq: Option<String>,
    fax: Option<String>,
    wechat: Option<String>,
    wangwang: Option<String>,
    zip: Option<String>,
    url: String,
    detail_address: Option<String>,
    created_at: String,
    updated_at: String,
    lat: Option<f64>,
    lng: Option<f64>,
    off_distance: Option<()>,
    region_info: String,
    snippet: Option<()>,
    organization_id: i64,
    mode: &'static str,
    time_format: &'static str,
    use_to_json: bool,
    tel_hidden_result: String,
    phone_hidden_result: String,
}

impl AddressRow {
    /// The address, and the phone number that stands beside it; both are masked where they must be.
    pub(super) fn new(address: Address, phone: Option<String>, zone: Zone) -> Self {
        Self {
            id: address.id.0,
            addressable_id: address.customer_id.0,
            addressable_type: "Customer",
            country_id: None,
            province_id: None,
            city_id: None,
            district_id: None,
            region_info: address.region(),
            tel_hidden_result: address.tel.clone().unwrap_or_default(),
            phone_hidden_result: phone.clone().unwrap_or_default(),
            tel: address.tel.unwrap_or_default(),
            phone,
            email: address.email,
            qq: address.qq,
            fax: address.fax,
            wechat: address.wechat,
            wangwang: address.wangwang,
            zip: address.zip,
            url: address.url.unwrap_or_default(),
            detail_address: address.detail_address,
            created_at: zone.rfc3339(address.created_at),
            updated_at: zone.rfc3339(address.updated_at),
            lat: address.lat,
            lng: address.lng,
            off_distance: None,
            snippet: None,
            organization_id: ORGANIZATION_ID,
            mode: "compat",
            time_format: "ruby",
            use_to_json: true,
        }
    }
}
