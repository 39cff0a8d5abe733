//! Whose rows are: accounts by number, and whose a message is where a row alone does not tell it.

use crate::class::Classes;
use hashbrown::HashMap;
use model::ItemKey;

/// Accounts, each with a number.
#[derive(Debug, Default)]
pub(crate) struct Accounts(HashMap<Box<[u8]>, u32, foldhash::fast::RandomState>);

impl Accounts {
    /// The number of an account, by its [`account_key`].
    pub(crate) fn number(&mut self, key: &[u8]) -> u32 {
        let next = self.0.len() as u32;
        match self.0.get(key) {
            Some(&number) => number,
            None => *self.0.entry(key.into()).or_insert(next),
        }
    }

    /// Domain and account of each, by number.
    pub(crate) fn names(&self) -> Vec<[String; 2]> {
        let mut names = vec![[String::new(), String::new()]; self.0.len()];
        for (key, &number) in &self.0 {
            let end = key.iter().position(|&byte| byte == 0).unwrap_or(0);
            let (domain, account) = (&key[..end], &key[(end + 1).min(key.len())..]);
            names[number as usize] =
                [domain, account].map(|it| String::from_utf8_lossy(it).into_owned());
        }
        names
    }

    /// The place of each account among all: domain first, none first of all.
    pub(crate) fn ranks(&self) -> Vec<u32> {
        let accounts = self.0.iter().map(|(key, &number)| (&**key, number));
        let mut accounts: Vec<(&[u8], u32)> = accounts.collect();
        accounts.sort_unstable();
        let mut ranks = vec![0; accounts.len()];
        for (rank, (_, number)) in accounts.into_iter().enumerate() {
            ranks[number as usize] = rank as u32;
        }
        ranks
    }

    /// The number of each account's retention class.
    pub(crate) fn classes(&self, classes: &Classes) -> Vec<usize> {
        let names = self.names();
        let class = names.iter().map(|[domain, _]| classes.number_of(domain));
        class.collect()
    }
}

/// Domain, a zero byte, account: sorts as the archive does.
pub(crate) fn account_key(account: &[u8]) -> Vec<u8> {
    let domain = match account.iter().rposition(|&byte| byte == b'@') {
        Some(at) => &account[at + 1..],
        None => b"",
    };
    [domain, b"\0", account].concat()
}

/// Rows that tell whose a message is, and rows of messages whose account is only a guess.
#[derive(Debug, Default)]
pub(crate) struct Claims {
    /// Of each message the first row that tells it.
    pub(crate) owners: HashMap<ItemKey, u32, foldhash::fast::RandomState>,
    /// Rows that do not tell it.
    pub(crate) guessed: Vec<(u32, ItemKey)>,
}

impl Claims {
    /// A row is of a message.
    pub(crate) fn claim(&mut self, item: ItemKey, row: u32, is_sure: bool) {
        match is_sure {
            true => {
                self.owners.entry(item).or_insert(row);
            }
            false => self.guessed.push((row, item)),
        }
    }

    /// Takes those of rows that come behind so many others.
    pub(crate) fn extend(&mut self, others: &Claims, behind: u32) {
        for (&item, row) in &others.owners {
            self.owners.entry(item).or_insert(behind + row);
        }
        let guessed = others.guessed.iter();
        self.guessed
            .extend(guessed.map(|&(row, item)| (behind + row, item)));
    }

    /// These shared out to several others, by where each row is now.
    pub(crate) fn shared_out(self, to: &mut [Claims], now: impl Fn(u32) -> (usize, u32)) {
        for (item, row) in self.owners {
            let (which, row) = now(row);
            to[which].claim(item, row, true);
        }
        for (row, item) in self.guessed {
            let (which, row) = now(row);
            to[which].claim(item, row, false);
        }
    }
}
