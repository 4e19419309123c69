//! The settings of `serve`: environment variables, each with a flag of the same name.

use anyhow::Context;
use clap::Args;
use crm_core::Zone;
use ipnet::IpNet;
use tracing_subscriber::filter::LevelFilter;

use crate::wecom::Crypto;

/// How the program runs (operations.md). Every setting is an environment variable; the flag of the
/// same name wins over it.
#[derive(Args, Clone, Debug)]
pub struct Settings {
    /// The database: sqlite://path/to/file or postgres://user:password@host/name
    #[arg(long, env = "DATABASE_URL", default_value = "sqlite://data/crm.db", hide_env_values = true)]
    pub database_url: String,
    /// The address and port to listen on
    #[arg(long = "crm-listen", visible_alias = "listen", env = "CRM_LISTEN", default_value = "127.0.0.1:9015")]
    pub listen: String,
    /// The time zone of the deployment, an IANA name
    #[arg(long = "crm-timezone", visible_alias = "timezone", env = "CRM_TIMEZONE", default_value = "Asia/Shanghai", value_parser = parse_zone)]
    pub timezone: Zone,
    /// The account id (uniacid) this deployment answers to
    #[arg(long = "crm-account-id", visible_alias = "account-id", env = "CRM_ACCOUNT_ID", default_value = "1")]
    pub account_id: String,
    /// Whether a customer entered by staff waits for an administrator's approval
    #[arg(long = "crm-customer-approval", visible_alias = "customer-approval", env = "CRM_CUSTOMER_APPROVAL", default_value_t = false, action = clap::ArgAction::Set)]
    pub customer_approval: bool,
    /// The token of the WeCom callback, which is off without this and the next two
    #[arg(long = "crm-wecom-token", visible_alias = "wecom-token", env = "CRM_WECOM_TOKEN", hide_env_values = true)]
    pub wecom_token: Option<Secret>,
    /// The EncodingAESKey of the WeCom callback
    #[arg(
        long = "crm-wecom-aes-key",
        visible_alias = "wecom-aes-key",
        env = "CRM_WECOM_AES_KEY",
        hide_env_values = true
    )]
    pub wecom_aes_key: Option<Secret>,
    /// The id of the company at WeCom
    #[arg(
        long = "crm-wecom-corp-id",
        visible_alias = "wecom-corp-id",
        env = "CRM_WECOM_CORP_ID",
        hide_env_values = true
    )]
    pub wecom_corp_id: Option<String>,
    /// The first administrator's phone number, used only while there is no administrator
    #[arg(
        long = "crm-admin-phone",
        visible_alias = "admin-phone",
        env = "CRM_ADMIN_PHONE",
        default_value = "10000000000"
    )]
    pub admin_phone: String,
    /// The first administrator's password; generated and printed once when not set
    #[arg(
        long = "crm-admin-password",
        visible_alias = "admin-password",
        env = "CRM_ADMIN_PASSWORD",
        hide_env_values = true
    )]
    pub admin_password: Option<String>,
    /// Whether a new sign-in ends the person's older sessions
    #[arg(long = "crm-single-session", visible_alias = "single-session", env = "CRM_SINGLE_SESSION", default_value_t = false, action = clap::ArgAction::Set)]
    pub single_session: bool,
    /// Minutes after which an unused session is over
    #[arg(long = "crm-session-idle-minutes", visible_alias = "session-idle-minutes", env = "CRM_SESSION_IDLE_MINUTES", default_value_t = 720, value_parser = clap::value_parser!(u64).range(1..=525_600))]
    pub session_idle_minutes: u64,
    /// Days after which any session is over
    #[arg(long = "crm-session-max-days", visible_alias = "session-max-days", env = "CRM_SESSION_MAX_DAYS", default_value_t = 14, value_parser = clap::value_parser!(u64).range(1..=3_650))]
    pub session_max_days: u64,
    /// Whether the session cookie is sent over HTTPS only
    #[arg(long = "crm-cookie-secure", visible_alias = "cookie-secure", env = "CRM_COOKIE_SECURE", default_value_t = false, action = clap::ArgAction::Set)]
    pub cookie_secure: bool,
    /// Addresses or networks of proxies whose X-Forwarded-* headers are believed, separated by commas
    #[arg(long = "crm-trusted-proxies", visible_alias = "trusted-proxies", env = "CRM_TRUSTED_PROXIES", value_delimiter = ',', value_parser = parse_network)]
    pub trusted_proxies: Vec<IpNet>,
    /// Origins of web pages that may call with the session cookie, separated by commas
    #[arg(long = "crm-cors-origins", visible_alias = "cors-origins", env = "CRM_CORS_ORIGINS", value_delimiter = ',', value_parser = parse_origin)]
    pub cors_origins: Vec<String>,
    /// Threads that serve connections; by default one per processor
    #[arg(long = "crm-workers", visible_alias = "workers", env = "CRM_WORKERS", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub workers: Option<u16>,
    /// Database connections; by default two per processor, and at least four
    #[arg(long = "crm-db-pool", visible_alias = "db-pool", env = "CRM_DB_POOL", value_parser = clap::value_parser!(u32).range(1..=1024))]
    pub db_pool: Option<u32>,
    /// The bcrypt cost of passwords (4 only in tests)
    #[arg(long = "crm-password-cost", visible_alias = "password-cost", env = "CRM_PASSWORD_COST", default_value_t = 12, value_parser = clap::value_parser!(u32).range(4..=16))]
    pub password_cost: u32,
    /// Whether every 4xx is answered as HTTP 200 with the same body
    #[arg(long = "crm-legacy-http-200", visible_alias = "legacy-http-200", env = "CRM_LEGACY_HTTP_200", default_value_t = false, action = clap::ArgAction::Set)]
    pub legacy_http_200: bool,
    /// Whether background tasks run in this process
    #[arg(long = "crm-jobs", visible_alias = "jobs", env = "CRM_JOBS", default_value_t = true, action = clap::ArgAction::Set)]
    pub jobs: bool,
    /// Seconds between runs of the background tasks
    #[arg(long = "crm-jobs-interval-seconds", visible_alias = "jobs-interval-seconds", env = "CRM_JOBS_INTERVAL_SECONDS", default_value_t = 300, value_parser = clap::value_parser!(u64).range(1..=86_400))]
    pub jobs_interval_seconds: u64,
    /// Whether /metrics answers to everybody, not to this machine alone
    #[arg(long = "crm-metrics-public", visible_alias = "metrics-public", env = "CRM_METRICS_PUBLIC", default_value_t = false, action = clap::ArgAction::Set)]
    pub metrics_public: bool,
    /// What is logged: error, warn, info, debug or trace
    #[arg(long = "crm-log", visible_alias = "log", env = "CRM_LOG", default_value = "info", value_parser = parse_log)]
    pub log: String,
    /// How it is logged
    #[arg(long = "crm-log-format", visible_alias = "log-format", env = "CRM_LOG_FORMAT", default_value = "text", value_parser = ["text", "json"])]
    pub log_format: String,
}

