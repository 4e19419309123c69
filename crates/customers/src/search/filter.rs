//! Which customers a search asks for, and in which order.

use crm_core::{CategoryId, DepartmentId, Problems, ProductLineId, SourceId, StaffId, StageId, TimeRange};

/// Which customers a search asks for. Everything that is said narrows the rest.
#[derive(Clone, Debug, Default)]
pub struct SearchFilter {
    /// What the edge could not read; reported together with what the service finds.
    pub problems: Problems,
    /// Those in which this text stands somewhere, up to 100 characters.
    pub text: Option<String>,
    /// Where it is to stand; without it, in the names, the numbers or the names of the organizations.
    pub column: Option<Column>,
    /// Deleted ones instead of live ones: administrators find them, others none.
    pub deleted: bool,
    /// Those of this list.
    pub tab: Tab,
    /// Those that are this person's.
    pub owner_id: Option<StaffId>,
    /// Those that are somebody's in this department or below it.
    pub department_id: Option<DepartmentId>,
    /// Those in this stage.
    pub stage_id: Option<StageId>,
    /// Those of this category.
    pub category_id: Option<CategoryId>,
    /// Those from this source.
    pub source_id: Option<SourceId>,
    /// Those of this product line.
    pub product_line_id: Option<ProductLineId>,
    /// Those entered then.
    pub created_at: TimeRange,
    /// Those last changed then.
    pub updated_at: TimeRange,
    /// Those last followed up then.
    pub last_follow_at: TimeRange,
    /// Those to be followed up then.
    pub next_follow_at: TimeRange,
}

/// One of the lists a person works with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Tab {
    /// All the caller sees.
    #[default]
    All,
    /// The caller's own.
    Mine,
    /// Those owned by the caller's subordinates: the members of the departments the caller leads and
    /// of those below, without the caller.
    Subordinates,
    /// The public pool.
    Pool,
    /// Those on which the caller is an assistant (协作人).
    Assisting,
}

/// What of a customer a text is looked for in.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Column {
    /// Real name and nickname.
    Name,
    /// The names of its organizations.
    Company,
    /// Its phone number. Numbers are compared by their digits and `+`.
    Phone,
    /// The landline of its address.
    Tel,
    /// A text of its address.
    Address(AddressColumn),
    /// Its note.
    Note,
    /// What came of its last follow-up.
    FollowLog,
    /// The name of its stage.
    Stage,
    /// The name of its source.
    Source,
    /// The name of its category.
    Category,
    /// The word for its approval.
    Approval,
    /// Its labels.
    Labels,
    /// Its contacts: names, jobs, numbers, e-mail addresses and ids at WeChat.
    Contacts,
    /// The name of a person it names.
    Person(PersonColumn),
    /// The names of its assistants.
    Assistants,
    /// The department of a person it names.
    Department(PersonColumn),
    /// A field of the deployment, by its key.
    Custom(String),
    /// Something that no customer has here: finds nothing.
    Blank,
}

/// A text of an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AddressColumn {
    /// An id at WeChat.
    Wechat,
    /// A number at QQ.
    Qq,
    /// An id at 旺旺.
    Wangwang,
    /// An e-mail address.
    Email,
    /// A fax number.
    Fax,
    /// A web page.
    Url,
    /// Country, province, city and district in one.
    Region,
    /// Street and number.
    Detail,
    /// A postal code.
    Zip,
}

/// A person a customer names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PersonColumn {
    /// Its owner.
    Owner,
    /// Its owner before.
    LastOwner,
    /// Who entered it.
    Creator,
}

/// The order of a search: by the key, then by id in the same direction. Customers of whom the key
/// says nothing come last either way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Sort {
    /// By what.
    pub key: SortKey,
    /// Smallest or earliest first; by default largest or latest.
    pub ascending: bool,
}

/// What a search may be ordered by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum SortKey {
    /// When it was entered.
    #[default]
    CreatedAt,
    /// When it was last changed.
    UpdatedAt,
    /// When it was last followed up.
    LastFollowAt,
    /// When it is to be followed up next.
    NextFollowAt,
    /// Its real name, by the codes of the characters: alike on every engine and machine.
    Name,
}
