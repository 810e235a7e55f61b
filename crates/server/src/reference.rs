//! The API to be read: one page, written from the OpenAPI document, without a script.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use sha2::{Digest, Sha256};

const STYLE: &str = include_str!("reference.css");
/// The order of the chapters, and what they are about.
const CHAPTERS: [(&str, &str); 7] = [
    ("session", "Set-up and session"),
    ("conversations", "Conversations"),
    ("people", "People and teams"),
    ("channels", "Connections and channels"),
    ("files", "Files"),
    ("events", "Events"),
    ("documents", "This document"),
];
const METHODS: [&str; 4] = ["get", "post", "patch", "delete"];

/// A page, and the policy that it works under.
#[derive(Debug)]
pub struct Page {
    /// The page.
    pub html: String,
    /// Its `Content-Security-Policy`: nothing but its own style.
    pub policy: String,
}

/// Writes the page.
pub fn page(document: &Value) -> Page {
    let mut body = String::new();
    body.push_str("<h1>Partyline API</h1>");
    paragraph(&mut body, text(&document["info"]["description"]));
    body.push_str("<nav><ul>");
    for (tag, title) in CHAPTERS {
        body.push_str(&format!("<li><a href=\"#{tag}\">{title}</a></li>"));
    }
    body.push_str("<li><a href=\"#schemas\">What goes in and out</a></li><li><a href=\"openapi.json\">OpenAPI document</a></li></ul></nav>");
    for (tag, title) in CHAPTERS {
        body.push_str(&format!("<section id=\"{tag}\"><h2>{title}</h2>"));
        for (path, item) in members(&document["paths"]) {
            for method in METHODS {
                let operation = &item[method];
                if operation["tags"][0] == *tag {
                    write_operation(&mut body, method, path, operation);
                }
            }
        }
        body.push_str("</section>");
    }
    body.push_str("<section id=\"schemas\"><h2>What goes in and out</h2>");
    for (name, schema) in members(&document["components"]["schemas"]) {
        write_schema(&mut body, name, schema);
    }
    body.push_str("</section>");
    let hash = STANDARD.encode(Sha256::digest(STYLE.as_bytes()));
    Page {
        html: format!(
            "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
             <title>Partyline API</title><style>{STYLE}</style></head><body><main>{body}</main></body></html>"
        ),
        policy: format!(
            "default-src 'none'; style-src 'sha256-{hash}'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
        ),
    }
}

fn write_operation(out: &mut String, method: &str, path: &str, operation: &Value) {
    let id = text(&operation["operationId"]);
    out.push_str(&format!("<article id=\"{}\"><h3>{}</h3>", escaped(id), escaped(text(&operation["summary"]))));
    out.push_str(&format!(
        "<p class=\"route\"><b>{}</b> <code>/api/v1{}</code></p>",
        method.to_uppercase(),
        escaped(path)
    ));
    paragraph(out, text(&operation["description"]));
    match operation["x-permission"].as_str() {
        Some(permission) => out.push_str(&format!("<p>Needs <code>{}</code>.</p>", escaped(permission))),
        None if operation["security"].as_array().is_some_and(Vec::is_empty) => out.push_str("<p>Needs no session.</p>"),
        None => out.push_str("<p>Needs a session.</p>"),
    }
    let parameters = operation["parameters"].as_array().map(Vec::as_slice).unwrap_or_default();
    if parameters.iter().any(|p| p["in"] != "path") {
        out.push_str("<table><caption>Parameters</caption><tbody>");
        for parameter in parameters.iter().filter(|p| p["in"] != "path") {
            row(
                out,
                &format!("<code>{}</code>", escaped(text(&parameter["name"]))),
                &prose(text(&parameter["description"])),
            );
        }
        out.push_str("</tbody></table>");
    }
    if let Some(schema) = content(&operation["requestBody"]) {
        out.push_str(&format!("<p>Body: {}</p>", kind(schema)));
    }
    out.push_str("<table><caption>Answers</caption><tbody>");
    for (status, answer) in members(&operation["responses"]) {
        let body = content(answer).filter(|_| !status.starts_with(['4', '5'])).map(kind);
        let said = [body, Some(prose(text(&answer["description"])))];
        let said: Vec<String> = said.into_iter().flatten().filter(|s| !s.is_empty()).collect();
        row(out, status, &said.join(" "));
    }
    out.push_str("</tbody></table></article>");
}

