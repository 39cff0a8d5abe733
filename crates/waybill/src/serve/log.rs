//! How what happens is told: on standard error, for people, for programs, or for journald.

use super::config::Log;
use std::fmt;
use std::io::IsTerminal;
use std::os::unix::fs::MetadataExt;
use tracing::level_filters::LevelFilter;
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt::format::{FormatEvent, FormatFields, Writer};
use tracing_subscriber::fmt::{FmtContext, layer};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt;

pub(super) fn begin(how: Log) {
    // What the engines under the archive have to say is for those who mend them.
    let own = [
        "waybill", "intake", "follow", "record", "journal", "api", "hooks", "alerts", "jobs",
    ];
    let own = own.map(|name| (name, LevelFilter::INFO));
    let wanted = Targets::new()
        .with_default(LevelFilter::ERROR)
        .with_targets(own);
    let layer = layer()
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .with_target(false);
    let registry = tracing_subscriber::registry();
    // Fails only where there is one already.
    let _ = match how {
        Log::Json => registry.with(layer.json().with_filter(wanted)).try_init(),
        Log::Text if is_journald() => {
            let layer = layer.event_format(ForJournald);
            registry.with(layer.with_filter(wanted)).try_init()
        }
        Log::Text => registry.with(layer.with_filter(wanted)).try_init(),
    };
}

/// Whether standard error is a stream of journald. Source: systemd.exec(5), `$JOURNAL_STREAM`.
fn is_journald() -> bool {
    let Ok(stream) = std::env::var("JOURNAL_STREAM") else {
        return false;
    };
    let here = std::fs::metadata("/proc/self/fd/2");
    here.is_ok_and(|here| stream == format!("{}:{}", here.dev(), here.ino()))
}

/// Lines as journald likes them: it knows the time, and reads the priority in front (sd-daemon(3)).
struct ForJournald;

impl<S, N> FormatEvent<S, N> for ForJournald
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, N>,
        mut to: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let priority = match *event.metadata().level() {
            Level::ERROR => 3,
            Level::WARN => 4,
            Level::INFO => 6,
            Level::DEBUG | Level::TRACE => 7,
        };
        write!(to, "<{priority}>")?;
        context.format_fields(to.by_ref(), event)?;
        writeln!(to)
    }
}
