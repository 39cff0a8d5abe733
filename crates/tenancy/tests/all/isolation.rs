//! Nobody ever reaches more, or less, than what is his: whatever is done in whatever order.

use crate::store::{Store, customer, key, user};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use tenancy::{CustomerId, KeyOwner, Right, Role, Secret, UserId};

const DOMAINS: [&str; 4] = ["a.example", "b.example", "sub.a.example", "shared.example"];
const LOCALS: [&str; 2] = ["anna", "berta"];

/// What is done; numbers choose among what is there.
#[derive(Clone, Debug)]
enum Step {
    Add {
        domains: u8,
        accounts: u8,
    },
    Set {
        at: usize,
        domains: u8,
        accounts: u8,
    },
    Disable {
        at: usize,
        disabled: bool,
    },
    Remove {
        at: usize,
    },
    AddUser {
        at: usize,
        mailbox: usize,
        is_admin: bool,
    },
    DisableUser {
        at: usize,
        disabled: bool,
    },
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        3 => (any::<u8>(), any::<u8>()).prop_map(|(domains, accounts)| Step::Add { domains, accounts }),
        3 => (any::<usize>(), any::<u8>(), any::<u8>())
            .prop_map(|(at, domains, accounts)| Step::Set { at, domains, accounts }),
        1 => (any::<usize>(), any::<bool>()).prop_map(|(at, disabled)| Step::Disable { at, disabled }),
        1 => any::<usize>().prop_map(|at| Step::Remove { at }),
        4 => (any::<usize>(), 0..8_usize, any::<bool>())
            .prop_map(|(at, mailbox, is_admin)| Step::AddUser { at, mailbox, is_admin }),
        1 => (any::<usize>(), any::<bool>()).prop_map(|(at, disabled)| Step::DisableUser { at, disabled }),
    ];
    prop::collection::vec(step, 1..25)
}

/// The same, in the simplest words.
#[derive(Default)]
struct Model {
    customers: BTreeMap<CustomerId, House>,
    users: BTreeMap<UserId, Person>,
}

#[derive(Clone, Default)]
struct House {
    domains: BTreeSet<String>,
    accounts: BTreeSet<String>,
    disabled: bool,
}

struct Person {
    customer: CustomerId,
    mailbox: Option<String>,
    disabled: bool,
    key: Secret,
}

impl House {
    fn new(domains: u8, accounts: u8) -> Self {
        let chosen = |bits: u8, all: Vec<String>| {
            let is_chosen = move |&(at, _): &(usize, String)| bits >> at & 1 == 1;
            all.into_iter()
                .enumerate()
                .filter(is_chosen)
                .map(|(_, it)| it)
                .collect()
        };
        Self {
            // Few at a time, so that not all collide.
            domains: chosen(domains & domains >> 4, DOMAINS.map(str::to_owned).to_vec()),
            accounts: chosen(accounts & accounts.rotate_left(3), addresses()),
            disabled: false,
        }
    }

    fn owns(&self, address: &str) -> bool {
        let domain = address.split('@').nth(1).unwrap();
        self.domains.contains(domain) || self.accounts.contains(address)
    }

    fn collides(&self, other: &Self) -> bool {
        let touches = |one: &Self, other: &Self| {
            one.domains.iter().any(|it| other.domains.contains(it))
                || one.accounts.iter().any(|it| other.owns(it))
        };
        touches(self, other) || touches(other, self)
    }
}

fn addresses() -> Vec<String> {
    DOMAINS
        .iter()
        .flat_map(|domain| LOCALS.map(|local| format!("{local}@{domain}")))
        .collect()
}

fn pick<K: Copy, V>(map: &BTreeMap<K, V>, at: usize) -> Option<K> {
    map.keys().nth(at % map.len().max(1)).copied()
}

impl Model {
    fn is_free(&self, house: &House, own: Option<CustomerId>) -> bool {
        let others = self.customers.iter().filter(|&(&id, _)| Some(id) != own);
        others.into_iter().all(|(_, other)| !house.collides(other))
    }

