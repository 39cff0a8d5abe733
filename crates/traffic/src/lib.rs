//! A generated mail infrastructure's day as log lines, with the true journey of each message beside it.
