//! Retention classes of customers: what their database says becomes rules of the archive.

use super::Daemon;
use ::upkeep::Rules;
use anyhow::Context;
use std::sync::Arc;
use std::time::Duration;
use tenancy::Tenancy;
use tokio::sync::watch;
use tokio::task::spawn_blocking;
use tracing::{error, info, warn};

/// How often the database is looked at, which other servers may change.
const EVERY: Duration = Duration::from_secs(60);

/// Domain and class, by domain.
type OfCustomers = Vec<(String, String)>;

/// Takes them over, at once and whenever customers change, until `stop`.
pub(super) async fn follow(
    tenancy: Arc<Tenancy>,
    daemon: Arc<Daemon>,
    mut stop: watch::Receiver<bool>,
) {
    let mut taken = None;
    loop {
        match take(&tenancy, &daemon, &mut taken).await {
            Ok(()) => {}
            Err(error) => error!("retention classes of customers are not taken over: {error:#}"),
        }
        tokio::select! {
            () = daemon.customers_changed.notified() => {}
            () = tokio::time::sleep(EVERY) => {}
            _ = stop.wait_for(|stop| *stop) => return,
        }
    }
}

async fn take(
    tenancy: &Tenancy,
    daemon: &Arc<Daemon>,
    taken: &mut Option<OfCustomers>,
) -> anyhow::Result<()> {
    let of_customers = tenancy.classes().await?;
    if taken.as_ref() == Some(&of_customers) {
        return Ok(());
    }
    let (of, daemon) = (of_customers.clone(), Arc::clone(daemon));
    spawn_blocking(move || put(of, &daemon))
        .await
        .context("it ended halfway")??;
    *taken = Some(of_customers);
    Ok(())
}

/// Makes them rules, and has rows that come follow them.
fn put(of_customers: OfCustomers, daemon: &Daemon) -> anyhow::Result<()> {
    let domains = of_customers.len();
    let (unknown, classes) = Rules::change(&daemon.folder, |rules| {
        let before = rules.customers.clone();
        let unknown = rules.set_customers(of_customers);
        let is_other = rules.customers != before;
        Ok((unknown, is_other.then(|| rules.classes())))
    })?;
    for class in unknown {
        warn!(
            "customers have the retention class `{class}`, which there is not: `waybill retention class {class} DAYS` makes it"
        );
    }
    if let Some(classes) = classes {
        let upkeep = move |writer: &mut store::Writer| writer.set_classes(classes);
        daemon.view.upkeep(Box::new(upkeep));
        info!(domains, "retention classes of customers are taken over");
    }
    Ok(())
}