    async fn take(&mut self, store: &Store, step: Step) {
        let (tenancy, console) = (&store.tenancy, store.console());
        match step {
            Step::Add { domains, accounts } => {
                let house = House::new(domains, accounts);
                let name = format!("Customer {}", self.customers.len());
                let new = house.told(&format!("{name} {}", store.next()));
                let added = tenancy.add_customer(&console, &new).await;
                assert_eq!(added.is_ok(), self.is_free(&house, None), "{added:?}");
                if let Ok(id) = added {
                    self.customers.insert(id, house);
                }
            }
            Step::Set {
                at,
                domains,
                accounts,
            } => {
                let Some(id) = pick(&self.customers, at) else {
                    return;
                };
                let disabled = self.customers[&id].disabled;
                let house = House {
                    disabled,
                    ..House::new(domains, accounts)
                };
                let set = tenancy
                    .set_customer(&console, id, &house.told(&format!("Set {}", store.next())))
                    .await;
                assert_eq!(set.is_ok(), self.is_free(&house, Some(id)), "{set:?}");
                if set.is_ok() {
                    self.customers.insert(id, house);
                }
            }
            Step::Disable { at, disabled } => {
                let Some(id) = pick(&self.customers, at) else {
                    return;
                };
                tenancy
                    .set_customer_disabled(&console, id, disabled)
                    .await
                    .unwrap();
                self.customers.get_mut(&id).unwrap().disabled = disabled;
            }
            Step::Remove { at } => {
                let Some(id) = pick(&self.customers, at) else {
                    return;
                };
                tenancy.remove_customer(&console, id).await.unwrap();
                self.customers.remove(&id);
            }
            Step::AddUser {
                at,
                mailbox,
                is_admin,
            } => {
                let Some(customer) = pick(&self.customers, at) else {
                    return;
                };
                let address = addresses().swap_remove(mailbox);
                let role = if is_admin {
                    Role::CustomerAdmin
                } else {
                    Role::MailboxUser
                };
                let mut new = user(&address, role, Some(customer));
                new.login = format!("user{}", store.next());
                let added = tenancy.add_user(&console, &new).await;
                let may = is_admin || self.customers[&customer].owns(&address);
                assert_eq!(added.is_ok(), may, "{added:?}");
                let Ok(id) = added else { return };
                let owner = key("key", KeyOwner::User(id), &[Right::ReadMail]);
                let (_, key) = tenancy.add_key(&console, &owner).await.unwrap();
                let mailbox = (!is_admin).then_some(address);
                self.users.insert(
                    id,
                    Person {
                        customer,
                        mailbox,
                        disabled: false,
                        key,
                    },
                );
            }
            Step::DisableUser { at, disabled } => {
                let Some(id) = pick(&self.users, at) else {
                    return;
                };
                let is_there = self.customers.contains_key(&self.users[&id].customer);
                let done = tenancy.set_user_disabled(&console, id, disabled).await;
                assert_eq!(done.is_ok(), is_there, "{done:?}");
                self.users.get_mut(&id).unwrap().disabled = disabled;
            }
        }
    }

    /// Each user reaches exactly what is his, now.
    async fn check(&self, store: &Store) {
        for person in self.users.values() {
            let house = self.customers.get(&person.customer);
            let is_in = !person.disabled && house.is_some_and(|it| !it.disabled);
            let known = store.tenancy.principal(&person.key, store.now).await;
            assert_eq!(known.is_ok(), is_in);
            let (Ok(principal), Some(house)) = (known, house) else {
                continue;
            };
            for address in addresses() {
                let is_his = house.owns(&address)
                    && person.mailbox.as_ref().is_none_or(|own| *own == address);
                assert_eq!(
                    principal.reach.covers(&address),
                    is_his,
                    "{address} {:?}",
                    principal.reach
                );
            }
        }
    }
}

impl House {
    fn told(&self, name: &str) -> tenancy::NewCustomer {
        tenancy::NewCustomer {
            domains: self.domains.iter().cloned().collect(),
            accounts: self.accounts.iter().cloned().collect(),
            ..customer(name, &[], &[])
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, max_shrink_iters: 200, ..ProptestConfig::default() })]

    #[test]
    fn each_reaches_what_is_his(steps in steps()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let store = Store::sqlite().await;
            let mut model = Model::default();
            for step in steps {
                model.take(&store, step).await;
                model.check(&store).await;
            }
        });
    }
}
