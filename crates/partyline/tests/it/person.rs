//! Somebody at the API: signed in, with the headers that the web app sends.

use std::ops::Index;

use reqwest::header::{COOKIE, HeaderMap, SET_COOKIE};
use reqwest::{Client, Method, RequestBuilder};
use serde_json::{Value, json};

/// Everybody's password.
pub const PASSWORD: &str = "a long enough password";

/// An answer: its status and its JSON (or its text, as a JSON string).
#[derive(Debug, Clone)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Value,
}

impl Answer {
    pub async fn of(response: reqwest::Response) -> Answer {
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let text = response.text().await.unwrap();
        let body = serde_json::from_str(&text).unwrap_or(Value::String(text));
        Answer { status, headers, body }
    }

    /// The body, if the status is this one.
    #[track_caller]
    pub fn is(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.body);
        self.body
    }

    /// The body of a problem with this status and code.
    #[track_caller]
    pub fn refuses(self, status: u16, code: &str) -> Value {
        assert_eq!((self.status, self.body["code"].as_str()), (status, Some(code)), "{}", self.body);
        self.body
    }
}

impl Index<&str> for Answer {
    type Output = Value;
    fn index(&self, name: &str) -> &Value {
        &self.body[name]
    }
}

/// A signed-in person.
#[derive(Clone)]
pub struct Person {
    pub http: Client,
    pub base: String,
    pub cookie: String,
    pub id: String,
    pub name: String,
}

impl Person {
    /// Signs in, or sets up: whatever answers with a session.
    pub async fn enter(http: &Client, base: &str, path: &str, body: &Value) -> Person {
        let request = http.post(format!("{base}/api/v1{path}")).json(body);
        let response = request.send().await.unwrap();
        let cookie =
            response.headers().get(SET_COOKIE).map(|c| c.to_str().unwrap().split(';').next().unwrap().to_owned());
        let me = Answer::of(response).await;
        assert!(me.status < 300, "{}", me.body);
        Person {
            http: http.clone(),
            base: base.to_owned(),
            cookie: cookie.unwrap(),
            id: me["user"]["id"].as_str().unwrap().to_owned(),
            name: me["user"]["name"].as_str().unwrap().to_owned(),
        }
    }

    pub async fn sign_in(http: &Client, base: &str, email: &str) -> Person {
        Person::enter(http, base, "/session", &json!({ "email": email, "password": PASSWORD })).await
    }

    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.http.request(method, format!("{}/api/v1{path}", self.base));
        request.header(COOKIE, &self.cookie).header("X-Partyline-CSRF", "1")
    }

    pub async fn ask(&self, request: RequestBuilder) -> Answer {
        Answer::of(request.send().await.unwrap()).await
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.ask(self.request(Method::GET, path)).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.ask(self.request(Method::POST, path).json(&body)).await
    }

    pub async fn post_once(&self, path: &str, key: &str, body: Value) -> Answer {
        self.ask(self.request(Method::POST, path).header("Idempotency-Key", key).json(&body)).await
    }

    pub async fn put(&self, path: &str, body: Value) -> Answer {
        self.ask(self.request(Method::PUT, path).json(&body)).await
    }

    pub async fn patch(&self, path: &str, body: Value) -> Answer {
        self.ask(self.request(Method::PATCH, path).json(&body)).await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        self.ask(self.request(Method::DELETE, path)).await
    }

    /// Every row of a list, through all its pages.
    pub async fn all(&self, path: &str) -> Vec<Value> {
        let (mut rows, mut cursor) = (Vec::new(), None);
        let joint = if path.contains('?') { '&' } else { '?' };
        loop {
            let next = cursor.map(|c| format!("&cursor={c}")).unwrap_or_default();
            let page = self.get(&format!("{path}{joint}limit=200{next}")).await.is(200);
            rows.extend(page["data"].as_array().unwrap().iter().cloned());
            match page["next_cursor"].as_str() {
                Some(c) => cursor = Some(c.to_owned()),
                None => return rows,
            }
        }
    }

    /// The conversations of a view.
    pub async fn view(&self, view: &str) -> Vec<Value> {
        self.all(&format!("/conversations?view={view}")).await
    }

    pub async fn conversation(&self, id: &str) -> Value {
        self.get(&format!("/conversations/{id}")).await.is(200)
    }

    /// A timeline, oldest first.
    pub async fn entries(&self, id: &str) -> Vec<Value> {
        let mut entries = self.all(&format!("/conversations/{id}/entries")).await;
        entries.reverse();
        entries
    }

    /// The messages of a timeline, oldest first.
    pub async fn messages(&self, id: &str) -> Vec<Value> {
        self.entries(id).await.into_iter().filter(|e| e["type"] == "message").collect()
    }

    /// One message of a timeline.
    pub async fn message(&self, conversation: &str, id: &str) -> Value {
        let found = self.messages(conversation).await.into_iter().find(|m| m["id"] == id);
        found.unwrap_or_else(|| panic!("{id} is not in {conversation}"))
    }

    /// Answers without an undo time.
    pub async fn reply(&self, conversation: &str, text: &str) -> Answer {
        self.post(&format!("/conversations/{conversation}/messages"), json!({ "text": text })).await
    }

    /// The log after a seq, through all its pages.
    pub async fn events(&self, after: i64) -> Vec<Value> {
        self.all(&format!("/events?after={after}")).await
    }

    pub async fn seq(&self) -> i64 {
        self.get("/me").await.is(200)["seq"].as_i64().unwrap()
    }
}

/// The id in a JSON object.
#[track_caller]
pub fn id(value: &Value) -> String {
    value["id"].as_str().unwrap_or_else(|| panic!("no id in {value}")).to_owned()
}
