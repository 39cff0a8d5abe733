//! Rows in, the summary of a log out: counts, rankings, percentiles, as text, JSON or a page.
