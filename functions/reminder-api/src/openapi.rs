//! `GET /openapi.json`: the description of the API, generated from the code.

use axum::response::{IntoResponse, Response};
use http::header;
use utoipa::openapi::path::Operation;
use utoipa::openapi::response::ResponseBuilder;
use utoipa::openapi::schema::{Object, Schema, SchemaType, Type};
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{Content, Ref, RefOr};
use utoipa::{Modify, OpenApi};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Reminder API",
        description = "What a mini program calls to keep things that expire and have their owners told in time. Instants are RFC 3339 with offset, time zones IANA names. Errors are RFC 9457 with a stable `code`; bad input names every wrong field at once.",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0"),
    ),
    paths(
        crate::login::login,
        crate::me::show::show,
        crate::me::change::change,
        crate::me::change::change_by_post,
        crate::me::forget::forget,
        crate::me::qrcode::qrcode,
        crate::subscriptions::report,
        crate::reminders::register::register,
        crate::reminders::list::list,
        crate::reminders::show::show,
        crate::reminders::renew::renew,
        crate::reminders::done::done,
        crate::reminders::reopen::reopen,
        crate::reminders::snooze::snooze,
        crate::reminders::delete::delete,
    ),
    servers((url = "/", description = "Where this description came from.")),
    tags(
        (name = "reminders", description = "What expires, and when its owner is told."),
        (name = "users", description = "Who somebody is, and what reaches them."),
    ),
    security(("bearer" = [])),
    modifiers(&Callers, &Headers, &Absent, &Origin, &Descriptions),
)]
struct Description;

/// Who may call: users and, of their reminders, the owner's server (`caller.rs`).
struct Callers;

/// An optional header is there or not; it is never null, as the generator has it.
struct Headers;

/// A first sentence is enough for a list of operations; the generator takes the whole paragraph.
struct Descriptions;

/// What is not there in an answer is absent, never null, as the generator has it; unless it is required. In requests null
/// takes something back.
struct Absent;

/// What stands around all operations (`origin.rs`), and none of them knows of.
struct Origin;

fn operations(openapi: &mut utoipa::openapi::OpenApi) -> impl Iterator<Item = &mut Operation> {
    let items = openapi.paths.paths.values_mut();
    items
        .flat_map(|item| [&mut item.get, &mut item.post, &mut item.put, &mut item.patch, &mut item.delete])
        .flatten()
}

impl Modify for Headers {
    fn modify(&self, openapi: &mut utoipa::openapi::OpenApi) {
        let parameters = operations(openapi).flat_map(|operation| operation.parameters.iter_mut().flatten());
        for parameter in parameters {
            let RefOr::T(parameter) = parameter else { continue };
            if let Some(RefOr::T(Schema::Object(schema))) = &mut parameter.schema {
                not_null(&mut schema.schema_type);
            }
        }
    }
}

impl Modify for Absent {
    fn modify(&self, openapi: &mut utoipa::openapi::OpenApi) {
        let schemas = openapi.components.iter_mut().flat_map(|components| &mut components.schemas);
        for (_, schema) in schemas.filter(|(name, _)| !name.ends_with("Request")) {
            match schema {
                RefOr::T(Schema::Object(object)) => never_null(object),
                RefOr::T(Schema::AllOf(all)) => {
                    for part in &mut all.items {
                        if let RefOr::T(Schema::Object(object)) = part {
                            never_null(object);
                        }
                    }
                }
                _ => {}
            }
        }
    }
}

/// What it is when it is there.
fn not_null(schema_type: &mut SchemaType) {
    if let SchemaType::Array(types) = schema_type {
        types.retain(|one| *one != Type::Null);
        if let [one] = types.as_slice() {
            *schema_type = one.clone().into();
        }
    }
}

fn never_null(object: &mut Object) {
    let is_null = |part: &RefOr<Schema>| matches!(part, RefOr::T(Schema::Object(part)) if part.schema_type == Type::Null.into());
    for (name, property) in &mut object.properties {
        if object.required.contains(name) {
            continue;
        }
        match property {
            RefOr::T(Schema::Object(schema)) => not_null(&mut schema.schema_type),
            RefOr::T(Schema::OneOf(either)) => {
                either.items.retain(|part| !is_null(part));
                if either.items.len() == 1
                    && let Some(only) = either.items.pop()
                {
                    *property = only;
                }
            }
            _ => {}
        }
    }
}

impl Modify for Descriptions {
    fn modify(&self, openapi: &mut utoipa::openapi::OpenApi) {
        for operation in operations(openapi) {
            let Some(text) = operation.summary.take() else { continue };
            let sentence = text.find(". ").map_or(text.as_str(), |end| &text[..=end]);
            operation.summary = Some(sentence.trim_end_matches('.').to_owned());
            operation.description.get_or_insert(text);
        }
    }
}

impl Modify for Origin {
    fn modify(&self, openapi: &mut utoipa::openapi::OpenApi) {
        let problem = Content::new(Some(Ref::from_schema_name("Problem")));
        let refused = ResponseBuilder::new()
            .description("`forbidden_origin`: not through the domain in front of this service")
            .content("application/problem+json", problem)
            .build();
        for operation in operations(openapi) {
            let of_status = &mut operation.responses.responses;
            of_status.entry("403".to_owned()).or_insert_with(|| RefOr::T(refused.clone()));
        }
    }
}

impl Modify for Callers {
    fn modify(&self, openapi: &mut utoipa::openapi::OpenApi) {
        let token = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .bearer_format("JWT")
            .description(Some("The token that `POST /login` answers with."))
            .build();
        let key = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .description(Some(
                "`server_key` of the secrets, for the owner's own server only; never in a mini program.",
            ))
            .build();
        let openid = ApiKeyValue::with_description(
            "X-Openid",
            "With the server's key: the openid, in the mini program, of the user whose reminders these are. They have logged in before.",
        );
        let components = openapi.components.get_or_insert_default();
        components.add_security_scheme("bearer", SecurityScheme::Http(token));
        components.add_security_scheme("server_key", SecurityScheme::Http(key));
        components.add_security_scheme("openid", SecurityScheme::ApiKey(ApiKey::Header(openid)));
    }
}

/// The document itself, for tests and tools.
pub fn document() -> serde_json::Value {
    serde_json::to_value(Description::openapi()).expect("a description is plain data")
}

pub(crate) async fn serve() -> Response {
    let body = serde_json::to_vec(&Description::openapi()).expect("a description is plain data");
    ([(header::CONTENT_TYPE, "application/json")], body).into_response()
}
