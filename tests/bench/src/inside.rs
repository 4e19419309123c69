//! The gateway inside this program, over a database whose statements can be counted.

use std::net::SocketAddr;
use std::sync::mpsc;

use anyhow::{Context, Result, bail};
use clap::Parser;
use crm_db::Db;
use crm_gateway::commands::{Cli, Command};
use crm_gateway::{Application, Settings};
use fastrand::Rng;

use crate::client::Connection;
use crate::items::{Item, World};
use crate::people::Seat;

/// Requests per item whose statements are counted.
const REQUESTS: u64 = 10;

/// The gateway's own default settings, on a free port and without background tasks.
///
/// # Errors
/// When the program does not know its own flags.
pub(crate) fn settings() -> Result<Settings> {
    let cli = Cli::try_parse_from(["crm-gateway", "serve", "--listen", "127.0.0.1:0", "--crm-jobs", "false"])?;
    match cli.command {
        Command::Serve(settings) => Ok(*settings),
        _ => bail!("serve was asked for"),
    }
}

/// Serves this database until the program ends.
///
/// # Errors
/// When it cannot.
pub(crate) fn serve(settings: &Settings, db: &Db) -> Result<SocketAddr> {
    let (tell, told) = mpsc::channel();
    let (settings, db) = (settings.clone(), db.clone());
    std::thread::spawn(move || -> Result<()> {
        actix_web::rt::System::new().block_on(async {
            let application = Application::build(settings, &db)?;
            tell.send(application.address())?;
            Ok(application.run().await?)
        })
    });
    told.recv().context("the gateway does not start inside this program")
}

/// Statements per request of an item, when it is asked by this person over one connection.
///
/// # Errors
/// When there is no connection.
pub(crate) fn statements(address: SocketAddr, db: &Db, item: &Item, world: &World, seat: &Seat) -> Result<f64> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let mut rng = Rng::with_seed(7);
    runtime.block_on(async {
        let mut connection = Connection::open(address).await?;
        let (mut before, mut counted) = (db.statements(), 0);
        for number in 0..=REQUESTS {
            let Some(request) = (item.make)(world, seat, &mut rng) else { break };
            connection.send(&request.bytes(Some(&seat.token))).await?;
            match number {
                // The first may stamp the session, and connections are opened for it.
                0 => before = db.statements(),
                _ => counted += 1,
            }
        }
        Ok((db.statements() - before) as f64 / f64::from(counted.max(1)))
    })
}
