//! `seed-demo`: demonstration data for an empty database.

mod choices;
mod life;
pub mod names;
mod profile;
mod team;
mod work;

use anyhow::{Context, bail};
use chrono::NaiveDate;
use clap::Args;
use crm_core::{Caller, Clock, Page, Zone};
use crm_customers::{CustomerFilter, Customers};
use crm_db::Options;
use crm_staff::{Passwords, administrators, random_password};

use super::progress::Shown;
use super::{Database, administrator, open, say};
use crate::settings::parse_zone;
pub use work::{Made, Plan, fill, fill_by_day};

/// How much demonstration data, and for whom.
#[derive(Args, Debug)]
pub struct SeedDemo {
    #[command(flatten)]
    database: Database,
    /// How many customers; a tenth as many organizations, and two years of everything else in proportion
    #[arg(long, default_value_t = 5_000, value_parser = clap::value_parser!(u32).range(10..=10_000_000))]
    customers: u32,
    /// The same seed, size and last day give the same data, passwords aside
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The last day of the two years; by default yesterday, for nothing has been done yet in the hours to come
    #[arg(long)]
    until: Option<NaiveDate>,
    /// The time zone of the team's working days, an IANA name
    #[arg(long = "crm-timezone", env = "CRM_TIMEZONE", default_value = "Asia/Shanghai", value_parser = parse_zone)]
    timezone: Zone,
    /// The administrator's phone number
    #[arg(long = "crm-admin-phone", env = "CRM_ADMIN_PHONE", default_value = "10000000000")]
    admin_phone: String,
    /// The administrator's password, to be changed at the first sign-in; generated and printed when not set
    #[arg(long = "crm-admin-password", env = "CRM_ADMIN_PASSWORD", hide_env_values = true)]
    admin_password: Option<String>,
    /// The bcrypt cost of passwords
    #[arg(long = "crm-password-cost", env = "CRM_PASSWORD_COST", default_value_t = 12, value_parser = clap::value_parser!(u32).range(4..=16))]
    password_cost: u32,
    /// Succeed without doing anything when the database has customers already
    #[arg(long)]
    if_empty: bool,
}

impl SeedDemo {
    pub(super) fn run(self) -> anyhow::Result<()> {
        let clock = Clock::manual(Clock::System.now());
        let today = self.timezone.date(clock.now());
        let yesterday = today.pred_opt().unwrap_or(today);
        let db = open(&self.database.database_url, Options { clock, durable: false, ..Options::default() })?;
        let nobody = Caller::administrator(crm_core::StaffId(0));
        let there = Customers::new(&db).list(&nobody, &CustomerFilter::default(), Page::first())?.total;
        if there > 0 && self.if_empty {
            return Ok(());
        }
        if there > 0 {
            bail!("the database has {there} customers already; demonstration data goes into an empty one");
        }
        let passwords = Passwords::new(self.password_cost);
        let access = administrators::create_first(&db, &passwords, &self.admin_phone, self.admin_password.as_deref())
            .context("CRM_ADMIN_PHONE, CRM_ADMIN_PASSWORD: the administrator could not be made")?
            .context("the database has an administrator already; demonstration data goes into an empty one")?;
        administrator::announce("administrator", &self.admin_phone, &access);
        let staff_password = random_password()?;
        say(&format!("filling two years with {} customers", self.customers));
        let plan = Plan {
            customers: self.customers,
            seed: self.seed,
            until: self.until.unwrap_or(yesterday),
            zone: self.timezone,
        };
        let mut shown = Shown::new();
        let administrator = Caller::administrator(access.staff_id);
        let made = fill_by_day(&db, &passwords, &administrator, &staff_password, plan, &mut |day, of| {
            shown.rows("days", day.into(), of.into());
        })?;
        drop(shown);
        say(&format!(
            "made {} staff (first password {staff_password}), {} organizations, {} customers, {} potentials, \
             {} follow-ups, {} demands, {} satisfaction records, {} contracts",
            made.staff,
            made.organizations,
            made.customers,
            made.potentials,
            made.follows,
            made.demands,
            made.satisfactions,
            made.contracts
        ));
        Ok(())
    }
}
