//! Another Rust service that uses the crates without the gateway: it gets the same validation and
//! authorization as over HTTP.

use crm_contracts::{ContractFilter, ContractInput, Contracts};
use crm_core::{Caller, Error, Page, Patch, Role, Scope};
use crm_customers::{OrganizationInput, Organizations};
use crm_db::schema::{audit, customers};
use crm_db::testing::{on_each_engine, rows};
use diesel::prelude::*;

#[test]
fn a_service_of_its_own_keeps_organizations_and_contracts_under_its_own_callers() {
    on_each_engine(|test| {
        let db = &test.db;
        let seller = rows::person(db, "20000", "销售", Role::Staff, None);
        let other = rows::person(db, "20001", "别人", Role::Staff, None);
        // A caller is made by whoever knows the person: here the embedding service.
        let caller =
            Caller { address: Some("billing-service".to_owned()), ..Caller::new(seller, Role::Staff, Scope::Own) };
        let (organizations, contracts) = (Organizations::new(db), Contracts::new(db));
        let organization = organizations
            .create(&caller, OrganizationInput { name: Patch::Value("国务院".into()), ..Default::default() })
            .expect("an organization");
        let customer = rows::customer(db, "Jerry", seller);
        let input = || ContractInput {
            name: Patch::Value("天下第一合同".into()),
            organization_id: Patch::Value(organization),
            customer_id: Patch::Value(customer),
            sign_time: Patch::Value(db.now()),
            amount: Patch::Value("112.00".parse().expect("money")),
            ..ContractInput::default()
        };
        let id = contracts.create(&caller, input()).expect("a contract");
        let found = contracts.list(&caller, &ContractFilter::default(), Page::first()).expect("the list answers");
        assert_eq!((found.total, found.rows[0].contract.id), (1, id));

        let stamps: (Option<i64>, String) = db
            .read(|conn| {
                Ok(customers::table.select((customers::last_deal_money, customers::order_money)).first(conn)?)
            })
            .expect("the customer");
        assert_eq!(stamps, (Some(11_200), "11200".to_owned()));

        let wrong = ContractInput { name: Patch::Null, amount: Patch::Null, sign_time: Patch::Absent, ..input() };
        let Err(Error::Invalid(problems)) = contracts.create(&caller, wrong) else { panic!("it is wrong") };
        assert_eq!(problems.iter().map(|problem| problem.field.as_str()).collect::<Vec<_>>(), ["name", "sign_time"]);

        let stranger = Caller::new(other, Role::Staff, Scope::Own);
        let missing = contracts.update(&stranger, id, None, ContractInput::default());
        assert!(matches!(missing, Err(Error::NotFound("合同"))), "{missing:?}");
        let unseen = contracts.create(&stranger, input());
        let Err(Error::Invalid(problems)) = unseen else { panic!("{unseen:?}") };
        let named: Vec<&str> = problems.iter().map(|problem| problem.field.as_str()).collect();
        assert_eq!(named, ["organization_id", "customer_id"]);
        let correspondent = Caller::new(seller, Role::Correspondent, Scope::All);
        assert!(matches!(contracts.delete(&correspondent, id), Err(Error::Forbidden)));

        let addresses: Vec<(Option<i64>, Option<String>)> = db
            .read(|conn| Ok(audit::table.order(audit::id).select((audit::staff_id, audit::address)).load(conn)?))
            .expect("audited");
        assert_eq!(addresses, vec![(Some(seller.0), Some("billing-service".to_owned())); 2]);
    });
}
