//! Several statements in one text.

use super::places::offset;
use super::wrong::{What, Wrong};
use datafusion::sql::sqlparser::dialect::PostgreSqlDialect;
use datafusion::sql::sqlparser::parser::ParserError;
use datafusion::sql::sqlparser::tokenizer::{Location, Token, Tokenizer};

/// The statements of a text, without the `;` between them; none is empty or a comment alone.
pub fn split(text: &str) -> Result<Vec<&str>, Wrong> {
    let tokens = Tokenizer::new(&PostgreSqlDialect {}, text).tokenize_with_location();
    let tokens = tokens.map_err(|error| Wrong::syntax(&ParserError::from(error), text))?;
    let (mut statements, mut begins) = (Vec::new(), None);
    for token in tokens {
        match token.token {
            Token::Whitespace(_) | Token::EOF => {}
            Token::SemiColon => {
                let end = byte(text, token.span.start);
                statements.extend(begins.take().map(|begin| (begin, end)));
            }
            _ => {
                begins.get_or_insert_with(|| byte(text, token.span.start));
            }
        }
    }
    statements.extend(begins.map(|begin| (begin, text.len())));
    let statement = |(begin, end): (usize, usize)| text.get(begin..end);
    let statements: Option<Vec<&str>> = statements.into_iter().map(statement).collect();
    statements.ok_or_else(|| Wrong::new(What::Syntax, "the text cannot be taken apart"))
}

fn byte(text: &str, at: Location) -> usize {
    let chars = offset(text, (at.line, at.column)).unwrap_or(usize::MAX);
    text.char_indices().nth(chars).map_or(text.len(), |it| it.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_end_at_semicolons_that_are_no_text() {
        let text = "select ';' ; -- no; end\n select \"ä;\", $$;$$;; /* ; */";
        let both = ["select ';' ", "select \"ä;\", $$;$$"];
        assert_eq!(split(text).expect("it can be split"), both);
        assert!(split(" -- nothing").expect("it can be split").is_empty());
    }

    #[test]
    fn a_text_that_does_not_end_is_told_with_its_place() {
        let wrong = split("select 1,\n 'abc").expect_err("it does not end");
        assert_eq!((wrong.what, wrong.at), (What::Syntax, Some(11)));
    }
}
