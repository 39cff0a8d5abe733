//! How deep a question in SQL may be.

use datafusion::error::DataFusionError;
use datafusion::sql::sqlparser::dialect::PostgreSqlDialect;
use datafusion::sql::sqlparser::keywords::Keyword;
use datafusion::sql::sqlparser::tokenizer::{Token, Tokenizer};

/// Operators, words and brackets of a question: the engine goes down a step of its stack for each, and
/// a stack that ends takes the daemon with it, whose threads have 16 MB for that.
const STEPS_MAX: usize = 500;

/// A `case` in another: where one is not closed, the parser tries each of them in two ways.
const CASES_MAX: usize = 8;

/// Errs where a question may be deeper than the engine can go. Values, names and the commas between them
/// do not count.
pub(crate) fn look(text: &str) -> Result<(), DataFusionError> {
    let Ok(tokens) = Tokenizer::new(&PostgreSqlDialect {}, text).tokenize() else {
        // Who reads it says what is wrong.
        return Ok(());
    };
    let is_step = |token: &&Token| match token {
        Token::Word(word) => word.keyword != Keyword::NoKeyword,
        Token::Whitespace(_) | Token::Comma | Token::Period | Token::EOF => false,
        Token::Number(..) | Token::SingleQuotedString(_) | Token::Placeholder(_) => false,
        _ => true,
    };
    let (mut cases, mut deepest) = (0_usize, 0);
    for token in &tokens {
        match token {
            Token::Word(word) if word.keyword == Keyword::CASE => cases += 1,
            Token::Word(word) if word.keyword == Keyword::END => cases = cases.saturating_sub(1),
            _ => {}
        }
        deepest = deepest.max(cases);
    }
    if deepest > CASES_MAX {
        let text = format!("more than {CASES_MAX} `case` stand in each other");
        return Err(DataFusionError::Plan(text));
    }
    match tokens.iter().filter(is_step).count() {
        ..=STEPS_MAX => Ok(()),
        steps => Err(DataFusionError::Plan(format!(
            "the question has {steps} operators, words and brackets, {STEPS_MAX} are allowed"
        ))),
    }
}
