//! Statements that clients send by themselves and that read nothing.

use crate::refusal::Refusal;

/// What such a statement wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Command {
    /// Nothing that we would not do anyway; with what is told when it is done.
    Done(&'static str),
    /// The value of a setting.
    Show(String),
    /// A transaction begins.
    Begin,
    /// It ends well.
    Commit,
    /// It ends.
    Rollback,
    /// It goes back to a savepoint, and on.
    RollbackTo,
    /// A prepared statement is to be forgotten; `None`: all.
    Deallocate(Option<String>),
}

/// Words with which statements begin that change something.
const WRITES: &[&str] = &[
    "alter", "analyze", "call", "cluster", "comment", "create", "delete", "do", "drop", "grant",
    "import", "insert", "lock", "merge", "notify", "reassign", "refresh", "reindex", "revoke",
    "security", "truncate", "update", "vacuum",
];

/// The same for what reads in ways that are not had.
const NOT_HAD: &[&str] = &["copy", "declare", "execute", "fetch", "move", "prepare"];

impl Command {
    /// What a statement wants; `None` where it is a question.
    pub(crate) fn of(statement: &str) -> Result<Option<Self>, Refusal> {
        let split = |it: char| !(it.is_alphanumeric() || matches!(it, '_' | '.' | '"'));
        let mut words = statement.split(split).filter(|it| !it.is_empty());
        let mut next = || words.next().unwrap_or_default().to_lowercase();
        let first = next();
        let has = |word: &str| {
            let mut words = statement.split(split);
            words.any(|it| it.eq_ignore_ascii_case(word))
        };
        Ok(Some(match first.as_str() {
            "set" => Command::Done("SET"),
            "reset" => Command::Done("RESET"),
            "listen" => Command::Done("LISTEN"),
            "unlisten" => Command::Done("UNLISTEN"),
            "savepoint" => Command::Done("SAVEPOINT"),
            "release" => Command::Done("RELEASE"),
            "checkpoint" => Command::Done("CHECKPOINT"),
            "close" => Command::Done("CLOSE CURSOR"),
            "discard" => Command::Deallocate(None),
            "show" => Command::Show(match (next().as_str(), next().as_str()) {
                ("transaction", "isolation") => "transaction_isolation".to_owned(),
                ("time", "zone") => "timezone".to_owned(),
                ("session", _) => "current_user".to_owned(),
                (name, _) => name.to_owned(),
            }),
            "begin" | "start" => Command::Begin,
            "commit" | "end" => Command::Commit,
            "rollback" if has("to") => Command::RollbackTo,
            "rollback" | "abort" => Command::Rollback,
            "deallocate" => {
                let name = match next() {
                    name if name == "prepare" => next(),
                    name => name,
                };
                let is_all = matches!(name.as_str(), "all" | "");
                Command::Deallocate(Some(name).filter(|_| !is_all))
            }
            verb if WRITES.contains(&verb) => {
                let verb = verb.to_uppercase();
                let text = format!("cannot execute {verb} in a read-only transaction");
                return Err(Refusal::new("25006", text).hint("only `select` is had here"));
            }
            verb if NOT_HAD.contains(&verb) => {
                let text = format!("{} is not had here", verb.to_uppercase());
                return Err(Refusal::new("0A000", text).hint("use `select`"));
            }
            _ => return Ok(None),
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_clients_send_by_themselves_is_known() {
        let of = |text: &str| Command::of(text).expect("it is had");
        assert_eq!(of("SET extra_float_digits = 3"), Some(Command::Done("SET")));
        assert_eq!(of("BEGIN READ ONLY"), Some(Command::Begin));
        assert_eq!(of("rollback to savepoint a"), Some(Command::RollbackTo));
        assert_eq!(of("ROLLBACK"), Some(Command::Rollback));
        let isolation = Command::Show("transaction_isolation".to_owned());
        assert_eq!(of("SHOW TRANSACTION ISOLATION LEVEL"), Some(isolation));
        assert_eq!(
            of("show server_version"),
            Some(Command::Show("server_version".to_owned()))
        );
        assert_eq!(of("DEALLOCATE ALL"), Some(Command::Deallocate(None)));
        let name = Command::Deallocate(Some("s_1".to_owned()));
        assert_eq!(of("deallocate prepare s_1"), Some(name));
        assert_eq!(of("select 1"), None);
        assert_eq!(of("with a as (select 1) select * from a"), None);
    }

    #[test]
    fn what_would_write_is_refused() {
        let code = |text: &str| Command::of(text).expect_err("it is refused").code;
        assert_eq!(code("delete from events"), "25006");
        assert_eq!(code("CREATE TABLE a (b int)"), "25006");
        assert_eq!(code("copy events to stdout"), "0A000");
    }
}