/// A setting that is told to nobody, the log and the debugger included.
#[derive(Clone)]
pub struct Secret(String);

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("(secret)")
    }
}

impl Settings {
    /// What the WeCom callback needs; `None` where it is off. An empty setting is as if it were not there.
    ///
    /// # Errors
    /// Names the setting that is missing while another is there, or that is wrong.
    pub fn wecom(&self) -> anyhow::Result<Option<Crypto>> {
        let text = |secret: &'_ Option<Secret>| secret.clone().map(|secret| secret.0).filter(|text| !text.is_empty());
        let (token, key) = (text(&self.wecom_token), text(&self.wecom_aes_key));
        let corp_id = self.wecom_corp_id.clone().filter(|text| !text.is_empty());
        if token.is_none() && key.is_none() && corp_id.is_none() {
            return Ok(None);
        }
        let needed = |name| format!("{name}: is needed too for the WeCom callback");
        let token = token.with_context(|| needed("CRM_WECOM_TOKEN"))?;
        let key = key.with_context(|| needed("CRM_WECOM_AES_KEY"))?;
        let corp_id = corp_id.with_context(|| needed("CRM_WECOM_CORP_ID"))?;
        let crypto = Crypto::new(token, &key, corp_id);
        Ok(Some(crypto.context("CRM_WECOM_AES_KEY: must be the EncodingAESKey, 43 characters of base64")?))
    }

    /// How many database connections to open.
    pub fn pool_size(&self) -> u32 {
        self.db_pool.unwrap_or_else(|| (u32::try_from(processors()).unwrap_or(4) * 2).max(4))
    }

