//! What `waybill serve` is to do: one TOML file, over what holds by itself.

use anyhow::Context;
use ingest::journald::Wanted;
use openid::Provider;
use relay::{Authorities, Login, Relay};
use serde::Deserialize;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use toml::{Table, Value};

/// Every key, what it means, and what holds where nothing is said.
pub(crate) const EXAMPLE: &str = include_str!("waybill.toml");

/// Where it is looked for if none is named.
const PATH: &str = "/etc/waybill/waybill.toml";

/// Stands for what `config show` does not show.
const HIDDEN: &str = "***";

/// The variable that has the password of `[mail]`; it is no key, so that it is never shown.
const MAIL_PASSWORD: &str = "WAYBILL_MAIL_PASSWORD";

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Config {
    pub(crate) data: PathBuf,
    pub(crate) timezone: String,
    pub(crate) host: String,
    pub(crate) log: Log,
    pub(crate) intake: Intake,
    pub(crate) listen: Listen,
    pub(crate) tls: Tls,
    pub(crate) http: Http,
    pub(crate) web: Web,
    pub(crate) openid: OpenId,
    pub(crate) webhooks: Webhooks,
    pub(crate) alerts: Alerts,
    pub(crate) mail: Mail,
    pub(crate) places: Places,
    pub(crate) jobs: Jobs,
    pub(crate) follow: Follow,
    pub(crate) journald: Journald,
    pub(crate) redis: Redis,
    pub(crate) journal: Journal,
    pub(crate) commit: Commit,
    pub(crate) upkeep: Upkeep,
}

/// How what happens is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Log {
    Text,
    Json,
}

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Intake {
    pub(crate) once: bool,
    pub(crate) once_seconds: u32,
}

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Listen {
    pub(crate) syslog_udp: String,
    pub(crate) syslog_tcp: String,
    pub(crate) syslog_tls: String,
    pub(crate) relp: String,
    pub(crate) relp_tls: String,
    pub(crate) http: String,
    pub(crate) web: String,
    pub(crate) postgres: String,
}

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Tls {
    pub(crate) certificate: PathBuf,
    pub(crate) key: PathBuf,
    pub(crate) client_ca: PathBuf,
}

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Http {
    pub(crate) tokens: Vec<String>,
}

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Web {
    pub(crate) database: String,
    pub(crate) requests_a_minute: u32,
    pub(crate) url: String,
    pub(crate) internal: Vec<String>,
    pub(crate) behind_proxy: bool,
}

#[derive(Clone, Deserialize)]
pub(crate) struct OpenId {
    issuer: String,
    client_id: String,
    client_secret: String,
    name: String,
    claim: String,
    unverified: bool,
    scopes: Vec<String>,
}

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Webhooks {
    pub(crate) allow: Vec<String>,
    pub(crate) retry_seconds: Vec<u64>,
}

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Alerts {
    pub(crate) every_seconds: u64,
}

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Mail {
    host: String,
    port: u16,
    tls: MailTls,
    ca: PathBuf,
    user: String,
    password_file: PathBuf,
    from: String,
}

/// Whether mail goes out with TLS.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum MailTls {
    None,
    StartTls,
    Implicit,
}

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Places {
    pub(crate) database: PathBuf,
    pub(crate) networks: Vec<String>,
}

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Jobs {
    pub(crate) keep_days: u32,
    pub(crate) file_megabytes: u64,
    pub(crate) megabytes: u64,
}

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Follow {
    pub(crate) files: Vec<String>,
    pub(crate) history: bool,
}

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Journald {
    pub(crate) follow: bool,
    pub(crate) directory: PathBuf,
    pub(crate) programs: Vec<String>,
    pub(crate) units: Vec<String>,
}

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Redis {
    pub(crate) url: String,
    pub(crate) key: String,
    pub(crate) processing: String,
    pub(crate) side: Side,
}

/// The end of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Side {
    Left,
    Right,
}

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Journal {
    pub(crate) megabytes: u64,
}

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Upkeep {
    pub(crate) hour: i8,
}

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Commit {
    pub(crate) minutes: u32,
    pub(crate) megabytes: usize,
}

