//! People at a customer.

use crm_core::{ContactId, CustomerId, Error, Patch};
use crm_customers::contact::{Contact, ContactFilter, ContactInput};
use crm_customers::{Contacts, CustomerInput};

use crate::fields::found;
use crate::support::*;

fn at(customer: CustomerId, name: &str) -> ContactInput {
    ContactInput { customer_id: customer.into(), name: name.to_owned().into(), ..ContactInput::default() }
}

fn of(customer: CustomerId) -> ContactFilter {
    ContactFilter { customer_id: Some(customer), id: None }
}

fn names(contacts: &[Contact]) -> Vec<&str> {
    contacts.iter().map(|contact| contact.name.as_str()).collect()
}

#[test]
fn a_customer_has_one_primary_contact_at_most() {
    on_each_engine(|world| {
        let contacts = Contacts::new(&world.db);
        let customer = world.enter(&own(ANNA), named("x"));
        let other = world.enter(&own(ANNA), named("y"));
        let primary = |input: ContactInput| ContactInput { is_primary: 1.into(), ..input };
        let enter = |input: &ContactInput| contacts.create(&own(ANNA), input).expect("entered");
        let (a, b) = (enter(&primary(at(customer, "a"))), enter(&at(customer, "b")));
        let elsewhere = enter(&primary(at(other, "z")));
        let c = enter(&primary(at(customer, "c")));
        let marks = || -> Vec<(ContactId, i16, i64)> {
            let found = contacts.list(&own(ANNA), of(customer)).expect("read");
            found.iter().map(|contact| (contact.id, contact.is_primary, contact.version)).collect()
        };
        assert_eq!(marks(), [(c, 1, 1), (a, 0, 2), (b, 0, 1)]);
        contacts.update(&own(ANNA), b, Some(1), &primary(ContactInput::default())).expect("changed");
        assert_eq!(marks(), [(b, 1, 2), (a, 0, 2), (c, 0, 2)]);
        contacts.update(&own(ANNA), b, None, &primary(ContactInput::default())).expect("it has the mark already");
        contacts.delete(&own(ANNA), b).expect("deleted");
        contacts.delete(&own(ANNA), b).expect("twice changes nothing");
        assert_eq!(marks(), [(a, 0, 2), (c, 0, 2)]);
        assert_eq!(contacts.list(&own(ANNA), of(other)).expect("read")[0].is_primary, 1);
        let one = ContactFilter { customer_id: None, id: Some(elsewhere) };
        assert_eq!(names(&contacts.list(&own(ANNA), one).expect("read")), ["z"]);
        let actions: Vec<String> = world.deeds("contact", b.0).into_iter().map(|deed| deed.0).collect();
        assert_eq!(actions, ["create", "update", "update", "delete"]);
        assert_eq!(world.deeds("contact", a.0).len(), 2, "the loss of the mark is told as well");
        assert_eq!(world.read(customer).customer.version, 1, "contacts raise no version of the customer");
    });
}

#[test]
fn of_many_primary_contacts_at_once_one_is() {
    on_each_engine(|world| {
        let contacts = Contacts::new(&world.db);
        let customer = world.enter(&own(ANNA), named("x"));
        std::thread::scope(|scope| {
            for number in 0..8 {
                let input = ContactInput { is_primary: 1.into(), ..at(customer, &number.to_string()) };
                let contacts = &contacts;
                scope.spawn(move || contacts.create(&own(ANNA), &input).expect("entered"));
            }
        });
        let all = contacts.list(&own(ANNA), of(customer)).expect("read");
        assert_eq!((all.len(), all.iter().filter(|contact| contact.is_primary == 1).count()), (8, 1));
    });
}

