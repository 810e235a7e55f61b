//! A live socket, and everything that it heard.

use std::sync::{Arc, Mutex};

use futures_util::{SinkExt, StreamExt};
use serde_json::Value;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_tungstenite::connect_async;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::HeaderValue;

use crate::person::Person;
use crate::world::PATIENCE;

/// A browser tab's socket.
pub struct Socket {
    heard: Arc<Mutex<Vec<Value>>>,
    news: watch::Receiver<usize>,
    reader: JoinHandle<()>,
    sink: tokio::sync::mpsc::UnboundedSender<String>,
}

impl Drop for Socket {
    fn drop(&mut self) {
        self.reader.abort();
    }
}

impl Socket {
    /// Connects, to hear what comes after a seq; from now on when there is none.
    pub async fn open(person: &Person, after: Option<i64>) -> Socket {
        let query = after.map(|a| format!("?after={a}")).unwrap_or_default();
        let address = format!("{}/api/v1/live{query}", person.base.replacen("http", "ws", 1));
        let mut request = address.into_client_request().unwrap();
        request.headers_mut().insert("Cookie", HeaderValue::from_str(&person.cookie).unwrap());
        request.headers_mut().insert("Origin", HeaderValue::from_str(&person.base).unwrap());
        let (socket, _) = connect_async(request).await.unwrap();
        let (mut out, mut frames) = socket.split();
        let heard: Arc<Mutex<Vec<Value>>> = Arc::default();
        let (tell, news) = watch::channel(0);
        let (sink, mut said) = tokio::sync::mpsc::unbounded_channel::<String>();
        let kept = heard.clone();
        let reader = tokio::spawn(async move {
            loop {
                tokio::select! {
                    frame = frames.next() => match frame {
                        Some(Ok(Message::Text(text))) => {
                            let mut kept = kept.lock().unwrap();
                            kept.push(serde_json::from_str(&text).unwrap());
                            tell.send_replace(kept.len());
                        }
                        Some(Ok(Message::Close(_)) | Err(_)) | None => return,
                        Some(Ok(_)) => {}
                    },
                    Some(text) = said.recv() => out.send(Message::text(text)).await.unwrap(),
                }
            }
        });
        Socket { heard, news, reader, sink }
    }

    /// Says something to the server.
    pub fn say(&self, frame: &Value) {
        self.sink.send(frame.to_string()).unwrap();
    }

    /// Has the server ended it?
    pub fn is_over(&self) -> bool {
        self.reader.is_finished()
    }

    /// Every frame so far.
    pub fn frames(&self) -> Vec<Value> {
        self.heard.lock().unwrap().clone()
    }

    /// The frames with events so far.
    pub fn event_frames(&self) -> Vec<Value> {
        self.frames().into_iter().filter(|f| f.get("events").is_some()).collect()
    }

    /// The events so far, in the order in which they came.
    pub fn events(&self) -> Vec<Value> {
        self.event_frames().iter().flat_map(|f| f["events"].as_array().unwrap().clone()).collect()
    }

    /// Up to which seq the log was heard.
    pub fn seq(&self) -> i64 {
        self.event_frames().last().map_or(-1, |f| f["seq"].as_i64().unwrap())
    }

    /// Waits until what was heard is as `found` looks for.
    pub async fn hears<T>(&self, what: &str, found: impl Fn(&Socket) -> Option<T>) -> T {
        let mut news = self.news.clone();
        let waiting = async {
            loop {
                news.borrow_and_update();
                if let Some(value) = found(self) {
                    return value;
                }
                news.changed().await.expect("the socket was closed");
            }
        };
        match tokio::time::timeout(PATIENCE, waiting).await {
            Ok(value) => value,
            Err(_) => panic!("the socket never heard {what}; it heard {:#?}", self.frames()),
        }
    }

    /// Waits until the log was heard up to a seq.
    pub async fn reaches(&self, seq: i64) {
        self.hears(&format!("seq {seq}"), |s| (s.seq() >= seq).then_some(())).await;
    }
}
