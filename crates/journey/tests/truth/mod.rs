//! Compares journeys with true messages, and explains where they differ.

use journey::{Journey, Outcome, Recipient};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt::Write;
use traffic::{ItemKey, TrueMessage, TrueRecipient};

/// One way in which a journey is not what truly happened.
#[derive(Debug)]
pub(crate) struct Difference {
    /// In short, to be counted by.
    pub(crate) kind: String,
    /// True value, then ours.
    pub(crate) what: String,
    /// Queue ids of the message, to find its lines by, with the time of the first.
    pub(crate) ids: Vec<String>,
}

/// Host, instance and queue id.
type Name = (String, String, String);

/// All journeys by their items; an id may be there several times.
struct Known<'j> {
    journeys: &'j [Journey],
    by_item: HashMap<Name, Vec<(i64, usize)>>,
}

/// Compares all; an empty list means that they agree.
pub(crate) fn compare(journeys: &[Journey], truth: &[TrueMessage]) -> Vec<Difference> {
    let known = Known::new(journeys);
    let mut differences = Vec::new();
    let mut told = vec![false; journeys.len()];
    for message in truth {
        known.check(message, &mut told, &mut differences);
    }
    for (journey, _) in journeys.iter().zip(told).filter(|it| !it.1) {
        differences.push(Difference {
            kind: "journey without message".into(),
            what: format!("{:?}", names(journey)),
            ids: journey
                .hops
                .iter()
                .map(|it| it.queue_id.to_string())
                .collect(),
        });
    }
    differences
}

/// The differences by kind, then the first ones with their lines.
pub(crate) fn explain(differences: &[Difference], lines: &[String]) -> String {
    let most = std::env::var("DIFFERENCES").map_or(1, |it| it.parse().unwrap_or(1));
    let mut by_kind: BTreeMap<&str, Vec<&Difference>> = BTreeMap::new();
    for it in differences {
        by_kind.entry(&it.kind).or_default().push(it);
    }
    let mut out = format!("{} differences\n", differences.len());
    for (kind, all) in &by_kind {
        let _ = writeln!(out, "{:6}  {kind}", all.len());
    }
    for (kind, all) in &by_kind {
        for it in all.iter().take(most) {
            let _ = writeln!(out, "\n== {kind}\n   {}", it.what);
            let named = |line: &&String| it.ids.iter().any(|id| line.contains(id.as_str()));
            for line in lines.iter().filter(named).take(40) {
                let _ = writeln!(out, "   {line}");
            }
        }
    }
    out
}

impl<'j> Known<'j> {
    fn new(journeys: &'j [Journey]) -> Self {
        let mut by_item: HashMap<Name, Vec<(i64, usize)>> = HashMap::new();
        for (at, journey) in journeys.iter().enumerate() {
            for hop in &journey.hops {
                let name = (
                    hop.host.to_string(),
                    hop.instance.to_string(),
                    hop.queue_id.to_string(),
                );
                let opened = hop.opened.as_nanos() / 1000;
                by_item.entry(name).or_default().push((opened, at));
            }
        }
        Known { journeys, by_item }
    }

    /// The journey with an item of that name that began nearest to a time.
    fn find(&self, name: Name, first_seen_us: i64) -> Option<usize> {
        let all = self.by_item.get(&name)?;
        let nearest = all.iter().min_by_key(|it| it.0.abs_diff(first_seen_us))?;
        Some(nearest.1)
    }

    fn check(&self, message: &TrueMessage, told: &mut [bool], out: &mut Vec<Difference>) {
        let ids: Vec<String> = message.items.iter().map(|it| it.queue_id.clone()).collect();
        let mut differ = |kind: String, what: String| {
            let ids = ids.clone();
            out.push(Difference { kind, what, ids });
        };
        let found: BTreeSet<Option<usize>> = message
            .items
            .iter()
            .map(|it| {
                let name = (it.host.into(), it.instance.into(), it.queue_id.clone());
                self.find(name, it.first_seen_us)
            })
            .collect();
        for &at in found.iter().flatten() {
            told[at] = true;
        }
        if found.contains(&None) {
            return differ("item missing".into(), format!("{:?}", message.items));
        }
        if found.len() != 1 {
            let parts: Vec<_> = found
                .iter()
                .flatten()
                .map(|&at| names(&self.journeys[at]))
                .collect();
            return differ("message in pieces".into(), format!("{parts:?}"));
        }
        let Some(Some(at)) = found.first() else {
            return;
        };
        Pair {
            journey: &self.journeys[*at],
            message,
        }
        .check(&mut differ);
    }
}