#[test]
fn contacts_are_read_and_written_by_those_who_read_and_write_the_customer() {
    on_each_engine(|world| {
        let contacts = Contacts::new(&world.db);
        let customer = world.enter(&own(ANNA), named("x"));
        let pool = world.enter(&admin(), pooled("p"));
        let full = ContactInput {
            phone: "138-1234-1234".to_owned().into(),
            tel: "05123667899".to_owned().into(),
            email: "someone@a.cn".to_owned().into(),
            wechat: "wechat-of-w".to_owned().into(),
            job: "经理".to_owned().into(),
            ..at(pool, "王五")
        };
        let in_pool = contacts.create(&admin(), &full).expect("an administrator may");
        let mine = contacts
            .create(&own(ANNA), &ContactInput { customer_id: customer.into(), ..full.clone() })
            .expect("entered");
        let read = |caller: &_, customer| contacts.list(caller, of(customer)).expect("read").pop();
        let seen = read(&sees_all(BERT), pool).expect("shown");
        assert_eq!((seen.phone.as_deref(), seen.tel.as_deref()), (Some("138****1234"), Some("051****7899")));
        assert_eq!((seen.email.as_deref(), seen.wechat.as_deref()), (Some("som****a.cn"), Some("wec****of-w")));
        assert_eq!((seen.name.as_str(), seen.job.as_deref()), ("王五", Some("经理")));
        assert_eq!(read(&admin(), pool).expect("shown").phone.as_deref(), Some("138-1234-1234"));
        assert_eq!(read(&own(ANNA), customer).expect("shown").phone.as_deref(), Some("138-1234-1234"));
        for (caller, hidden) in [(own(BERT), customer), (correspondent(), pool), (correspondent(), customer)] {
            assert_eq!(read(&caller, hidden), None);
        }
        let one = ContactFilter { customer_id: None, id: Some(mine) };
        assert_eq!(contacts.list(&own(BERT), one).expect("read"), []);

        let change = ContactInput { job: "x".to_owned().into(), ..ContactInput::default() };
        for caller in [own(BERT), correspondent()] {
            assert!(matches!(contacts.update(&caller, mine, None, &change), Err(Error::NotFound("联系人"))));
            assert!(matches!(contacts.delete(&caller, mine), Err(Error::NotFound("联系人"))));
            assert_eq!(bad_fields(contacts.create(&caller, &at(customer, "x"))), ["customer_id"]);
        }
        for caller in [own(ANNA), sees_all(BERT)] {
            assert!(matches!(contacts.create(&caller, &at(pool, "x")), Err(Error::Forbidden)));
            assert!(matches!(contacts.update(&caller, in_pool, None, &change), Err(Error::Forbidden)));
            assert!(matches!(contacts.delete(&caller, in_pool), Err(Error::Forbidden)));
        }
        assert!(matches!(contacts.update(&own(ANNA), ContactId(99), None, &change), Err(Error::NotFound(_))));
        world.customers.delete(&own(ANNA), customer, None).expect("deleted");
        assert!(matches!(contacts.update(&own(ANNA), mine, None, &change), Err(Error::NotFound(_))));
        assert_eq!(bad_fields(contacts.create(&own(ANNA), &at(customer, "x"))), ["customer_id"]);
    });
}

#[test]
fn bad_fields_of_a_contact_are_told_at_once() {
    on_each_engine(|world| {
        let contacts = Contacts::new(&world.db);
        let customer = world.enter(&own(ANNA), named("x"));
        let other = world.enter(&own(ANNA), named("y"));
        let long = "字".repeat(256);
        let bad = ContactInput {
            customer_id: Patch::Absent,
            name: " ".to_owned().into(),
            phone: "x".to_owned().into(),
            tel: "1".to_owned().into(),
            job: long.clone().into(),
            email: "nobody".to_owned().into(),
            wechat: long.into(),
            is_primary: 2.into(),
            ..ContactInput::default()
        };
        let fields = ["name", "phone", "tel", "job", "email", "wechat", "is_primary"];
        assert_eq!(bad_fields(contacts.create(&own(ANNA), &bad)), [&fields[..], &["customer_id"]].concat());
        let id = contacts.create(&own(ANNA), &at(customer, "a")).expect("entered");
        assert_eq!(bad_fields(contacts.update(&own(ANNA), id, None, &bad)), fields);
        assert_eq!(
            bad_fields(contacts.update(&own(ANNA), id, None, &at(other, "a"))),
            ["customer_id"],
            "contacts do not move"
        );
        contacts.update(&own(ANNA), id, None, &at(customer, "b")).expect("whose it is may be said");
        assert!(matches!(contacts.update(&own(ANNA), id, Some(1), &at(customer, "c")), Err(Error::Stale)));
    });
}

#[test]
fn a_customer_is_found_by_its_contacts_as_they_are_now() {
    on_each_engine(|world| {
        let contacts = Contacts::new(&world.db);
        let customer = world.enter(&own(ANNA), CustomerInput { note: "喜欢安静".to_owned().into(), ..named("x") });
        let phone = ContactInput { phone: "138-1234 9999".to_owned().into(), ..at(customer, "欧阳") };
        let id = contacts.create(&own(ANNA), &phone).expect("entered");
        let all = |texts: &[&str]| texts.iter().all(|text| found(world, text) == [customer]);
        let none = |texts: &[&str]| texts.iter().all(|text| found(world, text).is_empty());
        assert!(all(&["欧", "13812349999", "安静"]));
        world.customers.update(&own(ANNA), customer, None, named("y")).expect("changed");
        assert!(all(&["欧阳", "12349", "安静"]), "a write of the customer forgets no contact");
        let change = ContactInput { phone: Patch::Null, name: "司马".to_owned().into(), ..ContactInput::default() };
        contacts.update(&own(ANNA), id, None, &change).expect("changed");
        assert!(all(&["司马", "安静"]) && none(&["欧", "13812349999"]));
        contacts.delete(&own(ANNA), id).expect("deleted");
        assert!(all(&["安静"]) && none(&["司马"]));
    });
}
