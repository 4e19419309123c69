//! `serve`.

use std::io::IsTerminal;

use anyhow::Context;
use crm_db::{Db, Options};
use crm_staff::{Passwords, administrators};
use tracing_subscriber::EnvFilter;

use super::exit::Wrong;
use super::{administrator, open, say};
use crate::{Application, Settings};

pub(super) fn run(settings: Settings) -> anyhow::Result<()> {
    start_log(&settings)?;
    let db = open(&settings.database_url, Options { pool_size: settings.pool_size(), ..Options::default() })?;
    actix_web::rt::System::new().block_on(async {
        // The address is taken first: a start that fails on it must not have printed a password.
        let application = Application::build(settings.clone(), &db).map_err(|error| Wrong(format!("{error:#}")))?;
        make_first_administrator(&settings, &db)?;
        say(&format!("listening on http://{}", application.address()));
        application.run().await.context("the server failed")
    })
}

fn make_first_administrator(settings: &Settings, db: &Db) -> anyhow::Result<()> {
    let passwords = Passwords::new(settings.password_cost);
    let first = administrators::create_first(db, &passwords, &settings.admin_phone, settings.admin_password.as_deref())
        .context("CRM_ADMIN_PHONE, CRM_ADMIN_PASSWORD: the first administrator could not be made")?;
    if let Some(access) = first {
        administrator::announce("administrator", &settings.admin_phone, &access);
    }
    Ok(())
}

fn start_log(settings: &Settings) -> anyhow::Result<()> {
    let filter =
        EnvFilter::try_new(&settings.log).with_context(|| format!("CRM_LOG: {} is not a log level", settings.log))?;
    // What strangers send that is no HTTP is answered and forgotten: it must not fill the log.
    let filter = filter.add_directive("actix_http::h1=off".parse()?);
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal());
    match settings.log_format.as_str() {
        // What a line is about stands at its top, and once: the request's id and the person's are searched for.
        "json" => log.json().flatten_event(true).with_span_list(false).init(),
        _ => log.init(),
    }
    // A panic's own text may quote data; where it happened is enough to find it.
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        tracing::error!(place, "panic");
    }));
    Ok(())
}