fn names(journey: &Journey) -> Vec<String> {
    let hops = journey.hops.iter();
    hops.map(|it| format!("{}/{}/{}", it.host, it.instance, it.queue_id))
        .collect()
}

/// A journey and the message that it should be.
struct Pair<'a> {
    journey: &'a Journey,
    message: &'a TrueMessage,
}

impl Pair<'_> {
    fn check(&self, differ: &mut dyn FnMut(String, String)) {
        let (ours, truly) = (self.journey, self.message);
        let mut true_names: Vec<String> = truly
            .items
            .iter()
            .map(|it| format!("{}/{}/{}", it.host, it.instance, it.queue_id))
            .collect();
        let mut our_names = names(ours);
        true_names.sort();
        our_names.sort();
        let mut same = |what: &str, truly: Option<&str>, ours: Option<String>| {
            if truly.map(str::to_owned) != ours {
                differ(what.into(), format!("truly {truly:?}, ours {ours:?}"));
            }
        };
        same(
            "items",
            Some(&true_names.join(" ")),
            Some(our_names.join(" ")),
        );
        let text = |it: &Option<journey::Text>| it.as_ref().map(|it| it.to_string());
        // cleanup logs `message-id=<>` where there is none.
        let message_id = text(&ours.message_id).filter(|it| it != "<>");
        same("message-id", truly.message_id.as_deref(), message_id);
        let never_told = ours.mail_from.is_none() && self.never_queued();
        if !never_told {
            same("sender", Some(&truly.mail_from), text(&ours.mail_from));
        }
        let client = ours.client.as_ref().and_then(|it| text(&it.address));
        same("client", truly.client_address.as_deref(), client);
        same(
            "sasl",
            truly.sasl_username.as_deref(),
            text(&ours.sasl_username),
        );
        same("subject", truly.subject.as_deref(), text(&ours.subject));
        same(
            "probe",
            Some(&truly.probe.to_string()),
            Some(ours.probe.to_string()),
        );
        let dsns: BTreeSet<String> = truly.dsns.iter().map(name_of).collect();
        same("dsns", Some(&join(&dsns)), Some(join(&self.our_dsns())));
        let cause = ours
            .cause
            .as_ref()
            .map(|it| format!("{}/{}", it.host, it.queue_id));
        same("cause", truly.cause.as_ref().map(name_of).as_deref(), cause);
        if !ours.lines.is_empty() {
            same(
                "lines",
                Some(&truly.lines.to_string()),
                Some(self.own_lines().to_string()),
            );
        }
        if self.never_queued() {
            self.check_unqueued(differ);
        } else {
            self.check_recipients(differ);
        }
    }

    /// The lines that the truth counts: those that begin with one of the queue ids, those of the
    /// filter and of the store, and `proxy-accept`.
    fn own_lines(&self) -> usize {
        let own = |line: &&journey::JourneyLine| {
            let line = String::from_utf8_lossy(&line.raw);
            let has = |words: String| line.contains(&words);
            let mut ids = self.message.items.iter().map(|it| &it.queue_id);
            ids.any(|id| has(format!("]: {id}: ")) || has(format!("]: {id} ")))
                || [" amavis[", " dovecot: lmtp(", "]: proxy-accept: "]
                    .iter()
                    .any(|words| line.contains(words))
        };
        self.journey.lines.iter().filter(own).count()
    }

    fn our_dsns(&self) -> BTreeSet<String> {
        let hop = |it: &journey::Notification| {
            let host = self.journey.hop(it.about).map(|hop| hop.host.to_string());
            let id = it.queue_id.as_ref().map(|it| it.to_string());
            let seen = if it.item.is_some() {
                ""
            } else {
                " (not linked)"
            };
            format!(
                "{}/{}{seen}",
                host.unwrap_or_default(),
                id.unwrap_or_default()
            )
        };
        self.journey.notifications.iter().map(hop).collect()
    }

    /// Whether all the log tells of recipients is what was said in the session.
    fn never_queued(&self) -> bool {
        use traffic::Outcome::{Aborted, Deleted, Discarded, Held, Rejected};
        let one_item = self.message.items.len() == 1;
        let mut all = self.message.recipients.iter();
        // Exim has an id for a message that it does not queue only as long as it refuses it.
        let of_exim = self.message.items[0].instance == "exim";
        one_item
            && all.all(|it| {
                it.enhanced_status.is_none()
                    && (!of_exim || it.outcome == Rejected)
                    && matches!(it.outcome, Aborted | Deleted | Discarded | Held | Rejected)
            })
    }

    /// At most one recipient is named, the last one; the outcome is there even if none is.
    fn check_unqueued(&self, differ: &mut dyn FnMut(String, String)) {
        let Some(truly) = self.message.recipients.last() else {
            return;
        };
        let ours = self.journey.outcome();
        if ours.and_then(true_outcome) != Some(truly.outcome) {
            let what = format!("truly {:?}, ours {ours:?}", truly.outcome);
            differ(
                format!("outcome of unqueued, truly {:?}", truly.outcome),
                what,
            );
        }
        let known = |it: &Recipient| {
            let address = it.rcpt_to.to_string();
            address == truly.rcpt_to || Some(&address) == truly.orig_rcpt_to.as_ref()
        };
        let aborted = truly.outcome == traffic::Outcome::Aborted;
        let ours = &self.journey.recipients;
        // Exim's `rejected after DATA` names no recipient.
        let told = !aborted && truly.item.instance != "exim";
        let right = ours.len() == usize::from(told) && ours.iter().all(known);
        if !right {
            let what = format!("truly {truly:?}, ours {:?}", rcpts(ours));
            differ("recipients of unqueued".into(), what);
        }
    }

    fn check_recipients(&self, differ: &mut dyn FnMut(String, String)) {
        let (ours, truly) = (&self.journey.recipients, &self.message.recipients);
        let mut ours: Vec<&Recipient> = ours.iter().collect();
        let mut truly: Vec<&TrueRecipient> = truly.iter().collect();
        ours.sort_by_key(|it| {
            (
                it.rcpt_to.to_string(),
                it.orig_rcpt_to.as_ref().map(|it| it.to_string()),
            )
        });
        truly.sort_by_key(|it| (&it.rcpt_to, &it.orig_rcpt_to));
        let our_addresses: Vec<String> = ours.iter().map(|it| it.rcpt_to.to_string()).collect();
        let true_addresses: Vec<&str> = truly.iter().map(|it| it.rcpt_to.as_str()).collect();
        if our_addresses != true_addresses {
            return self.check_unnamed(&ours, &truly, differ);
        }
        if !self.journey.unnamed.is_empty() {
            let what = format!("truly {truly:?}, ours {:?}", self.journey.unnamed);
            differ("unnamed recipients".into(), what);
        }
        for (ours, truly) in ours.into_iter().zip(truly) {
            self.check_recipient(ours, truly, differ);
        }
    }

    /// A recipient that was never tried is in no line, but is counted and has the right outcome.
    fn check_unnamed(
        &self,
        ours: &[&Recipient],
        truly: &[&TrueRecipient],
        differ: &mut dyn FnMut(String, String),
    ) {
        let named = |it: &&&TrueRecipient| ours.iter().any(|our| *our.rcpt_to == *it.rcpt_to);
        let missing: Vec<_> = truly.iter().filter(|it| !named(it)).collect();
        let counted: u32 = self.journey.unnamed.iter().map(|it| it.count).sum();
        let right = missing.iter().all(|it| {
            let mut unnamed = self.journey.unnamed.iter();
            it.enhanced_status.is_none()
                && unnamed.any(|our| true_outcome(our.outcome) == Some(it.outcome))
        });
        if !right || ours.len() + counted as usize != truly.len() {
            let ours: Vec<_> = ours.iter().map(|it| rcpt(it)).collect();
            let unnamed = &self.journey.unnamed;
            differ(
                "recipients".into(),
                format!("truly {truly:#?}, ours {ours:?} {unnamed:?}"),
            );
            return;
        }
        for truly in truly.iter().filter(|it| named(it)) {
            if let Some(ours) = ours.iter().find(|it| *it.rcpt_to == *truly.rcpt_to) {
                self.check_recipient(ours, truly, differ);
            }
        }
    }

    fn check_recipient(
        &self,
        ours: &Recipient,
        truly: &TrueRecipient,
        differ: &mut dyn FnMut(String, String),
    ) {
        let mut same = |what: &str, truly: Option<String>, our: Option<String>| {
            if truly != our {
                let whole = rcpt(ours);
                differ(
                    what.into(),
                    format!("truly {truly:?}, ours {our:?}: {whole}"),
                );
            }
        };
        let text = |it: &Option<journey::Text>| it.as_ref().map(|it| it.to_string());
        if true_outcome(ours.outcome) != Some(truly.outcome) {
            let kind = format!("outcome {:?} taken for {:?}", truly.outcome, ours.outcome);
            same(&kind, Some(truly.rcpt_to.clone()), None);
        }
        same(
            "orig_to",
            truly.orig_rcpt_to.clone(),
            text(&ours.orig_rcpt_to),
        );
        let deferrals = ours.deferrals().to_string();
        same(
            "deferrals",
            Some(truly.deferrals.to_string()),
            Some(deferrals),
        );
        let enhanced = ours.attempts.last().and_then(|it| it.enhanced);
        same(
            "dsn=",
            truly.enhanced_status.clone(),
            enhanced.map(|it| it.to_string()),
        );
        same(
            "mailbox",
            truly.mailbox.clone(),
            ours.saved_in().map(|it| it.to_string()),
        );
        let hop = self.journey.hop(ours.item);
        let item = hop.map(|it| format!("{}/{}", it.host, it.queue_id));
        same("item", Some(name_of(&truly.item)), item);
    }
}

