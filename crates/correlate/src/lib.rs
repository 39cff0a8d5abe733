//! Events in, rows of history and links between messages out: a state machine to which time is an argument.
