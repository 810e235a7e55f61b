//! The OpenAPI document: what the handlers say of themselves, and what holds for all of them.

use serde_json::{Map, Value, json};
use utoipa::{OpenApi, PartialSchema, ToSchema};

use crate::model::event::FrameIn;
use crate::model::words::TemplateVariable;
use crate::problem::ProblemOut;
use crate::routes::{Access, BASE, Document, Route, TABLE};
use crate::session::COOKIE_NAME;

const ABOUT: &str = "A team inbox for businesses whose customers text. Times are RFC 3339 in UTC; ids are a prefix and 26 digits, \
    and sort by time. Requests that change something with a session's cookie carry `X-Partyline-CSRF: 1`.";

/// The document, as pretty JSON.
#[must_use]
pub fn openapi() -> String {
    format!("{:#}\n", document())
}

/// The document.
#[must_use]
pub fn document() -> Value {
    let mut document = serde_json::to_value(Document::openapi()).unwrap_or_default();
    document["info"] = json!({
        "title": "Partyline",
        "version": env!("CARGO_PKG_VERSION"),
        "description": ABOUT,
        "license": { "name": "AGPL-3.0-only", "identifier": "AGPL-3.0-only" },
    });
    document["servers"] = json!([{ "url": BASE }]);
    document["components"]["securitySchemes"] = json!({
        "session": { "type": "apiKey", "in": "cookie", "name": COOKIE_NAME },
    });
    schemas(&mut document["components"]["schemas"]);
    for route in TABLE {
        let method = route.method.to_ascii_lowercase();
        if let Some(operation) = document["paths"][route.path].get_mut(method.as_str()).and_then(Value::as_object_mut) {
            finish(operation, route);
        }
    }
    document
}

fn schemas(schemas: &mut Value) {
    let Value::Object(schemas) = schemas else { return };
    for (name, schema) in collected() {
        schemas.entry(name).or_insert(schema);
    }
    // what we answer with is always whole, nulls included; only what we are sent may leave things out
    for (name, schema) in schemas.iter_mut() {
        if !(name.ends_with("In") || name.ends_with("Patch") || name == "Problem" || name == "ClientFrame") {
            require_all(schema);
        }
    }
}

/// Schemas that no body names: frames that clients send, and words that stand inside texts.
fn collected() -> Vec<(String, Value)> {
    let value = |schema| serde_json::to_value(schema).unwrap_or_default();
    vec![
        (FrameIn::name().into_owned(), value(FrameIn::schema())),
        (TemplateVariable::name().into_owned(), value(TemplateVariable::schema())),
        (ProblemOut::name().into_owned(), value(ProblemOut::schema())),
    ]
}

fn require_all(schema: &mut Value) {
    match schema {
        Value::Object(members) => {
            if let Some(Value::Object(properties)) = members.get("properties") {
                let names: Vec<Value> = properties.keys().map(|name| Value::from(name.as_str())).collect();
                members.insert("required".to_owned(), Value::from(names));
            }
            for (name, inner) in members.iter_mut() {
                if name != "required" {
                    require_all(inner);
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(require_all),
        _ => {}
    }
}

/// Adds who may ask, and the answers that every route of its kind can give.
fn finish(operation: &mut Map<String, Value>, route: &Route) {
    let noun = route.path.trim_start_matches('/').replace(['/', '.', '_'], "-").replace(['{', '}'], "");
    operation.insert("operationId".to_owned(), Value::from(format!("{}-{noun}", route.method.to_ascii_lowercase())));
    let signed = route.access != Access::Public;
    operation.insert("security".to_owned(), if signed { json!([{ "session": [] }]) } else { json!([]) });
    if let Access::Needs(permission) = route.access {
        operation.insert("x-permission".to_owned(), Value::from(permission.as_str()));
    }
    let body = operation.contains_key("requestBody");
    let changes = route.method != "GET";
    let Some(Value::Object(responses)) = operation.get_mut("responses") else { return };
    let mut add = |status: &str, detail: &str| {
        responses.entry(status).or_insert_with(|| problem(detail));
    };
    if signed {
        add("401", "`not_signed_in`");
    }
    match (signed, changes) {
        (true, true) => {
            add("403", "`forbidden`: the role may not do this. `csrf`, `foreign_origin`: the request is not ours.");
        }
        (true, false) => add("403", "`forbidden`: the role may not do this."),
        _ => {}
    }
    if route.path.contains("{id}") {
        add("404", "`not_found`: it is not there, or may not be seen.");
    }
    if body {
        add("400", "`malformed_json`: the body can't be read.");
        add("413", "`too_large`");
        add("415", "`unsupported_media_type`");
    }
    if !route.path.contains('.') && route.path != "/docs" {
        add("503", "`busy`: nothing was done; `Retry-After` says when to try again.");
    }
    if route.method == "GET" && signed {
        seq_header(responses);
    }
    if route.method == "POST" && signed && (responses.contains_key("201") || responses.contains_key("202")) && body {
        add_key(operation);
    }
}

fn problem(detail: &str) -> Value {
    json!({ "description": detail, "content": { "application/problem+json": { "schema": { "$ref": "#/components/schemas/Problem" } } } })
}

fn seq_header(responses: &mut Map<String, Value>) {
    let header = json!({ "description": "The workspace's newest seq in the snapshot that this was read in", "schema": { "type": "integer", "format": "int64" } });
    if let Some(answer) = responses.get_mut("200") {
        answer["headers"]["Partyline-Seq"] = header;
    }
}

fn add_key(operation: &mut Map<String, Value>) {
    let key = json!({
        "name": "Idempotency-Key", "in": "header", "required": false, "schema": { "type": "string", "maxLength": 255 },
        "description": "The same key and body give the first answer again for 24 hours; with another body it is 409 `idempotency_mismatch`.",
    });
    if let Value::Array(parameters) = operation.entry("parameters").or_insert_with(|| json!([])) {
        parameters.push(key);
    }
    if let Some(responses) = operation.get_mut("responses").and_then(Value::as_object_mut) {
        responses.entry("409").or_insert_with(|| problem("`idempotency_mismatch`"));
    }
}