    /// How many threads serve connections.
    pub fn worker_count(&self) -> usize {
        self.workers.map_or_else(processors, usize::from)
    }
}

fn processors() -> usize {
    std::thread::available_parallelism().map_or(2, usize::from)
}

pub(crate) fn parse_zone(name: &str) -> Result<Zone, String> {
    name.parse().map_err(|_| format!("{name} is not an IANA time zone name, such as Asia/Shanghai"))
}

/// A word that is no level would name a part of the program, and silence all the others.
fn parse_log(text: &str) -> Result<String, String> {
    let is_level = |part: &str| !part.is_empty() && part.parse::<LevelFilter>().is_ok();
    match text.split(',').map(str::trim).all(|part| part.contains('=') || is_level(part)) {
        true => Ok(text.to_owned()),
        false => Err(format!("{text} is not a log level, such as info")),
    }
}

fn parse_network(text: &str) -> Result<IpNet, String> {
    let text = text.trim();
    text.parse::<IpNet>()
        .or_else(|_| text.parse::<std::net::IpAddr>().map(IpNet::from))
        .map_err(|_| format!("{text} is neither an address nor a network, such as 10.0.0.0/8"))
}

fn parse_origin(text: &str) -> Result<String, String> {
    let text = text.trim().trim_end_matches('/');
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    match rest {
        Some(host) if !host.is_empty() && !host.contains(['/', '*', ' ']) => Ok(text.to_ascii_lowercase()),
        _ => Err(format!("{text} is not an origin, such as https://crm.example.com")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(clap::Parser)]
    struct Program {
        #[command(flatten)]
        settings: Settings,
    }

    const TOKEN: [&str; 2] = ["--crm-wecom-token", "QDG6eK"];
    const KEY: [&str; 2] = ["--crm-wecom-aes-key", "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C"];
    const COMPANY: [&str; 2] = ["--crm-wecom-corp-id", "wx5823bf96d3bd56c7"];

    fn settings(flags: &[[&str; 2]]) -> Settings {
        let flags = ["program"].into_iter().chain(flags.iter().flatten().copied());
        <Program as clap::Parser>::parse_from(flags).settings
    }

    #[test]
    fn the_callback_needs_all_three_settings_or_none() {
        assert!(settings(&[]).wecom().is_ok_and(|crypto| crypto.is_none()));
        let empty = [["--crm-wecom-token", ""], ["--crm-wecom-aes-key", ""], ["--crm-wecom-corp-id", ""]];
        assert!(settings(&empty).wecom().is_ok_and(|crypto| crypto.is_none()));
        assert!(settings(&[TOKEN, KEY, COMPANY]).wecom().is_ok_and(|crypto| crypto.is_some()));
        let wrong = ["--crm-wecom-aes-key", "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2"];
        for (flags, name) in [
            (vec![KEY, COMPANY], "CRM_WECOM_TOKEN"),
            (vec![TOKEN, COMPANY], "CRM_WECOM_AES_KEY"),
            (vec![TOKEN, KEY], "CRM_WECOM_CORP_ID"),
            (vec![TOKEN, wrong, COMPANY], "CRM_WECOM_AES_KEY"),
            (vec![TOKEN, ["--crm-wecom-aes-key", "密钥"], COMPANY], "CRM_WECOM_AES_KEY"),
        ] {
            let told = settings(&flags).wecom().err().map(|error| error.to_string()).unwrap_or_default();
            assert!(told.starts_with(name) && !told.contains("jWmY"), "{told}");
        }
    }

    #[test]
    fn secrets_are_not_shown() {
        let settings = settings(&[TOKEN, KEY, COMPANY]);
        let shown = format!("{settings:?} {:?}", settings.wecom());
        assert!(!shown.contains("QDG6eK") && !shown.contains("jWmY") && !shown.contains("142, 101"), "{shown}");
    }

    #[test]
    fn a_log_level_is_a_level() {
        for good in ["info", "DEBUG", "off", "info,crm_db=debug"] {
            assert!(parse_log(good).is_ok(), "{good}");
        }
        for bad in ["", "verbose", "info,loud", " , "] {
            assert!(parse_log(bad).is_err(), "{bad:?}");
        }
    }
}
