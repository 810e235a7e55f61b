//! The listener: takes connections, gives each its limits, and drains when it is told to stop.
//!
//! Written over hyper, because a client that sends its request one byte an hour must not hold a connection for ever.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::response::Response;
use axum::{Extension, Router};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::ServiceExt;

use crate::limits;
use crate::live::Stop;

/// Serves until `shutdown`, then lets what is in hand finish, for at most [`limits::DRAIN`].
///
/// # Errors
/// When the listener fails for good; what goes wrong with one connection ends that one.
pub async fn serve(listener: TcpListener, router: Router, shutdown: CancellationToken) -> io::Result<()> {
    let stop = Stop { told: shutdown.clone(), ..Stop::default() };
    let router = router.layer(Extension(stop.clone()));
    let room = Arc::new(Semaphore::new(limits::CONNECTIONS));
    let connections = TaskTracker::new();
    loop {
        let (stream, peer, permit) = tokio::select! {
            () = shutdown.cancelled() => break,
            taken = take(&listener, &room) => match taken {
                Ok(taken) => taken,
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be taken");
                    tokio::time::sleep(limits::ACCEPT_PAUSE).await;
                    continue;
                }
            },
        };
        let (router, told) = (router.clone(), shutdown.clone());
        connections.spawn(async move {
            converse(stream, peer, router, told).await;
            drop(permit);
        });
    }
    drop(listener);
    connections.close();
    stop.open.close();
    let finished = async { tokio::join!(connections.wait(), stop.open.wait()) };
    if tokio::time::timeout(limits::DRAIN, finished).await.is_err() {
        tracing::warn!("some requests took too long and were cut off");
    }
    Ok(())
}

type Taken = (TcpStream, SocketAddr, tokio::sync::OwnedSemaphorePermit);

async fn take(listener: &TcpListener, room: &Arc<Semaphore>) -> io::Result<Taken> {
    let permit = room.clone().acquire_owned().await.map_err(io::Error::other)?;
    let (stream, peer) = listener.accept().await?;
    // answers are small and wanted at once
    stream.set_nodelay(true)?;
    Ok((stream, peer, permit))
}

/// Serves one connection until it ends; once told, no further than the request in hand.
async fn converse(stream: TcpStream, peer: SocketAddr, router: Router, told: CancellationToken) {
    let asked = Arc::new(AtomicBool::new(false));
    let heard = asked.clone();
    let service = service_fn(move |mut request: hyper::Request<Incoming>| {
        heard.store(true, Ordering::Relaxed);
        request.extensions_mut().insert(ConnectInfo(peer));
        answer(router.clone(), request)
    });
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(limits::HEAD_TIME);
    let mut connection = pin!(http.serve_connection(TokioIo::new(stream), service).with_upgrades());
    let ended = tokio::select! {
        ended = &mut connection => ended,
        () = told.cancelled() => {
            connection.as_mut().graceful_shutdown();
            tokio::select! {
                ended = connection => ended,
                // browsers open connections that they may want later; those are not waited for
                () = tokio::time::sleep(limits::FIRST_WORD), if !asked.load(Ordering::Relaxed) => return,
            }
        }
    };
    if let Err(error) = ended {
        // the other end went away, was too slow, or speaks something else
        tracing::debug!(%error, "a connection ended");
    }
}

async fn answer(router: Router, request: hyper::Request<Incoming>) -> Result<Response, Infallible> {
    router.oneshot(request.map(Body::new)).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::routing::get;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::sync::Notify;
    use tokio::task::JoinHandle;
    use tokio::time::Instant;

    struct Running {
        address: SocketAddr,
        stop: CancellationToken,
        /// Told by the handler when a request is in hand.
        asked: Arc<Notify>,
        /// Lets the handler answer.
        go: Arc<Notify>,
        ended: JoinHandle<io::Result<()>>,
    }

    async fn running() -> Running {
        let (asked, go) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let (told, wait) = (asked.clone(), go.clone());
        let slow = get(async move || {
            told.notify_one();
            wait.notified().await;
            "late"
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let stop = CancellationToken::new();
        let ended = tokio::spawn(serve(listener, Router::new().route("/", slow), stop.clone()));
        Running { address, stop, asked, go, ended }
    }

    async fn say(address: SocketAddr, text: &str) -> TcpStream {
        let mut stream = TcpStream::connect(address).await.expect("a connection");
        stream.write_all(text.as_bytes()).await.expect("sent");
        stream
    }

    async fn hear(mut stream: TcpStream) -> String {
        let mut text = String::new();
        // a connection that is cut off says no more
        let _ = stream.read_to_string(&mut text).await;
        text
    }

    const REQUEST: &str = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";

    #[tokio::test(start_paused = true)]
    async fn a_head_that_does_not_end_is_not_waited_for() {
        let server = running().await;
        let began = Instant::now();
        let stream = say(server.address, "GET / HTTP/1.1\r\nHost: x\r\n").await;
        hear(stream).await;
        assert!(
            began.elapsed() >= limits::HEAD_TIME && began.elapsed() < limits::HEAD_TIME * 2,
            "{:?}",
            began.elapsed()
        );
    }

    #[tokio::test]
    async fn what_is_in_hand_when_it_stops_is_finished_and_nothing_new_is_taken() {
        let server = running().await;
        let stream = say(server.address, REQUEST).await;
        server.asked.notified().await;
        server.stop.cancel();
        server.go.notify_one();
        let answer = hear(stream).await;
        assert!(answer.starts_with("HTTP/1.1 200 OK") && answer.ends_with("late"), "{answer}");
        server.ended.await.expect("it ended").expect("well");
        assert!(TcpStream::connect(server.address).await.is_err());
    }

    #[tokio::test(start_paused = true)]
    async fn a_connection_on_which_nobody_asks_does_not_hold_it_up() {
        let server = running().await;
        let _silent = say(server.address, "").await;
        // taken after it, so it is taken too
        let stream = say(server.address, REQUEST).await;
        server.asked.notified().await;
        server.stop.cancel();
        server.go.notify_one();
        let began = Instant::now();
        hear(stream).await;
        server.ended.await.expect("it ended").expect("well");
        assert!(began.elapsed() < limits::DRAIN / 2, "{:?}", began.elapsed());
    }

    #[tokio::test]
    async fn a_request_that_had_begun_to_arrive_is_answered() {
        let server = running().await;
        let mut late = say(server.address, "GET / HTTP/1.1\r\nHost: x\r\n").await;
        let stream = say(server.address, REQUEST).await;
        server.asked.notified().await;
        server.stop.cancel();
        late.write_all(b"\r\n").await.expect("sent");
        server.asked.notified().await;
        server.go.notify_waiters();
        for stream in [stream, late] {
            server.go.notify_one();
            assert!(hear(stream).await.ends_with("late"));
        }
        server.ended.await.expect("it ended").expect("well");
    }

    #[tokio::test(start_paused = true)]
    async fn what_does_not_finish_is_cut_off() {
        let server = running().await;
        let _stream = say(server.address, REQUEST).await;
        server.asked.notified().await;
        server.stop.cancel();
        let began = Instant::now();
        server.ended.await.expect("it ended").expect("well");
        assert!(began.elapsed() >= limits::DRAIN && began.elapsed() < limits::DRAIN * 2, "{:?}", began.elapsed());
    }
}
