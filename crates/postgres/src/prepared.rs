//! Statements and portals that a connection keeps.

use crate::answers::Answer;
use crate::command::Command;
use crate::limits::KEPT_MAX;
use crate::parameters::Given;
use crate::refusal::Refusal;
use crate::values::Form;
use desk::QUERY_BYTES_MAX;
use query::{Named, Question, Shape};
use std::collections::HashMap;
use std::sync::Arc;

/// A statement that was understood.
pub(crate) struct Prepared {
    /// As it was written.
    pub(crate) text: String,
    pub(crate) wants: Wants,
    /// Numbers of types of parameters as the client told them; 0 where it did not.
    oids: Vec<u32>,
}

/// What a statement wants.
pub(crate) enum Wants {
    /// Nothing: it is empty.
    Nothing,
    Command(Command),
    Question(Question),
}

impl Prepared {
    pub(crate) async fn new(
        text: &str,
        oids: Vec<u32>,
        named: &Named,
    ) -> Result<Arc<Self>, Refusal> {
        if text.len() > QUERY_BYTES_MAX {
            let text = format!("the question is longer than {QUERY_BYTES_MAX} bytes");
            return Err(Refusal::new("54000", text));
        }
        let wants = match query::split(text)?.as_slice() {
            [] => Wants::Nothing,
            [statement] => match Command::of(statement)? {
                Some(command) => Wants::Command(command),
                None => {
                    let before = text.len() - text.trim_start().len();
                    let chars = text[..before].chars().count();
                    let question = Question::new(text.trim_start(), named).await;
                    Wants::Question(question.map_err(|wrong| Refusal::from(wrong).behind(chars))?)
                }
            },
            _ => {
                let text = "a prepared statement is one statement";
                return Err(Refusal::new("42601", text));
            }
        };
        let text = text.to_owned();
        Ok(Arc::new(Prepared { text, wants, oids }))
    }

    /// Numbers of types of its parameters.
    pub(crate) fn oids(&self) -> Vec<u32> {
        let wanted = match &self.wants {
            Wants::Question(question) => question.parameters(),
            _ => &[],
        };
        let count = wanted.len().max(self.oids.len());
        let oid = |at: usize| {
            let told = self.oids.get(at).copied().filter(|oid| *oid != 0);
            told.unwrap_or_else(|| wanted.get(at).unwrap_or(&Shape::Text).oid())
        };
        (0..count).map(oid).collect()
    }

    /// Columns of its answer; `None` where it has none.
    pub(crate) fn columns(&self) -> Option<Vec<(String, Shape)>> {
        match &self.wants {
            Wants::Question(question) => Some(question.columns().to_vec()),
            Wants::Command(Command::Show(name)) => Some(vec![(name.clone(), Shape::Text)]),
            _ => None,
        }
    }
}

/// A statement with values for its parameters.
pub(crate) struct Portal {
    pub(crate) prepared: Arc<Prepared>,
    pub(crate) given: Given,
    /// In which forms the columns of the answer are wanted.
    pub(crate) forms: Vec<Form>,
    /// What of it is not sent yet.
    pub(crate) answer: Option<Answer>,
}

/// Names are empty where the client gave none.
#[derive(Default)]
pub(crate) struct Kept {
    pub(crate) statements: HashMap<String, Arc<Prepared>>,
    pub(crate) portals: HashMap<String, Portal>,
}

impl Kept {
    pub(crate) fn keep(&mut self, name: String, prepared: Arc<Prepared>) -> Result<(), Refusal> {
        if !name.is_empty() && self.statements.contains_key(&name) {
            let text = format!("there is a prepared statement `{name}`");
            return Err(Refusal::new("42P05", text));
        }
        room(self.statements.len())?;
        self.statements.insert(name, prepared);
        Ok(())
    }

    pub(crate) fn statement(&self, name: &str) -> Result<&Arc<Prepared>, Refusal> {
        let absent = || format!("there is no prepared statement `{name}`");
        let found = self.statements.get(name);
        found.ok_or_else(|| Refusal::new("26000", absent()))
    }

    pub(crate) fn open(&mut self, name: String, portal: Portal) -> Result<(), Refusal> {
        if !name.is_empty() && self.portals.contains_key(&name) {
            let text = format!("there is a cursor `{name}`");
            return Err(Refusal::new("42P03", text));
        }
        room(self.portals.len())?;
        self.portals.insert(name, portal);
        Ok(())
    }

    pub(crate) fn portal(&self, name: &str) -> Result<&Portal, Refusal> {
        let absent = || format!("there is no cursor `{name}`");
        let found = self.portals.get(name);
        found.ok_or_else(|| Refusal::new("34000", absent()))
    }
}

fn room(kept: usize) -> Result<(), Refusal> {
    match kept < KEPT_MAX {
        true => Ok(()),
        false => Err(
            Refusal::new("54000", format!("more than {KEPT_MAX} are kept"))
                .hint("`deallocate all`"),
        ),
    }
}