/// What holds, as keys and values: from the file that is named, else the usual one if it is there, and
/// the environment.
pub(crate) fn effective(path: Option<&Path>) -> anyhow::Result<Table> {
    let mut table: Table = EXAMPLE.parse()?;
    let found = Path::new(PATH);
    if let Some(path) = path.or_else(|| found.exists().then_some(found)) {
        let shown = path.display();
        let text =
            std::fs::read_to_string(path).with_context(|| format!("cannot read `{shown}`"))?;
        let said = text
            .parse()
            .with_context(|| format!("`{shown}` is no TOML"))?;
        lay_over(&mut table, said, "").with_context(|| format!("in `{shown}`"))?;
    }
    take_variables(&mut table, "WAYBILL", &|name| std::env::var(name).ok())?;
    Ok(table)
}

/// The same without what nobody should read over a shoulder or in a ticket: secrets, and passwords in
/// addresses.
pub(crate) fn without_secrets(mut table: Table) -> Table {
    for (section, key) in [
        ("openid", "client_secret"),
        ("http", "tokens"),
        ("redis", "url"),
        ("web", "database"),
    ] {
        let section = table.get_mut(section).and_then(Value::as_table_mut);
        if let Some(value) = section.and_then(|it| it.get_mut(key)) {
            hide(value);
        }
    }
    table
}

fn hide(value: &mut Value) {
    match value {
        Value::Array(all) => all.iter_mut().for_each(hide),
        Value::String(text) if text.is_empty() || text.starts_with("sqlite:") => {}
        Value::String(text) => match text.find("://") {
            Some(scheme) => hide_in_address(text, scheme + 3),
            None => HIDDEN.clone_into(text),
        },
        _ => {}
    }
}

/// Hides the password of `scheme://user:password@host/path?password=...`; behind the scheme.
fn hide_in_address(text: &mut String, begin: usize) {
    if let Some(options) = text.find('?') {
        text.replace_range(options + 1.., HIDDEN);
    }
    if let Some(end) = text.rfind('@').filter(|&end| end > begin)
        && let Some(colon) = text[begin..end].find(':')
    {
        text.replace_range(begin + colon + 1..end, HIDDEN);
    }
}

impl Config {
    /// From keys and values.
    pub(super) fn of(table: Table) -> anyhow::Result<Self> {
        let config: Config = table
            .try_into()
            .context("the configuration is not understood")?;
        let tls = &config.tls;
        let wants_tls = !config.listen.syslog_tls.is_empty() || !config.listen.relp_tls.is_empty();
        anyhow::ensure!(
            tls.is_there() || !wants_tls,
            "`syslog_tls` and `relp_tls` need `certificate` and `key` in `[tls]`"
        );
        let postgres = &config.listen.postgres;
        anyhow::ensure!(
            postgres.is_empty() || !config.listen.web.is_empty(),
            "`postgres` of `[listen]` needs `web`, where keys are made"
        );
        let address: Option<SocketAddr> = postgres.parse().ok();
        anyhow::ensure!(
            tls.is_there() || address.is_none_or(|it| it.ip().is_loopback()),
            "`postgres` of `[listen]` is open to the network: that needs `certificate` and `key` in `[tls]`"
        );
        anyhow::ensure!(
            (1..=3_600).contains(&config.intake.once_seconds),
            "`once_seconds` of `[intake]` must be 1 to 3600"
        );
        anyhow::ensure!(
            config.commit.minutes > 0,
            "`minutes` of `[commit]` must be 1 or more"
        );
        anyhow::ensure!(
            config.commit.megabytes > 0,
            "`megabytes` of `[commit]` must be 1 or more"
        );
        anyhow::ensure!(
            (0..24).contains(&config.upkeep.hour),
            "`hour` of `[upkeep]` must be 0 to 23"
        );
        anyhow::ensure!(
            (1..=86_400).contains(&config.alerts.every_seconds),
            "`every_seconds` of `[alerts]` must be 1 to 86400"
        );
        config.mail.check()?;
        config.places.own()?;
        let jobs = &config.jobs;
        anyhow::ensure!(
            (1..=3_650).contains(&jobs.keep_days),
            "`keep_days` of `[jobs]` must be 1 to 3650"
        );
        anyhow::ensure!(
            jobs.file_megabytes > 0 && jobs.file_megabytes <= jobs.megabytes,
            "`file_megabytes` of `[jobs]` must be 1 or more, and no more than `megabytes`"
        );
        config.journald.wanted()?;
        config.openid.provider(&config.web)?;
        Ok(config)
    }
}

