//! Figures as a table for `benches/RESULTS.md`.

use std::fmt;

/// Rows of figures.
#[derive(Default)]
pub(crate) struct Table {
    rows: Vec<[String; 5]>,
}

impl Table {
    /// A figure that has no peer.
    pub(crate) fn add_alone(&mut self, what: &str, waybill: &str, target: &str) {
        self.add(what, waybill, "", "", target);
    }

    /// A figure beside its peer's.
    pub(crate) fn add(
        &mut self,
        what: &str,
        waybill: &str,
        peer: &str,
        compared: &str,
        target: &str,
    ) {
        self.rows
            .push([what, waybill, peer, compared, target].map(str::to_owned));
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "| what | Waybill | peer | compared | target |")?;
        writeln!(f, "|---|---|---|---|---|")?;
        for row in &self.rows {
            writeln!(f, "| {} |", row.join(" | "))?;
        }
        Ok(())
    }
}
