//! The words every CRM crate shares: ids, money, time, paging, patches, states, the caller and the errors.
//!
//! Nothing here knows a database or HTTP. What the domain crates take and give is made of these
//! types, so that a staff id cannot stand where a customer id belongs, cents never meet a float,
//! and every crate refuses bad input with the same words.
//!
//! ```
//! use crm_core::{Money, Page, Patch};
//!
//! let price: Money = "112.5".parse()?;
//! assert_eq!(price.to_string(), "112.50");
//!
//! let page = Page::new(3, 20).map_err(crm_core::Error::Invalid)?;
//! assert_eq!(page.offset(), 40);
//!
//! // An update says of each field: leave it, clear it, or set it.
//! assert_eq!(Patch::Absent.apply(Some("old")), Some("old"));
//! assert_eq!(Patch::Null.apply(Some("old")), None);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod caller;
mod check;
mod clock;
mod error;
mod id;
mod money;
mod page;
mod patch;
mod problems;
mod status;
mod time;

pub use caller::{Caller, Role, Scope};
pub use check::{ARRAY_MAX, NAME_MAX, NOTE_MAX, PHONE_MAX, SEX_UNKNOWN, SHORT_MAX, URL_MAX, phone_key};
pub use clock::Clock;
pub use error::{Code, Error};
pub use id::{
    AddressId, AuditId, CategoryId, ContactId, ContractId, CustomerId, DemandId, DepartmentId, EventId, FieldId,
    FollowId, GroupId, Id, LabelGroupId, LabelId, MenuId, OrganizationId, PotentialId, ProductLineId, SatisfactionId,
    SessionId, SourceId, StaffId, StageId, WecomId,
};
pub use money::{Money, MoneyError, MoneySum};
pub use page::{Page, Paged};
pub use patch::Patch;
pub use problems::{FieldError, Problems};
pub use status::{DELETED, NORMAL, StatusFilter};
pub use time::{DayEdge, Instant, Span, TimeError, TimeRange, Zone};

/// What every service method answers.
pub type Result<T, E = Error> = std::result::Result<T, E>;
