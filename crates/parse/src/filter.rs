//! What the lines of filters and policy services have in common: texts known by their shape, queue
//! ids in front, and the lines that libmilter and Net::Server write in their name.

use crate::scan::Scan;
use bstr::BStr;
use memchr::memchr;
use model::{Body, Kind, Notice, Peer};

/// Kinds of notices, each with the shape of its text (see [`has_shape`]).
pub(crate) type Shapes = &'static [(Kind, &'static str)];

/// A notice that keeps a text.
pub(crate) fn notice(kind: Kind, text: &[u8]) -> Notice<'_> {
    Notice {
        kind,
        text: text.into(),
        ..Notice::default()
    }
}

/// A notice whose whole text has one of some shapes.
pub(crate) fn shaped<'a>(at: &mut Scan<'a>, shapes: Shapes) -> Option<Body<'a>> {
    let text = at.peek();
    let &(kind, _) = shapes
        .iter()
        .find(|(_, shape)| may_have(text, shape) && has_shape(text, shape))?;
    Some(Body::Notice(notice(kind, at.remainder())))
}

/// Whether the first byte and the last are a shape's: most shapes are ruled out by that.
#[inline]
fn may_have(text: &[u8], shape: &str) -> bool {
    let fits = |byte: Option<&u8>, step: Option<&u8>| match step {
        Some(b'*' | b'~') => true,
        Some(b'#') => byte.is_some_and(u8::is_ascii_digit),
        step => byte == step,
    };
    let shape = shape.as_bytes();
    fits(text.first(), shape.first()) && fits(text.last(), shape.last())
}

/// Whether a whole text has a shape, as a format string with its places left open: `#` stands for
/// digits, `~` for a word without a space, `*` for any text.
pub(crate) fn has_shape(text: &[u8], shape: &str) -> bool {
    let shape = shape.as_bytes();
    let (mut at, mut step) = (0, 0);
    // Where the text behind the last `*`, and since then behind the last `~`, was looked for, with
    // the step behind it.
    let (mut any, mut word) = (None, None);
    loop {
        let rest = text.get(at..).unwrap_or_default();
        let taken = match shape.get(step) {
            None if rest.is_empty() => return true,
            None => None,
            Some(b'*') if step + 1 == shape.len() => return true,
            Some(b'*') => {
                (any, word) = (Some((at, step + 1)), None);
                Some(0)
            }
            Some(b'~') => {
                word = Some((at + 1, step + 1));
                rest.first().filter(|&&byte| byte != b' ').map(|_| 1)
            }
            Some(b'#') => run(rest, |byte| byte.is_ascii_digit()),
            Some(byte) => (rest.first() == Some(byte)).then_some(1),
        };
        if let Some(len) = taken {
            at += len;
            step += 1;
            continue;
        }
        if let Some((from, behind)) = word
            && text.get(from).is_some_and(|&byte| byte != b' ')
        {
            (at, step) = (from + 1, behind);
            word = Some((at, behind));
            continue;
        }
        let Some((from, behind)) = any else {
            return false;
        };
        let Some(skipped) = to_next(text.get(from + 1..), shape[behind]) else {
            return false;
        };
        (at, step) = (from + 1 + skipped, behind);
        (any, word) = (Some((at, behind)), None);
    }
}

/// How far away the next place is at which a step can begin.
fn to_next(text: Option<&[u8]>, step: u8) -> Option<usize> {
    let text = text?;
    match step {
        b'#' | b'~' => (!text.is_empty()).then_some(0),
        byte => memchr(byte, text),
    }
}

/// Length of the bytes at the start that pass; `None` for none.
fn run(text: &[u8], passes: impl Fn(u8) -> bool) -> Option<usize> {
    let len = text.iter().take_while(|&&byte| passes(byte)).count();
    (len > 0).then_some(len)
}

