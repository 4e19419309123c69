//! What the program ends with, for scripts.

use std::fmt;

use crm_db::operate::Failure;

/// The codes, as every `--help` and the README say them.
pub(super) const CODES: &str = "Ends with 0 when it is done, 1 when it failed or was refused, 2 when the command line or a \
    setting is wrong,\nand 3 when the database is away or somebody has it open: the same command may work later.";

/// A setting or an argument that cannot be right, whatever the state of things.
#[derive(Debug)]
pub(super) struct Wrong(pub(super) String);

/// The database cannot be reached now.
#[derive(Debug)]
pub(super) struct Away(pub(super) String);

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for Away {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Wrong {}
impl std::error::Error for Away {}

/// The code of a failure: by what was the matter, however it was put into words.
pub fn exit_code(error: &anyhow::Error) -> u8 {
    use crm_core::Error;

    match (error.downcast_ref::<Failure>(), error.downcast_ref::<Error>()) {
        (Some(Failure::Wrong(_)), _) | (_, Some(Error::Invalid(_))) => 2,
        (Some(Failure::InUse(_)), _) | (_, Some(Error::Unavailable)) => 3,
        _ if error.is::<Wrong>() => 2,
        _ if error.is::<Away>() => 3,
        _ => 1,
    }
}
