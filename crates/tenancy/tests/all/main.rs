//! What the crate does, asked as its users ask, on each database that is at hand.
//!
//! A story is a function that takes an empty [`Store`]. With SQLite each is a test; with PostgreSQL all are one, so that
//! a server is started once.

#![expect(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

mod postgres;
mod store;

mod alerts;
mod audit;
mod customers;
mod first_run;
mod isolation;
mod jobs;
mod keys;
mod passwords;
mod scale;
mod schedules;
mod searches;
mod second_factor;
mod sessions;
mod users;
mod webhooks;

use store::Store;

macro_rules! stories {
    ($($file:ident: $($story:ident)*;)*) => {
        mod sqlite {
            $(mod $file {
                $(#[tokio::test]
                async fn $story() {
                    crate::$file::$story(crate::Store::sqlite().await).await;
                })*
            })*
        }

        #[tokio::test]
        async fn postgresql_tells_the_same_stories() {
            let server = match postgres::Server::start() {
                Ok(server) => server,
                Err(why) => return eprintln!("skipped: PostgreSQL ({why})"),
            };
            $($(
                eprintln!("{}: {}", stringify!($file), stringify!($story));
                let url = server.schema(concat!(stringify!($file), "_", stringify!($story)));
                $file::$story(Store::postgres(&url).await).await;
            )*)*
        }
    };
}

stories! {
    first_run: the_first_user_is_made_with_a_token_once;
    customers:
        a_domain_has_one_owner
        an_address_is_its_domains
        lists_are_made_as_told
        pages_go_on_where_the_last_ended
        retention_knows_the_class_of_each_domain
        who_is_removed_takes_his_users_with_him;
    users:
        an_administrator_sees_his_customer_alone
        nobody_makes_users_above_himself
        a_user_of_another_customer_is_not_found
        the_last_owner_stays
        each_role_has_what_it_needs
        who_changes_customer_takes_no_shared_search_along;
    keys:
        a_key_may_what_it_was_given
        a_key_cannot_give_more_than_it_has
        a_key_ends
        a_change_elsewhere_is_seen_within_seconds;
    sessions:
        a_session_ends_by_itself
        a_session_is_ended
        guessing_is_slowed_down
        a_provider_answers_for_who_logs_in
        who_is_shut_out_is_told_nothing;
    passwords:
        a_link_sets_a_password_once
        a_password_is_changed_by_who_knows_it;
    second_factor:
        a_code_is_wanted_and_good_once
        recovery_codes_are_good_once
        it_is_removed_by_its_owner_or_who_manages_him;
    searches:
        a_search_is_its_owners
        a_search_is_shared_with_the_customer;
    webhooks:
        a_webhook_is_its_customers
        who_sends_notes_how_far_a_receiver_is;
    jobs:
        a_job_is_its_owners
        a_file_is_not_for_who_may_see_less_than_it_has
        who_writes_notes_how_far_a_job_is
        everybody_has_a_turn;
    alerts:
        an_alert_is_its_customers
        what_was_found_is_kept_with_what_is_to_be_told;
    schedules:
        a_schedule_is_its_customers
        a_report_is_begun_once_and_its_mails_are_noted;
    audit:
        each_change_is_told
        the_log_cannot_be_changed
        pages_are_the_newest_first
        what_is_changed_by_force_is_found
        many_at_once_make_one_chain;
    scale: who_asks_is_known_at_once;
}