/// Takes `QID: `: letters and digits with a digit among them (Postfix, Sendmail), capital
/// hexadecimal ones without, also with `-` (Exim); and `NOQUEUE: `.
pub(crate) fn queue_id(at: &mut Scan<'_>) {
    let mut ahead = *at;
    if at.has("NOQUEUE: ") {
        return;
    }
    let id = ahead.while_(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    let is_id = (QUEUE_ID_BYTES_MIN..=QUEUE_ID_BYTES_MAX).contains(&id.len())
        && (id.iter().any(u8::is_ascii_digit) || id.iter().all(|byte| matches!(byte, b'A'..=b'F')));
    if is_id && ahead.has(": ") {
        ahead.queue_id = Some(id);
        *at = ahead;
    }
}

/// Takes `(unknown-jobid): `, which stands for a queue id that the MTA did not tell.
/// Source: OpenDKIM `opendkim/opendkim.h` (`JOBIDUNKNOWN`).
pub(crate) fn without_unknown_id(at: &mut Scan<'_>) {
    at.has("(unknown-jobid): ");
}

/// Postfix' shortest ids: five hexadecimal digits and one of the inode.
const QUEUE_ID_BYTES_MIN: usize = 6;
/// Exim's new ids have 23 bytes.
const QUEUE_ID_BYTES_MAX: usize = 40;

/// A decimal number, `-1.9`; `nan` and `inf` are none.
pub(crate) fn decimal(text: &[u8]) -> Option<f32> {
    let number: f32 = std::str::from_utf8(text).ok()?.parse().ok()?;
    number.is_finite().then_some(number)
}

/// `'text'` or `"text"` without the quotes.
pub(crate) fn unquoted(text: &BStr) -> &BStr {
    match &**text {
        [b'\'', inner @ .., b'\''] | [b'"', inner @ .., b'"'] => inner.into(),
        _ => text,
    }
}

/// The text without blanks at its end, which Perl's programs leave there for a line end.
pub(crate) fn trimmed(text: &[u8]) -> &[u8] {
    text.trim_ascii_end()
}

/// A peer of which only the address is known.
pub(crate) fn address(address: &BStr) -> Peer<'_> {
    Peer {
        address,
        ..Peer::default()
    }
}

/// Takes `NAME [ADDRESS]` or `NAME[ADDRESS]`.
pub(crate) fn name_and_address<'a>(at: &mut Scan<'a>) -> Option<Peer<'a>> {
    let name = at.while_(|byte| !matches!(byte, b' ' | b'['));
    at.has(" ");
    at.lit("[")?;
    let address = at.until(b']')?;
    Some(Peer {
        name,
        address,
        port: None,
    })
}

/// Lines of the library that Milters are made with, `NAME: TEXT`.
/// Source: sendmail `libmilter/listener.c`, `libmilter/engine.c`, `libmilter/comm.c`.
pub(crate) fn libmilter<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    const SHAPES: Shapes = &[
        (Kind::ServiceInfo, "Opening listen socket on conn *"),
        (Kind::ServiceError, "Unable to create new socket: *"),
        (Kind::ServiceError, "Unable to bind to port *"),
        (Kind::ServiceError, "Unable to setup listening socket *"),
        (
            Kind::ServiceError,
            "Unable to create listening socket on conn *",
        ),
        (Kind::ServiceError, "unable to lock descriptor *"),
        (Kind::ServiceStopped, "mi_stop=1"),
        (Kind::ServiceWarning, "mi_rd_cmd: *"),
        (Kind::ServiceWarning, "mi_wr_cmd: *"),
        (Kind::ServiceWarning, "mi_*: *select*"),
        (Kind::ServiceWarning, "timeout before data *"),
        (Kind::ServiceWarning, "read returned -1: *"),
        (Kind::ServiceWarning, "write(~) returned *"),
        (Kind::ServiceWarning, "st_optionneg[~] *"),
        (Kind::ServiceWarning, "accept() returned invalid socket *"),
        (Kind::ServiceError, "thread_create() failed: *"),
        (Kind::ServiceError, "malloc(ctx) failed*"),
    ];
    let text = at.peek();
    at.until_str(": ")?;
    let Body::Notice(told) = shaped(at, SHAPES)? else {
        return None;
    };
    Some(Body::Notice(notice(told.kind, text)))
}

