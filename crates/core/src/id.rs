//! One id type per kind of record. All are 64-bit and positive; the database numbers them.

use std::fmt;

use serde::Serialize;

/// What the id types have in common, for code that serves all of them.
pub trait Id: Copy + Eq + Ord + std::hash::Hash + fmt::Display {
    /// The id with this number. Whether a record bears it is the database's to say.
    fn from_raw(raw: i64) -> Self;
    /// The number.
    fn raw(self) -> i64;
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident,)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
        #[cfg_attr(feature = "diesel", derive(diesel_derive_newtype::DieselNewType))]
        #[serde(transparent)]
        pub struct $name(pub i64);

        impl Id for $name {
            fn from_raw(raw: i64) -> Self {
                Self(raw)
            }
            fn raw(self) -> i64 {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    )*};
}

ids! {
    /// The address of a customer.
    AddressId,
    /// A row of the audit trail.
    AuditId,
    /// A category of customers (客户分类).
    CategoryId,
    /// A person at a customer (联系人).
    ContactId,
    /// A contract (合同).
    ContractId,
    /// A customer (客户): a person the sales team deals with.
    CustomerId,
    /// A change of demand (需求变更).
    DemandId,
    /// A department of the staff.
    DepartmentId,
    /// An event in the life of a customer.
    EventId,
    /// A field the deployment defines (自定义字段).
    FieldId,
    /// A follow-up (拜访记录).
    FollowId,
    /// A staff group (员工组).
    GroupId,
    /// A group of labels (标签组).
    LabelGroupId,
    /// A label (标签).
    LabelId,
    /// A menu item (菜单配置项).
    MenuId,
    /// An organization (客户单位): the company a customer works for.
    OrganizationId,
    /// A potential (潜在客户记录, 大的拜访记录).
    PotentialId,
    /// A product line (产品线).
    ProductLineId,
    /// A satisfaction record (满意度).
    SatisfactionId,
    /// A sign-in session.
    SessionId,
    /// A source of customers (客户来源).
    SourceId,
    /// A member of staff (员工).
    StaffId,
    /// A stage of the life cycle (生命周期).
    StageId,
    /// An outside contact of a member of staff at WeCom (企微客户).
    WecomId,
}
