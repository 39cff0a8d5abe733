//! `/api/v1`: what can be asked and done, one file for each kind of thing.

mod account;
mod alerts;
mod audit;
mod coverage;
mod customers;
mod fields;
mod figures;
mod jobs;
mod keys;
mod me;
mod openid;
mod operation;
mod queue;
pub(crate) mod rows;
mod schedules;
mod searches;
mod second_factor;
mod session;
mod sql;
mod sums;
mod trace;
mod users;
mod webhooks;

use crate::Api;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(crate) fn router() -> OpenApiRouter<Api> {
    let questions = OpenApiRouter::new()
        .routes(routes!(rows::rows))
        .routes(routes!(rows::row))
        .routes(routes!(sums::facets))
        .routes(routes!(sums::histogram))
        .routes(routes!(trace::trace))
        .routes(routes!(account::account))
        .routes(routes!(queue::queue))
        .routes(routes!(coverage::coverage))
        .routes(routes!(operation::sources))
        .routes(routes!(operation::status))
        .routes(routes!(operation::retention))
        .routes(routes!(jobs::jobs, jobs::add_job))
        .routes(routes!(jobs::job, jobs::remove_job))
        .routes(routes!(jobs::job_file))
        .routes(routes!(sql::sql))
        .routes(routes!(figures::traffic))
        .routes(routes!(figures::figures))
        .routes(routes!(fields::fields))
        .routes(routes!(crate::tail::tail));
    let session = OpenApiRouter::new()
        .routes(routes!(me::me))
        .routes(routes!(session::login, session::logout))
        .routes(routes!(openid::login_elsewhere))
        .routes(routes!(openid::come_back))
        .routes(routes!(session::is_set_up, session::setup))
        .routes(routes!(me::change_password))
        .routes(routes!(me::set_preferences))
        .routes(routes!(me::sessions, me::end_sessions))
        .routes(routes!(me::end_session))
        .routes(routes!(second_factor::enrol, second_factor::confirm))
        .routes(routes!(second_factor::remove_own))
        .routes(routes!(session::use_reset_link));
    let administration = OpenApiRouter::new()
        .routes(routes!(customers::customers, customers::add_customer))
        .routes(routes!(
            customers::customer,
            customers::set_customer,
            customers::remove_customer
        ))
        .routes(routes!(customers::accounts))
        .routes(routes!(customers::set_customer_disabled))
        .routes(routes!(users::users, users::add_user))
        .routes(routes!(users::user, users::set_user, users::remove_user))
        .routes(routes!(users::set_user_disabled))
        .routes(routes!(users::link))
        .routes(routes!(second_factor::remove))
        .routes(routes!(keys::keys, keys::add_key))
        .routes(routes!(keys::revoke_key))
        .routes(routes!(webhooks::webhooks, webhooks::add_webhook))
        .routes(routes!(webhooks::set_webhook, webhooks::remove_webhook))
        .routes(routes!(webhooks::replay_webhook))
        .routes(routes!(webhooks::dead_events))
        .routes(routes!(webhooks::replay_dead_events))
        .routes(routes!(alerts::alerts, alerts::add_alert))
        .routes(routes!(
            alerts::alert,
            alerts::set_alert,
            alerts::remove_alert
        ))
        .routes(routes!(alerts::test_alert))
        .routes(routes!(alerts::firings))
        .routes(routes!(schedules::schedules, schedules::add_schedule))
        .routes(routes!(
            schedules::schedule,
            schedules::set_schedule,
            schedules::remove_schedule
        ))
        .routes(routes!(schedules::show_schedule))
        .routes(routes!(schedules::send_schedule))
        .routes(routes!(schedules::schedule_runs))
        .routes(routes!(searches::searches, searches::add_search))
        .routes(routes!(searches::set_search, searches::remove_search))
        .routes(routes!(audit::audit))
        .routes(routes!(audit::chain));
    let all = questions.merge(session).merge(administration);
    OpenApiRouter::new().nest("/api/v1", all)
}
