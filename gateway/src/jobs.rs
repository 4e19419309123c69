//! What runs in the background of `serve`.

use std::time::{Duration, Instant};

use actix_web::{rt, web};
use crm_core::Result;

use crate::{Metrics, Services};

/// Does everything there is to do, now and then every `interval`. One task that fails does not keep
/// the next from its work. Several gateways may run at once: what one has forgotten the others do not
/// find, and one of them recycles.
pub(crate) async fn run(services: Services, metrics: Metrics, interval: Duration) {
    let holder = crate::application::random_word();
    loop {
        let housekeeping = services.clone();
        task("housekeeping", &metrics, move || {
            Ok(housekeeping.sessions.forget_old()?.saturating_add(housekeeping.sign_ins.forget_old()?))
        })
        .await;
        let db = services.db.clone();
        task("retries", &metrics, move || db.forget_retries()).await;
        let (recycling, holder) = (services.clone(), holder.clone());
        task("recycling", &metrics, move || {
            recycling.pool.recycle_due(&holder).map(|count| usize::try_from(count).unwrap_or(usize::MAX))
        })
        .await;
        rt::time::sleep(interval).await;
    }
}

/// Runs one task beside the connections; what it could not do is tried again the next time.
async fn task(name: &'static str, metrics: &Metrics, work: impl FnOnce() -> Result<usize> + Send + 'static) {
    let started = Instant::now();
    let done = web::block(work).await;
    let took = started.elapsed();
    metrics.job(name, matches!(done, Ok(Ok(_))), took);
    match done {
        Ok(Ok(0)) => tracing::debug!(name, "nothing to do"),
        Ok(Ok(count)) => tracing::info!(name, count, "done"),
        Ok(Err(error)) => tracing::warn!(name, %error, "failed; it is tried again"),
        Err(_) => tracing::error!(name, "panicked"),
    }
}
