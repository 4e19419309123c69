//! What runs in the background of `serve`.

use std::time::Duration;

use actix_web::{rt, web};

use crate::Services;

/// Forgets old sessions and failed sign-ins, now and then every `interval`. Several gateways may do
/// it at once: what one has forgotten the others do not find.
pub(crate) async fn run(services: Services, interval: Duration) {
    loop {
        let services = services.clone();
        let done = web::block(move || {
            Ok::<usize, crm_core::Error>(services.sessions.forget_old()? + services.sign_ins.forget_old()?)
        });
        match done.await {
            Ok(Ok(forgotten)) => tracing::debug!(forgotten, "housekeeping"),
            Ok(Err(error)) => tracing::warn!(%error, "housekeeping failed; it is tried again"),
            Err(_) => tracing::error!("housekeeping panicked"),
        }
        rt::time::sleep(interval).await;
    }
}
