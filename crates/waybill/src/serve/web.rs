//! The API and the page: their port, its database, and what the daemon gives it.

use super::Daemon;
use super::alerts::Mail;
use super::config::Config;
use super::hooks;
use super::ports::{address, cannot, told};
use super::{alerts, classes, jobs, reports};
use crate::{input, queue, sources, status, trace};
use anyhow::Context;
use desk::Desk;
use intake::http::Seats;
use jiff::Timestamp;
use query::{Archive, Hot, Outlook, Queued, Traced};
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::mpsc::Receiver;
use tenancy::Tenancy;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tracing::info;

/// Connections to the API and the page at once: each who looks at live rows holds one.
const SEATS: usize = 8 * 1024;
/// Those of one address, behind which an office may be.
const SEATS_OF_ADDRESS: usize = 2 * 1024;

/// Name of the database in the folder of the archive.
const DATABASE: &str = "customers.db";

/// Opens the port of the API, if there is to be one, and tells how the first user is made. Gives where
/// all who ask come by.
pub(super) async fn listen(
    config: &Config,
    daemon: &Arc<Daemon>,
    mut stop: watch::Receiver<bool>,
    ports: &mut JoinSet<()>,
) -> anyhow::Result<Option<Arc<Desk>>> {
    let Some(address) = address("web", &config.listen.web)? else {
        return Ok(None);
    };
    let port = TcpListener::bind(address).await;
    let port = port.with_context(|| cannot("web", address))?;
    let address = port.local_addr()?;
    told("web", address);
    let url = match config.web.database.as_str() {
        "" => format!("sqlite:{}", daemon.folder.join(DATABASE).display()),
        url => url.to_owned(),
    };
    let tenancy = Tenancy::open(&url).await;
    let tenancy = tenancy.context("the database of customers and users cannot be opened")?;
    let tenancy = Arc::new(tenancy);
    if let Some(token) = tenancy.setup_token(input::now()).await? {
        let token = token.expose();
        info!("nobody can log in yet; make the first user at http://{address}/setup#{token}");
    }
    hooks::send(config, daemon, &tenancy, stop.clone(), ports)?;
    let relay = config.mail.relay()?;
    let mail = Mail::new(config, daemon, &tenancy)?;
    let teller = alerts::teller(config, relay.clone())?;
    let both = (&tenancy, &teller);
    alerts::watch(config, Arc::clone(&mail), both, stop.clone(), ports);
    let poster = reports::poster(config, mail, relay);
    reports::send(config, (&tenancy, &poster), stop.clone(), ports);
    let jobs = jobs::write(config, daemon, &tenancy, stop.clone(), ports)?;
    let internal = nets("internal", "web", &config.web.internal)?;
    let a_minute = config.web.requests_a_minute;
    let desk = Arc::new(Desk::new(Arc::clone(&tenancy), internal, a_minute));
    let settings = api::Settings {
        behind_proxy: config.web.behind_proxy,
        openid: config.openid.provider(&config.web)?.map(Arc::new),
    };
    ports.spawn(classes::follow(tenancy, Arc::clone(daemon), stop.clone()));
    let all = (Arc::clone(&desk), teller, poster, jobs);
    let router = api::router(Arc::clone(daemon) as _, all, settings);
    let router = router.merge(page::router());
    let seats = Seats {
        all: SEATS,
        of_address: if config.web.behind_proxy {
            SEATS
        } else {
            SEATS_OF_ADDRESS
        },
    };
    ports.spawn(intake::http::serve(port, router, seats, async move {
        let _ = stop.wait_for(|stop| *stop).await;
    }));
    Ok(Some(desk))
}

/// Networks of a key of a section.
pub(super) fn nets(key: &str, section: &str, texts: &[String]) -> anyhow::Result<Vec<search::Net>> {
    let nets = texts.iter().map(|text| {
        let hint =
            || format!("`{key}` of `[{section}]`: `{text}` is no network, as `198.51.100.0/24`");
        search::Net::parse(text).with_context(hint)
    });
    nets.collect()
}

impl api::Daemon for Daemon {
    fn archive(&self) -> Arc<Archive> {
        self.view.archive()
    }

    fn follow(&self) -> Receiver<Arc<Hot>> {
        self.view.follow()
    }

    fn journeys(&self, traced: &Traced, what: &str, limit: usize) -> api::Journeys {
        trace::documents(traced, what, limit)
    }

    fn sources(&self) -> Value {
        sources::documents(self, self.now()).into()
    }

    fn status(&self) -> Value {
        status::document(self)
    }

    fn outlooks(&self, queued: &[Queued]) -> Result<Vec<Outlook>, api::Failed> {
        let mut rules = queue::Rules::new(&self.folder);
        let outlooks = queued.iter().map(|it| rules.outlook(it));
        Ok(outlooks.collect::<anyhow::Result<_>>()?)
    }

    fn retention(&self) -> Result<BTreeMap<String, Option<u32>>, api::Failed> {
        Ok(::upkeep::Rules::load(&self.folder)?.classes)
    }

    fn country(&self, address: &str) -> Option<String> {
        Some(self.places().country(address)?.to_string())
    }

    fn customers_changed(&self) {
        self.customers_changed.notify_one();
    }

    fn now(&self) -> Timestamp {
        input::now()
    }
}
