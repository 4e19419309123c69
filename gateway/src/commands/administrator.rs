//! `create-admin` and `reset-password`.

use clap::Args;
use crm_staff::Passwords;
use crm_staff::administrators::{self, Access};

use super::{Database, say};

/// Whose account.
#[derive(Args, Debug)]
pub struct Who {
    #[command(flatten)]
    database: Database,
    /// The phone number the person signs in with
    phone: String,
    /// The password, to be changed at the first sign-in; generated and printed when not set
    #[arg(long, env = "CRM_ADMIN_PASSWORD", hide_env_values = true)]
    password: Option<String>,
    /// The bcrypt cost of the password
    #[arg(long = "crm-password-cost", env = "CRM_PASSWORD_COST", default_value_t = 12, value_parser = clap::value_parser!(u32).range(4..=16))]
    password_cost: u32,
}

impl Who {
    pub(super) fn create(self) -> anyhow::Result<()> {
        let db = self.database.open()?;
        let access =
            administrators::create(&db, &Passwords::new(self.password_cost), &self.phone, self.password.as_deref())?;
        announce("administrator", &self.phone, &access);
        Ok(())
    }

    pub(super) fn reset(self) -> anyhow::Result<()> {
        let db = self.database.open()?;
        let access = administrators::reset_password(
            &db,
            &Passwords::new(self.password_cost),
            &self.phone,
            self.password.as_deref(),
        )?;
        announce("staff", &self.phone, &access);
        Ok(())
    }
}

/// Says whose account it is and, once, the password that was generated for it.
pub(super) fn announce(who: &str, phone: &str, access: &Access) {
    match &access.generated_password {
        Some(password) => say(&format!("{who} {phone} password {password}")),
        None => say(&format!("{who} {phone}")),
    }
}