impl Places {
    /// Networks of ours.
    fn own(&self) -> anyhow::Result<Vec<places::Own>> {
        let own = self.networks.iter().map(|text| {
            places::Own::parse(text).with_context(|| {
                format!(
                    "`networks` of `[places]`: `{text}` is no network with a country, as \
                     `198.51.100.0/24 IT`"
                )
            })
        });
        own.collect()
    }

    /// Reads the database, if there is one.
    pub(crate) fn open(&self) -> anyhow::Result<places::Places> {
        let database = Some(self.database.as_path()).filter(|it| *it != Path::new(""));
        places::Places::open(self.own()?, database).context("`database` of `[places]`")
    }
}

impl Mail {
    /// By which relay mail goes out, if by any: reads the authorities and the password.
    pub(crate) fn relay(&self) -> anyhow::Result<Option<Relay>> {
        if self.host.is_empty() {
            return Ok(None);
        }
        let authorities = match self.ca.as_os_str().is_empty() {
            true => Authorities::default(),
            false => Authorities::of_file(&self.ca).map_err(|wrong| {
                anyhow::anyhow!("`ca` of `[mail]`: `{}`: {wrong}", self.ca.display())
            })?,
        };
        Ok(Some(Relay {
            host: self.host.clone(),
            port: self.port,
            tls: match self.tls {
                MailTls::None => relay::Tls::None,
                MailTls::StartTls => relay::Tls::StartTls,
                MailTls::Implicit => relay::Tls::Implicit,
            },
            authorities: Arc::new(authorities),
            login: self.login()?,
            from: self.sender()?,
        }))
    }

    /// What can be seen to be wrong without looking at files.
    fn check(&self) -> anyhow::Result<()> {
        if self.host.is_empty() {
            return Ok(());
        }
        let address: Option<IpAddr> = self.host.parse().ok();
        let is_here = self.host == "localhost" || address.is_some_and(|it| it.is_loopback());
        anyhow::ensure!(
            self.user.is_empty() || self.tls != MailTls::None || is_here,
            "`user` of `[mail]` needs `tls`: the password would be read on its way to `{}`",
            self.host
        );
        self.sender().map(drop)
    }

    fn sender(&self) -> anyhow::Result<relay::Address> {
        let from = &self.from;
        let no_address =
            || format!("`from` of `[mail]`: `{from}` is no address, as `waybill@example.org`");
        from.parse().with_context(no_address)
    }

    fn login(&self) -> anyhow::Result<Option<Login>> {
        if self.user.is_empty() {
            return Ok(None);
        }
        let path = &self.password_file;
        let password = match std::env::var(MAIL_PASSWORD) {
            Ok(password) => password,
            Err(_) => std::fs::read_to_string(path).with_context(|| {
                format!(
                    "`password_file` of `[mail]`: cannot read `{}`",
                    path.display()
                )
            })?,
        };
        let password = password.trim_end_matches(['\r', '\n']).to_owned();
        anyhow::ensure!(!password.is_empty(), "the password of `[mail]` is empty");
        let user = self.user.clone();
        Ok(Some(Login { user, password }))
    }
}

impl Tls {
    /// Whether it can be spoken.
    pub(crate) fn is_there(&self) -> bool {
        self.certificate != Path::new("") && self.key != Path::new("")
    }
}

impl Journald {
    /// Which entries are taken.
    pub(crate) fn wanted(&self) -> anyhow::Result<Wanted> {
        let wanted = Wanted::new(&self.programs, &self.units);
        wanted.map_err(|name| {
            anyhow::anyhow!(
                "`{name}` in `[journald]` is no name with `*` for any text, as `postfix*`"
            )
        })
    }
}

impl OpenId {
    /// Where people log in beside here, if that is set; nobody is asked yet.
    pub(crate) fn provider(&self, web: &Web) -> anyhow::Result<Option<Provider>> {
        if self.issuer.is_empty() {
            anyhow::ensure!(
                self.client_id.is_empty() && self.client_secret.is_empty(),
                "in `[openid]`: `issuer` is missing: the URL of the provider"
            );
            return Ok(None);
        }
        let provider = Provider::new(openid::Settings {
            issuer: self.issuer.clone(),
            client_id: self.client_id.clone(),
            client_secret: self.client_secret.clone(),
            name: self.name.clone(),
            claim: self.claim.clone(),
            unverified: self.unverified,
            scopes: self.scopes.clone(),
            page: web.url.clone(),
            callback: api::OPENID_CALLBACK,
        });
        let provider = provider.map_err(|wrong| anyhow::anyhow!("in `[openid]`: {wrong}"))?;
        Ok(Some(provider))
    }
}