/// Lines of the Perl server that many of them run on. Source: Net::Server `lib/Net/Server.pm`,
/// `lib/Net/Server/*.pm`.
pub(crate) fn net_server<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    const SHAPES: Shapes = &[
        (
            Kind::ServiceStarted,
            "#/#/#-#:#:# * (type ~) starting! pid(#)",
        ),
        (Kind::ServiceStopped, "#/#/#-#:#:# Server closing!"),
        (Kind::ServiceStopped, "Server closing!"),
        (Kind::ServiceReloaded, "#/#/#-#:#:# * HUPing*"),
        (Kind::ServiceInfo, "#/#/#-#:#:# CONNECT ~ Peer: * Local: *"),
        (Kind::ServiceError, "#/#/#-#:#:# *Couldn't *"),
        (Kind::ServiceInfo, "Binding to ~ port # on host ~*"),
        (Kind::ServiceInfo, "Binding to ~ socket *"),
        (Kind::ServiceInfo, "Binding open file descriptor *"),
        (Kind::ServiceInfo, "Resolved [*"),
        (Kind::ServiceInfo, "Setting gid to \"*\""),
        (Kind::ServiceInfo, "Setting uid to \"*\""),
        (Kind::ServiceInfo, "Setting up serialization via *"),
        (
            Kind::ServiceInfo,
            "Group Not Defined.  Defaulting to EGID *",
        ),
        (Kind::ServiceInfo, "User Not Defined.  Defaulting to EUID *"),
        (Kind::ServiceInfo, "Process Backgrounded"),
        (Kind::ServiceInfo, "Beginning ~ processes"),
        (Kind::ServiceInfo, "Beginning prefork (# processes)"),
        (Kind::ServiceInfo, "Starting \"#\" children"),
        (Kind::ServiceInfo, "Child Preforked (#)"),
        (Kind::ServiceInfo, "Parent ready for children."),
        (Kind::ServiceInfo, "Killing \"#\" children"),
        (Kind::ServiceInfo, "Killing a single done child (#)"),
        (Kind::ServiceInfo, "Sending children hup signal"),
        (Kind::ServiceInfo, "Child leaving (#)"),
        (Kind::ServiceWarning, "Received SIG*"),
        (Kind::ServiceWarning, "Pid_file *"),
        (Kind::ServiceError, "Pid_file already exists *"),
    ];
    shaped(at, SHAPES)
}

/// Severity, kind and fields of a line, for the families' tests.
#[cfg(test)]
pub(crate) fn described(line: &str) -> String {
    use model::Value;
    let event = crate::line(line.as_bytes());
    let mut seen = format!("{} {}", event.severity.name(), event.kind().name());
    if let Some(id) = event.queue_id {
        seen += &format!(" queue_id={id}");
    }
    event.each_field(&mut |name, value| {
        seen += &match value {
            Value::Text(text) => format!(" {name}={text}"),
            Value::Word(word) => format!(" {name}={word}"),
            Value::Number(number) => format!(" {name}={number}"),
            Value::Signed(number) => format!(" {name}={number}"),
            Value::Float(number) => format!(" {name}={number}"),
            Value::Flag(flag) => format!(" {name}={flag}"),
            Value::Shown(shown) => format!(" {name}={shown}"),
        };
    });
    seen
}

#[cfg(test)]
mod tests {
    use super::has_shape;

    #[test]
    fn shapes_are_those_of_whole_texts() {
        assert!(has_shape(b"server pid: 7", "server pid: #"));
        assert!(!has_shape(b"server pid: 7 ", "server pid: #"));
        assert!(!has_shape(b"server pid: ", "server pid: #"));
        assert!(has_shape(b"a b c d", "a ~ ~ d"));
        assert!(has_shape(b"x (a) (b)", "x *)"));
        assert!(has_shape(b"x (a)y) (b)", "x (*) (b)"));
        assert!(!has_shape(b"x (a)y (b)", "x (*) (b)"));
        assert!(has_shape(b"x at a at b line 7.", "* at ~ line #."));
        assert!(has_shape(b"https://a.test/: read", "~: read"));
        assert!(!has_shape(b"a b: read", "~: read"));
        assert!(!has_shape(b"x (a)y (c)", "x (*) (b)"));
        assert!(has_shape(b"x aab 12", "x *ab #"));
        assert!(has_shape(b"x", "x*"));
        assert!(!has_shape(b"", "x*"));
        assert!(has_shape(b"port 10 at 12", "*#"));
        assert!(!has_shape(b"port", "*#"));
    }
}
