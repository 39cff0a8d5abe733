//! The description of the API (OpenAPI 3.1), and what answers have in common.

use crate::Api;
use crate::document::CLIENT_COUNTRY;
use crate::problem::PROBLEM;
use axum::Router;
use axum::http::header;
use axum::routing::get;
use query::{Column, Type};
use serde_json::{Value, json};
use utoipa::openapi::schema::{ObjectBuilder, Schema, SchemaType};
use utoipa::openapi::security::{ApiKey, ApiKeyValue, Http, HttpAuthScheme, SecurityScheme};
use utoipa::openapi::{ComponentsBuilder, InfoBuilder, OpenApi, RefOr, SecurityRequirement};
use utoipa::{PartialSchema, ToSchema};

/// Where the description is.
const PATH: &str = "/api/v1/openapi.json";

/// Name of the cookie of somebody who logged in.
pub(crate) const COOKIE: &str = "waybill_session";

/// A time in RFC 3339.
pub(crate) fn instant(micros: i64) -> String {
    let at = jiff::Timestamp::from_microsecond(micros).unwrap_or_default();
    at.to_string()
}

/// A row of the archive: each column that it has.
pub(crate) struct Row;

impl PartialSchema for Row {
    fn schema() -> RefOr<Schema> {
        let row = ObjectBuilder::new()
            .description(Some(
                "One thing that happened, with the columns that it has",
            ))
            .property("id", text("Names the row for ever"))
            .property(
                CLIENT_COUNTRY,
                text("Country of `client_address` (ISO 3166-1, two letters), where it is known"),
            )
            .property(
                "original_lines",
                utoipa::openapi::ArrayBuilder::new().items(text("A line as it was logged")),
            )
            .required("id")
            .required(Column::At.name())
            .required(Column::Kind.name());
        let row = Column::ALL.iter().fold(row, |row, column| {
            let (holds, form) = match column.holds() {
                Type::Time => (utoipa::openapi::Type::String, Some("date-time")),
                Type::Text => (utoipa::openapi::Type::String, None),
                Type::Number => (utoipa::openapi::Type::Integer, Some("int64")),
                Type::Float => (utoipa::openapi::Type::Number, None),
                Type::Flag => (utoipa::openapi::Type::Boolean, None),
            };
            let value = ObjectBuilder::new()
                .schema_type(SchemaType::new(holds))
                .description(Some(column.doc()));
            let form = form.map(|it| utoipa::openapi::SchemaFormat::Custom(it.to_owned()));
            row.property(column.name(), value.format(form))
        });
        row.build().into()
    }
}

impl ToSchema for Row {}

fn text(doc: &str) -> ObjectBuilder {
    ObjectBuilder::new()
        .schema_type(SchemaType::new(utoipa::openapi::Type::String))
        .description(Some(doc))
}

/// Says of each operation that what goes wrong is told as a problem.
fn add_problems(document: &mut Value) {
    let paths = document["paths"].as_object_mut().into_iter().flatten();
    let operations = paths.filter_map(|(_, of_path)| of_path.as_object_mut());
    for (_, operation) in operations.flatten() {
        let Some(responses) = operation["responses"].as_object_mut() else {
            continue;
        };
        responses.retain(|status, _| status.starts_with(['2', '3']));
        for (status, why) in [
            ("4XX", "What is asked for is wrong, or not allowed"),
            ("5XX", "It cannot be answered now"),
        ] {
            let schema = json!({ "schema": { "$ref": "#/components/schemas/Problem" } });
            let content = json!({ PROBLEM: schema });
            let response = json!({ "description": why, "content": content });
            responses.insert(status.to_owned(), response);
        }
    }
}

/// Adds what every operation needs, and serves the description.
pub(crate) fn serve(router: Router<Api>, mut document: OpenApi) -> Router<Api> {
    document.info = InfoBuilder::new()
        .title("Waybill")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some("What happened to my mail?"))
        .build();
    let cookie = SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::new(COOKIE)));
    let key = SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer));
    let schemes = ComponentsBuilder::from(document.components.take().unwrap_or_default())
        .security_scheme("key", key)
        .security_scheme("session", cookie);
    document.components = Some(schemes.build());
    let none: [&str; 0] = [];
    document.security = Some(vec![
        SecurityRequirement::new("key", none),
        SecurityRequirement::new("session", none),
    ]);
    let mut document = serde_json::to_value(document).unwrap_or_default();
    add_problems(&mut document);
    let text = document.to_string();
    router.route(
        PATH,
        get(move || async move { ([(header::CONTENT_TYPE, "application/json")], text) }),
    )
}