/// No secret goes to where configurations are told.
impl std::fmt::Debug for OpenId {
    fn fmt(&self, to: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(to, "OpenId({})", self.issuer)
    }
}

/// Puts what was said over what holds by itself; keys and types must be those.
fn lay_over(table: &mut Table, said: Table, section: &str) -> anyhow::Result<()> {
    for (key, value) in said {
        let path = format!("{section}{key}");
        let Some(known) = table.get_mut(&key) else {
            let near = table.keys().max_by(|a, b| {
                let near = |it: &str| strsim::jaro_winkler(it, &key);
                near(a).total_cmp(&near(b))
            });
            let near = near.map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
            anyhow::bail!("unknown key `{path}`{near}");
        };
        match (known, value) {
            (Value::Table(known), Value::Table(said)) => {
                lay_over(known, said, &format!("{path}."))?;
            }
            (known, value) if known.same_type(&value) => *known = value,
            (known, value) => anyhow::bail!(
                "`{path}` must be of type {}, not {}",
                known.type_str(),
                value.type_str()
            ),
        }
    }
    Ok(())
}

/// Puts variables of the environment over it: texts as they are, all else as in TOML, lists of texts
/// also separated by commas.
fn take_variables(
    table: &mut Table,
    prefix: &str,
    variable: &impl Fn(&str) -> Option<String>,
) -> anyhow::Result<()> {
    for (key, known) in table {
        let name = format!("{prefix}_{}", key.to_uppercase());
        if let Value::Table(section) = known {
            take_variables(section, &name, variable)?;
            continue;
        }
        let Some(text) = variable(&name) else {
            continue;
        };
        *known = match &*known {
            Value::String(_) => Value::String(text),
            Value::Array(_) => {
                let items = text.split(',').map(str::trim).filter(|it| !it.is_empty());
                items
                    .map(|it| Value::String(it.to_owned()))
                    .collect::<Vec<_>>()
                    .into()
            }
            known => {
                let read = format!("v = {text}").parse::<Table>().ok();
                let read = read.and_then(|mut table| table.remove("v"));
                let read = read.filter(|read| known.same_type(read));
                read.with_context(|| format!("`{name}` must be of type {}", known.type_str()))?
            }
        };
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn over(text: &str) -> anyhow::Result<Config> {
        let mut table: Table = EXAMPLE.parse().expect("the example is TOML");
        lay_over(&mut table, text.parse().expect("it is TOML"), "")?;
        Config::of(table)
    }

    fn error(text: &str) -> String {
        over(text).expect_err("it is wrong").to_string()
    }

    #[test]
    fn the_example_holds_by_itself() {
        let config = over("").expect("it is right");
        assert_eq!(config.listen.relp, "127.0.0.1:2514");
        assert_eq!(over("log = 'json'").expect("it is right").log, Log::Json);
    }

    #[test]
    fn secrets_are_not_shown() {
        let mut table: Table = EXAMPLE.parse().expect("the example is TOML");
        let said = "[openid]\nclient_secret = 'geheim'\n[http]\ntokens = ['geheim', 'geheim2']\n\
                    [redis]\nurl = 'redis://me:geheim@a/1'\n\
                    [web]\ndatabase = 'postgres://me:ge@heim@a/b?password=geheim'";
        lay_over(&mut table, said.parse().expect("it is TOML"), "").expect("it is right");
        let shown = without_secrets(table).to_string();
        assert!(!shown.contains("heim"), "{shown}");
        for shows in ["'redis://me:***@a/1'", "postgres://me:***@a/b?***"] {
            let shows = shows.replace('\'', "\"");
            assert!(shown.contains(&shows), "{shown}");
        }
        let example: Table = EXAMPLE.parse().expect("the example is TOML");
        assert_eq!(
            without_secrets(example.clone()),
            example,
            "nothing is secret yet"
        );
    }

    #[test]
    fn what_is_wrong_is_named() {
        assert_eq!(
            error("[listen]\nrepl = ''"),
            "unknown key `listen.repl`; did you mean `relp`?"
        );
        assert_eq!(
            error("[commit]\nminutes = '5'"),
            "`commit.minutes` must be of type integer, not string"
        );
        assert!(error("[listen]\nrelp_tls = '127.0.0.1:1'").contains("need `certificate`"));
        assert!(error("[listen]\npostgres = '0.0.0.0:5433'").contains("open to the network"));
        assert!(error("[listen]\nweb = ''\npostgres = '127.0.0.1:5433'").contains("needs `web`"));
        assert!(over("[listen]\npostgres = '127.0.0.1:5433'").is_ok());
        assert!(error("[intake]\nonce_seconds = 0").contains("1 to 3600"));
        assert!(error("[commit]\nminutes = 0").contains("1 or more"));
        assert!(error("[jobs]\nkeep_days = 0").contains("1 to 3650"));
        assert!(error("[jobs]\nmegabytes = 10").contains("no more than `megabytes`"));
        assert!(error("[journald]\nunits = ['a[']").contains("`a[` in `[journald]`"));
        assert!(over("[redis]\nside = 'top'").is_err());
        let relay = "[mail]\nhost = 'mx.example.org'\nfrom = 'waybill@example.org'\n";
        assert!(over(relay).is_ok());
        assert!(over(&format!("{relay}user = 'a'\ntls = 'starttls'")).is_ok());
        assert!(error(&format!("{relay}user = 'a'")).contains("read on its way"));
        assert!(error("[mail]\nhost = '127.0.0.1'\nfrom = 'a'").contains("is no address"));
        let page = "[web]\nurl = 'https://mail.example.org/'\n";
        let issuer = "[openid]\nissuer = 'https://login.example.org'\n";
        let client = "client_id = 'waybill'\n";
        assert!(over(&format!("{page}{issuer}{client}")).is_ok());
        assert!(error(&format!("{issuer}{client}")).contains("`url` of `[web]`"));
        assert!(error(&format!("{page}{issuer}")).contains("`client_id` is missing"));
        assert!(error(&format!("{page}[openid]\n{client}")).contains("`issuer` is missing"));
        let plain = "[openid]\nissuer = 'http://login.example.org'\n";
        assert!(error(&format!("{page}{plain}{client}")).contains("a URL of `https`"));
    }

    #[test]
    fn a_password_is_in_a_file_of_its_own_and_is_not_shown() {
        let folder = tempfile::tempdir().expect("there is room for temporary files");
        let path = folder.path().join("password");
        let mail = format!(
            "[mail]\nhost = 'mx.example.org'\ntls = 'implicit'\nuser = 'waybill'\n\
             password_file = '{}'\nfrom = 'waybill@example.org'",
            path.display()
        );
        let config = over(&mail).expect("files are read later");
        let wrong =
            |config: &Config| format!("{:#}", config.mail.relay().err().expect("it is wrong"));
        assert!(wrong(&config).contains("`password_file` of `[mail]`: cannot read"));
        std::fs::write(&path, "\n").expect("it can be written");
        assert_eq!(wrong(&config), "the password of `[mail]` is empty");
        std::fs::write(&path, "se cret\n").expect("it can be written");
        let relay = config
            .mail
            .relay()
            .expect("it is right")
            .expect("there is one");
        let login = relay.login.expect("there is one");
        assert_eq!(
            (login.user.as_str(), login.password.as_str()),
            ("waybill", "se cret")
        );
        assert!(
            !format!("{config:?}{login:?}").contains("cret"),
            "{config:?}"
        );
        assert!(!EXAMPLE.contains("\npassword ="), "what is a key is shown");
    }

    #[test]
    fn the_environment_comes_last() {
        let mut table: Table = EXAMPLE.parse().expect("the example is TOML");
        let set = |name: &str| {
            Some(match name {
                "WAYBILL_LISTEN_RELP" => "127.0.0.1:7".to_owned(),
                "WAYBILL_COMMIT_MINUTES" => "3".to_owned(),
                "WAYBILL_FOLLOW_FILES" => "/a, /b".to_owned(),
                _ => return None,
            })
        };
        take_variables(&mut table, "WAYBILL", &set).expect("they are right");
        let config = Config::of(table).expect("it is right");
        assert_eq!(config.listen.relp, "127.0.0.1:7");
        assert_eq!(config.commit.minutes, 3);
        assert_eq!(config.follow.files, ["/a", "/b"]);
    }
}
