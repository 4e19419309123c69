//! A customer as lists show it.

use crm_core::{LabelId, OrganizationId, StaffId};

use super::Customer;
use crate::Address;
use crate::field::CustomValues;
use crate::options::Choice;
use crate::team::TeamMember;

/// A customer as lists show it to one caller.
#[derive(Clone, Debug, PartialEq)]
pub struct CustomerListing {
    /// The customer; its phone number is masked where the caller may not read it.
    pub customer: Customer,
    /// Its organizations, in order.
    pub organization_ids: Vec<OrganizationId>,
    /// Their names, in the same order.
    pub organization_names: Vec<String>,
    /// The name of who entered it.
    pub creator_name: Option<String>,
    /// The name of its owner.
    pub owner_name: Option<String>,
    /// Where it is and by what else it is reached; masked like the phone number.
    pub address: Address,
    /// Its stage.
    pub stage: Option<Choice>,
    /// Its source.
    pub source: Option<Choice>,
    /// Its category.
    pub category: Option<Choice>,
    /// Its labels, in the order given; those that have left their group too.
    pub label_ids: Vec<LabelId>,
    /// Its assistants (协作人), in the order given.
    pub assistant_ids: Vec<StaffId>,
    /// Its team, by role and in the order given.
    pub team: Vec<TeamMember>,
    /// Whether it is among the caller's favourites.
    pub is_favourite: bool,
    /// What it has in the deployment's own fields.
    pub custom: CustomValues,
}
