//! On whose behalf a service method runs.

use crate::{DepartmentId, Error, StaffId};

/// What a member of staff may do (native-api §2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// 管理员: everything.
    Administrator,
    /// 员工: business routes within the data scope; reads staff.
    Staff,
    /// 通讯员: own records only; no contracts, statistics or staff.
    Correspondent,
}

impl Role {
    /// Every role.
    pub const ALL: [Role; 3] = [Role::Administrator, Role::Staff, Role::Correspondent];

    /// The `role_id` of the contract.
    pub fn id(self) -> i16 {
        match self {
            Self::Administrator => 1,
            Self::Staff => 2,
            Self::Correspondent => 3,
        }
    }

    /// The role with this `role_id`.
    pub fn from_id(id: i64) -> Option<Self> {
        Self::ALL.into_iter().find(|role| i64::from(role.id()) == id)
    }
}

/// Whose rows the caller sees.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Everybody's.
    All,
    /// Those that are somebody's own in one of these departments, and the caller's.
    Departments(Vec<DepartmentId>),
    /// The caller's.
    Own,
}

/// On whose behalf a service method runs: who, with what rights, from where.
///
/// The gateway makes one from the session of each request; a program that embeds the crates makes
/// its own and gets the same authorization.
#[derive(Clone, Debug)]
pub struct Caller {
    /// Who.
    pub staff_id: StaffId,
    /// What the person may do.
    pub role: Role,
    /// Whose rows the person sees.
    pub scope: Scope,
    /// The network address the request came from, for the audit trail; `None` inside a program.
    pub address: Option<String>,
}

impl Caller {
    /// An administrator, who sees everything.
    pub fn administrator(staff_id: StaffId) -> Self {
        Self { staff_id, role: Role::Administrator, scope: Scope::All, address: None }
    }

    /// A member of staff with this role and scope.
    pub fn new(staff_id: StaffId, role: Role, scope: Scope) -> Self {
        let scope = match role {
            Role::Administrator => Scope::All,
            Role::Staff => scope,
            Role::Correspondent => Scope::Own,
        };
        Self { staff_id, role, scope, address: None }
    }

    /// Whether the caller is an administrator.
    pub fn is_administrator(&self) -> bool {
        self.role == Role::Administrator
    }

    /// Lets only administrators pass.
    ///
    /// # Errors
    /// [`Error::Forbidden`] for everybody else.
    pub fn require_administrator(&self) -> Result<(), Error> {
        if self.is_administrator() { Ok(()) } else { Err(Error::Forbidden) }
    }

    /// Lets administrators and staff pass, not correspondents.
    ///
    /// # Errors
    /// [`Error::Forbidden`] for correspondents.
    pub fn require_staff(&self) -> Result<(), Error> {
        if self.role == Role::Correspondent { Err(Error::Forbidden) } else { Ok(()) }
    }
}
