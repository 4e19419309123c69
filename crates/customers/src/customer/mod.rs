//! Customers (客户): the people the sales team deals with (native-api §4).

mod visibility;

pub(crate) use visibility::visible;
