//! Where a customer is, and by what else than its phone number it is reached (vendor-surfaces §1).
//! Every customer has one address, written together with it.

use crm_core::{AddressId, CustomerId, Instant, Patch, Problems, Result, SHORT_MAX, phone_key};
use crm_db::Conn;
use crm_db::schema::customer_addresses;
use diesel::prelude::*;
use serde::Serialize;

/// The address of a customer.
#[derive(Clone, Debug, PartialEq, Queryable, Selectable, Insertable, AsChangeset, Serialize)]
#[diesel(table_name = customer_addresses, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct Address {
    /// Its id; 0 before it is stored.
    #[diesel(skip_insertion)]
    #[serde(skip)]
    pub id: AddressId,
    /// Whose it is.
    #[serde(skip)]
    pub customer_id: CustomerId,
    /// A landline.
    pub tel: Option<String>,
    /// An e-mail address.
    pub email: Option<String>,
    /// A number at QQ.
    pub qq: Option<String>,
    /// A fax number.
    pub fax: Option<String>,
    /// An id at WeChat.
    pub wechat: Option<String>,
    /// An id at 旺旺.
    pub wangwang: Option<String>,
    /// A postal code.
    pub zip: Option<String>,
    /// A web page.
    pub url: Option<String>,
    /// The country.
    pub country: Option<String>,
    /// The province.
    pub province: Option<String>,
    /// The city.
    pub city: Option<String>,
    /// The district.
    pub district: Option<String>,
    /// Street and number.
    pub detail_address: Option<String>,
    /// Degrees north, -90 to 90.
    pub lat: Option<f64>,
    /// Degrees east, -180 to 180.
    pub lng: Option<f64>,
    /// When it was entered.
    #[serde(skip)]
    pub created_at: Instant,
    /// When it, or the phone number beside it, was last changed.
    #[serde(skip)]
    pub updated_at: Instant,
}

/// What a create or an update says of a customer's address.
#[derive(Clone, Debug, Default)]
pub struct AddressInput {
    /// A phone number.
    pub tel: Patch<String>,
    /// Up to 255 characters with an `@`.
    pub email: Patch<String>,
    /// Up to 255 characters, as the next three.
    pub qq: Patch<String>,
    /// A fax number.
    pub fax: Patch<String>,
    /// An id at WeChat.
    pub wechat: Patch<String>,
    /// An id at 旺旺.
    pub wangwang: Patch<String>,
    /// A postal code, up to 255 characters.
    pub zip: Patch<String>,
    /// A URL.
    pub url: Patch<String>,
    /// Up to 255 characters, as the next four.
    pub country: Patch<String>,
    /// The province.
    pub province: Patch<String>,
    /// The city.
    pub city: Patch<String>,
    /// The district.
    pub district: Patch<String>,
    /// Street and number.
    pub detail_address: Patch<String>,
    /// Degrees north, -90 to 90.
    pub lat: Patch<f64>,
    /// Degrees east, -180 to 180.
    pub lng: Patch<f64>,
}

impl AddressInput {
    /// Notes what is wrong with it.
    pub(crate) fn check(&self, problems: &mut Problems) {
        problems.phone("tel", &self.tel);
        check_email(problems, "email", &self.email);
        for (field, text) in [
            ("qq", &self.qq),
            ("fax", &self.fax),
            ("wechat", &self.wechat),
            ("wangwang", &self.wangwang),
            ("zip", &self.zip),
            ("country", &self.country),
            ("province", &self.province),
            ("city", &self.city),
            ("district", &self.district),
            ("detail_address", &self.detail_address),
        ] {
            problems.text(field, text, SHORT_MAX);
        }
        problems.url("url", &self.url);
        for (field, degrees, max) in [("lat", &self.lat, 90.0), ("lng", &self.lng, 180.0)] {
            if degrees.value().is_some_and(|degrees| !(-max..=max).contains(degrees)) {
                problems.push(field, format!("应为-{max}至{max}之间的数"));
            }
        }
    }
}

/// An e-mail address: up to 255 characters around an `@`, without white space.
pub(crate) fn check_email(problems: &mut Problems, field: &str, email: &Patch<String>) {
    problems.text(field, email, SHORT_MAX);
    if let Some(email) = email.value() {
        let parts = email.split_once('@');
        if email.contains(char::is_whitespace) || parts.is_none_or(|(name, host)| name.is_empty() || host.is_empty()) {
            problems.push(field, "应为电子邮箱地址");
        }
    }
}

impl Address {
    /// An address that says nothing yet.
    pub(crate) fn blank(customer_id: CustomerId, now: Instant) -> Self {
        Self {
            id: AddressId(0),
            customer_id,
            tel: None,
            email: None,
            qq: None,
            fax: None,
            wechat: None,
            wangwang: None,
            zip: None,
            url: None,
            country: None,
            province: None,
            city: None,
            district: None,
            detail_address: None,
            lat: None,
            lng: None,
            created_at: now,
            updated_at: now,
        }
    }

    /// The address as the input wants it.
    pub(crate) fn with(self, input: &AddressInput) -> Self {
        let input = input.clone();
        Self {
            tel: input.tel.apply(self.tel),
            email: input.email.apply(self.email),
            qq: input.qq.apply(self.qq),
            fax: input.fax.apply(self.fax),
            wechat: input.wechat.apply(self.wechat),
            wangwang: input.wangwang.apply(self.wangwang),
            zip: input.zip.apply(self.zip),
            url: input.url.apply(self.url),
            country: input.country.apply(self.country),
            province: input.province.apply(self.province),
            city: input.city.apply(self.city),
            district: input.district.apply(self.district),
            detail_address: input.detail_address.apply(self.detail_address),
            lat: input.lat.apply(self.lat),
            lng: input.lng.apply(self.lng),
            ..self
        }
    }

    /// Country, province, city and district, as far as they are known, in one text.
    pub fn region(&self) -> String {
        [&self.country, &self.province, &self.city, &self.district].into_iter().flatten().map(String::as_str).collect()
    }

    /// The texts by which its customer is found: the number as numbers are compared, the region in one.
    pub(crate) fn texts(&self) -> [Option<String>; 10] {
        let Self { email, qq, fax, wechat, wangwang, zip, url, detail_address, .. } = self.clone();
        let tel = self.tel.as_deref().map(phone_key);
        [tel, email, qq, fax, wechat, wangwang, zip, url, Some(self.region()), detail_address]
    }
}

pub(crate) fn insert(conn: &mut Conn, address: &Address) -> Result<()> {
    diesel::insert_into(customer_addresses::table).values(address).execute(conn)?;
    Ok(())
}

pub(crate) fn update(conn: &mut Conn, address: &Address) -> Result<()> {
    diesel::update(customer_addresses::table.filter(customer_addresses::customer_id.eq(address.customer_id)))
        .set(address)
        .execute(conn)?;
    Ok(())
}

/// The address of one customer.
pub(crate) fn of(conn: &mut Conn, customer: CustomerId) -> Result<Address> {
    Ok(customer_addresses::table
        .filter(customer_addresses::customer_id.eq(customer))
        .select(Address::as_select())
        .first(conn)?)
}