fn write_schema(out: &mut String, name: &str, schema: &Value) {
    out.push_str(&format!("<article id=\"schema-{0}\"><h3>{0}</h3>", escaped(name)));
    paragraph(out, text(&schema["description"]));
    if let Some(words) = schema["enum"].as_array() {
        let words: Vec<String> = words.iter().map(|w| format!("<code>{}</code>", escaped(text(w)))).collect();
        out.push_str(&format!("<p>One of {}</p>", words.join(", ")));
    }
    let mut variants = Vec::new();
    for list in ["oneOf", "allOf", "anyOf"] {
        variants.extend(schema[list].as_array().into_iter().flatten());
    }
    if variants.is_empty() {
        fields(out, schema);
    }
    for variant in variants {
        let said = kind(variant);
        out.push_str(&format!("<p>{said}</p>"));
        fields(out, variant);
        for part in variant["allOf"].as_array().into_iter().flatten() {
            fields(out, part);
        }
    }
    out.push_str("</article>");
}

fn fields(out: &mut String, schema: &Value) {
    if schema["properties"].as_object().is_none_or(serde_json::Map::is_empty) {
        return;
    }
    let required: Vec<&str> = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    out.push_str("<table><tbody>");
    for (name, field) in members(&schema["properties"]) {
        let may = if required.contains(&name) { "" } else { " <i>may be left out</i>" };
        let said = format!("{}{may} {}", kind(field), prose(text(&field["description"])));
        row(out, &format!("<code>{}</code>", escaped(name)), &said);
    }
    out.push_str("</tbody></table>");
}

/// The type of a value in a few words, with links to what is described elsewhere.
fn kind(schema: &Value) -> String {
    if let Some(reference) = schema["$ref"].as_str() {
        let name = escaped(reference.rsplit('/').next().unwrap_or_default());
        return format!("<a href=\"#schema-{name}\">{name}</a>");
    }
    for list in ["oneOf", "anyOf", "allOf"] {
        if let Some(items) = schema[list].as_array() {
            let kinds: Vec<String> = items.iter().map(kind).filter(|k| !k.is_empty()).collect();
            return kinds.join(if list == "allOf" { " with " } else { " or " });
        }
    }
    match &schema["type"] {
        Value::String(word) if word == "array" => format!("list of {}", kind(&schema["items"])),
        Value::String(word) => escaped(word),
        Value::Array(words) => words.iter().map(|w| escaped(text(w))).collect::<Vec<_>>().join(" or "),
        _ => String::new(),
    }
}

fn content(of: &Value) -> Option<&Value> {
    members(&of["content"]).next().map(|(_, media)| &media["schema"])
}

fn members(value: &Value) -> impl Iterator<Item = (&str, &Value)> {
    value.as_object().into_iter().flatten().map(|(name, v)| (name.as_str(), v))
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn row(out: &mut String, head: &str, said: &str) {
    out.push_str(&format!("<tr><th scope=\"row\">{head}</th><td>{said}</td></tr>"));
}

fn paragraph(out: &mut String, said: &str) {
    if !said.is_empty() {
        out.push_str(&format!("<p>{}</p>", prose(said)));
    }
}

/// Text with its `code` set as such.
fn prose(said: &str) -> String {
    let parts = said.split('`').enumerate();
    parts.map(|(i, part)| if i % 2 == 1 { format!("<code>{}</code>", escaped(part)) } else { escaped(part) }).collect()
}

fn escaped(said: &str) -> String {
    said.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
