//! What the tests of contracts share.

use crm_contracts::{Contract, ContractFilter, ContractInput, Contracts};
use crm_core::{
    Caller, ContractId, CustomerId, Error, Instant, Money, OrganizationId, Page, Patch, Role, StatusFilter,
};
use crm_db::Db;
use crm_db::schema::customers;
use crm_db::testing::rows;
use diesel::prelude::*;

pub(crate) struct World {
    pub(crate) db: Db,
    pub(crate) contracts: Contracts,
    pub(crate) admin: Caller,
    pub(crate) organization: OrganizationId,
}

impl World {
    pub(crate) fn new(db: &Db) -> Self {
        let admin = rows::person(db, "10000", "管理员", Role::Administrator, None);
        let organization = rows::organization(db, "国务院", admin);
        Self { db: db.clone(), contracts: Contracts::new(db), admin: Caller::administrator(admin), organization }
    }

    pub(crate) fn input(&self, name: &str) -> ContractInput {
        ContractInput {
            name: Patch::Value(name.to_owned()),
            organization_id: Patch::Value(self.organization),
            sign_time: Patch::Value(self.db.now()),
            ..ContractInput::default()
        }
    }

    pub(crate) fn customer(&self) -> CustomerId {
        rows::customer(&self.db, "Jerry", self.admin.staff_id)
    }

    pub(crate) fn ids(&self, caller: &Caller, filter: &ContractFilter, page: Page) -> Vec<ContractId> {
        let found = self.contracts.list(caller, filter, page).expect("the list answers");
        found.rows.iter().map(|row| row.contract.id).collect()
    }

    pub(crate) fn read(&self, id: ContractId) -> Contract {
        let filter = ContractFilter { id: Some(id), status: StatusFilter::All, ..ContractFilter::default() };
        let found = self.contracts.list(&self.admin, &filter, Page::first()).expect("the list answers");
        found.rows[0].contract.clone()
    }

    /// `last_deal_at`, `last_deal_money`, `order_money` and `version` of a customer.
    pub(crate) fn stamps(&self, customer: CustomerId) -> (Option<Instant>, Option<Money>, String, i64) {
        let found = self.db.read(|conn| {
            Ok(customers::table
                .filter(customers::id.eq(customer))
                .select((
                    customers::last_deal_at,
                    customers::last_deal_money,
                    customers::order_money,
                    customers::version,
                ))
                .first(conn)?)
        });
        found.expect("the customer is there")
    }
}

/// Action, record, id, before and after.
pub(crate) type Audited = (String, String, Option<i64>, Option<String>, Option<String>);

pub(crate) fn money(text: &str) -> Money {
    text.parse().expect("the test's money is right")
}

pub(crate) fn fields(error: &Error) -> Vec<&str> {
    match error {
        Error::Invalid(problems) => problems.iter().map(|problem| problem.field.as_str()).collect(),
        other => panic!("{other:?}"),
    }
}