fn rcpts(all: &[Recipient]) -> Vec<String> {
    all.iter().map(rcpt).collect()
}

fn rcpt(it: &Recipient) -> String {
    let attempts: Vec<_> = it.attempts.iter().map(|it| it.kind.name()).collect();
    let mailbox: Vec<_> = it.mailbox.iter().map(|it| it.kind.name()).collect();
    format!(
        "{} (from {:?}) {:?} {attempts:?} {mailbox:?}",
        it.rcpt_to, it.orig_rcpt_to, it.outcome
    )
}

fn name_of(key: &ItemKey) -> String {
    format!("{}/{}", key.host, key.queue_id)
}

fn join(all: &BTreeSet<String>) -> String {
    all.iter().map(String::as_str).collect::<Vec<_>>().join(" ")
}

/// The truth counts the answer to a probe as a delivery or bounce.
fn true_outcome(ours: Outcome) -> Option<traffic::Outcome> {
    Some(match ours {
        Outcome::Delivered => traffic::Outcome::Delivered,
        Outcome::Relayed | Outcome::Deliverable => traffic::Outcome::Relayed,
        Outcome::Bounced | Outcome::Undeliverable => traffic::Outcome::Bounced,
        Outcome::Expired => traffic::Outcome::Expired,
        Outcome::Discarded => traffic::Outcome::Discarded,
        Outcome::Deferred => traffic::Outcome::Deferred,
        Outcome::Held => traffic::Outcome::Held,
        Outcome::Deleted => traffic::Outcome::Deleted,
        Outcome::Aborted => traffic::Outcome::Aborted,
        Outcome::Rejected => traffic::Outcome::Rejected,
        Outcome::HandedOver | Outcome::Expanded | Outcome::Quarantined | Outcome::Unknown => {
            return None;
        }
    })
}
