//! Customers and their domains.

use crate::Api;
use crate::asker::Asker;
use crate::input::{Body, List, ListParams, Path};
use crate::problem::{Problem, Result};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use tenancy::{CustomerId, NewCustomer, Right};
use utoipa::ToSchema;

/// What is said of a customer.
#[derive(Deserialize, Serialize, ToSchema)]
pub(crate) struct CustomerDetails {
    /// No other customer has it.
    name: String,
    /// Retention class of their mail; absent for that of everybody.
    #[serde(default)]
    class: Option<String>,
    /// All addresses in them are theirs.
    #[serde(default)]
    domains: Vec<String>,
    /// Their mailboxes in domains of nobody.
    #[serde(default)]
    accounts: Vec<String>,
}

/// A customer.
#[derive(Serialize, ToSchema)]
pub(crate) struct Customer {
    id: i64,
    name: String,
    class: Option<String>,
    /// Whether users and keys are shut out.
    disabled: bool,
    created: String,
    /// How many.
    domains: i64,
    /// How many.
    accounts: i64,
}

/// The number of what was made.
#[derive(Serialize, ToSchema)]
pub(crate) struct Made {
    pub(crate) id: i64,
}

/// Errs where there is no such retention class.
fn check_class(api: &Api, class: Option<&str>) -> Result<()> {
    let Some(class) = class else {
        return Ok(());
    };
    let classes = api.daemon.retention();
    let classes = classes.map_err(|it| Problem::internal(&*it))?;
    if classes.contains_key(class) {
        return Ok(());
    }
    let names: Vec<_> = classes.into_keys().collect();
    let problem = Problem::wrong(format!("`class`: there is no retention class `{class}`"));
    Err(problem.hint(names.join(", ")))
}

fn details(body: CustomerDetails) -> NewCustomer {
    NewCustomer {
        name: body.name,
        class: body.class,
        domains: body.domains,
        accounts: body.accounts,
    }
}

fn document(it: tenancy::Customer) -> Customer {
    Customer {
        id: it.id.0,
        name: it.name,
        class: it.class,
        disabled: it.disabled,
        created: it.created.to_string(),
        domains: it.domains,
        accounts: it.accounts,
    }
}

/// Customers by name
#[utoipa::path(get, path = "/customers", tag = "administration", params(ListParams), responses(
    (status = 200, body = Vec<Customer>), (status = "4XX", body = Problem)))]
pub(crate) async fn customers(
    State(api): State<Api>,
    asker: Asker,
    list: List,
) -> Result<Json<Vec<Customer>>> {
    let customers = api.tenancy.customers(&asker.0, &list.0.page()).await?;
    Ok(Json(customers.into_iter().map(document).collect()))
}

/// Add a customer
#[utoipa::path(post, path = "/customers", tag = "administration", request_body = CustomerDetails, responses(
    (status = 201, body = Made), (status = "4XX", body = Problem)))]
pub(crate) async fn add_customer(
    State(api): State<Api>,
    asker: Asker,
    Body(body): Body<CustomerDetails>,
) -> Result<(StatusCode, Json<Made>)> {
    asker.needs(Right::ManageCustomers)?;
    check_class(&api, body.class.as_deref())?;
    let id = api.tenancy.add_customer(&asker.0, &details(body)).await?;
    api.daemon.customers_changed();
    Ok((StatusCode::CREATED, Json(Made { id: id.0 })))
}

/// A customer with domains and accounts.
#[derive(Serialize, ToSchema)]
pub(crate) struct WholeCustomer {
    #[serde(flatten)]
    customer: Customer,
    domain_names: Vec<String>,
    /// The first of them; the rest is at `/customers/{id}/accounts`.
    account_names: Vec<String>,
}

/// A customer with domains and accounts
#[utoipa::path(get, path = "/customers/{id}", tag = "administration", params(("id" = i64, Path)), responses(
    (status = 200, body = WholeCustomer), (status = "4XX", body = Problem)))]
pub(crate) async fn customer(
    State(api): State<Api>,
    asker: Asker,
    Path(id): Path<i64>,
) -> Result<Json<WholeCustomer>> {
    let id = CustomerId(id);
    let customer = api.tenancy.customer(&asker.0, id).await?;
    let page = tenancy::Page::default();
    Ok(Json(WholeCustomer {
        customer: document(customer),
        domain_names: api.tenancy.domains(&asker.0, id).await?,
        account_names: api.tenancy.accounts(&asker.0, id, &page).await?,
    }))
}

/// Change a customer: as told as a whole
#[utoipa::path(put, path = "/customers/{id}", tag = "administration", params(("id" = i64, Path)),
    request_body = CustomerDetails, responses((status = 204), (status = "4XX", body = Problem)))]
pub(crate) async fn set_customer(
    State(api): State<Api>,
    asker: Asker,
    Path(id): Path<i64>,
    Body(body): Body<CustomerDetails>,
) -> Result<StatusCode> {
    asker.needs(Right::ManageCustomers)?;
    check_class(&api, body.class.as_deref())?;
    let customer = details(body);
    api.tenancy
        .set_customer(&asker.0, CustomerId(id), &customer)
        .await?;
    api.daemon.customers_changed();
    Ok(StatusCode::NO_CONTENT)
}

/// Remove a customer, with users and keys; mail stays as long as its class says
#[utoipa::path(delete, path = "/customers/{id}", tag = "administration", params(("id" = i64, Path)),
    responses((status = 204), (status = "4XX", body = Problem)))]
pub(crate) async fn remove_customer(
    State(api): State<Api>,
    asker: Asker,
    Path(id): Path<i64>,
) -> Result<StatusCode> {
    api.tenancy
        .remove_customer(&asker.0, CustomerId(id))
        .await?;
    api.daemon.customers_changed();
    Ok(StatusCode::NO_CONTENT)
}

/// The accounts of a customer
#[utoipa::path(get, path = "/customers/{id}/accounts", tag = "administration",
    params(("id" = i64, Path), ListParams), responses(
    (status = 200, body = Vec<String>), (status = "4XX", body = Problem)))]
pub(crate) async fn accounts(
    State(api): State<Api>,
    asker: Asker,
    Path(id): Path<i64>,
    list: List,
) -> Result<Json<Vec<String>>> {
    let page = list.0.page();
    Ok(Json(
        api.tenancy
            .accounts(&asker.0, CustomerId(id), &page)
            .await?,
    ))
}

/// Whether somebody is shut out.
#[derive(Deserialize, ToSchema)]
pub(crate) struct Disabled {
    pub(crate) disabled: bool,
}

/// Shut a customer out, or let in again
#[utoipa::path(put, path = "/customers/{id}/disabled", tag = "administration", params(("id" = i64, Path)),
    request_body = Disabled, responses((status = 204), (status = "4XX", body = Problem)))]
pub(crate) async fn set_customer_disabled(
    State(api): State<Api>,
    asker: Asker,
    Path(id): Path<i64>,
    Body(body): Body<Disabled>,
) -> Result<StatusCode> {
    let id = CustomerId(id);
    api.tenancy
        .set_customer_disabled(&asker.0, id, body.disabled)
        .await?;
    Ok(StatusCode::NO_CONTENT)
}
