//! `partyline serve`.

use std::net::SocketAddr;

use anyhow::Context as _;
use partyline_desk::{Desk, worker};
use partyline_server::Config;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::open;
use crate::options::Options;

/// Runs the server until it is told to stop, then finishes what it holds.
pub async fn run(options: Options) -> anyhow::Result<()> {
    let _only = open::only_server(&options)?;
    let listener = listen(options.listen).await?;
    let listening = listener.local_addr()?;
    let desk = open::desk(&options, listening).await?;
    let token = setup_token(&desk, listening).await?;
    let address = open::reachable(listening);
    tracing::info!(listen = %listening, public_url = ?options.public_url.as_ref().map(url::Url::as_str), engine = desk.db().engine(), "partyline is ready");
    match &token {
        Some(token) => {
            println!("Open http://{address}/setup and enter this token to make the first workspace: {token}");
        }
        None => println!("Open http://{address}"),
    }
    let stop = until_told();
    let config = Config { setup_token: token, ..config(&options) };
    serve(desk, listener, config, stop).await
}

/// What every server of this program is set up with.
pub fn config(options: &Options) -> Config {
    Config {
        secure_cookies: options.public_url.as_ref().is_some_and(|u| u.scheme() == "https"),
        setup_token: None,
        version: env!("CARGO_PKG_VERSION"),
        demo_phones: None,
    }
}

/// Takes the address.
pub async fn listen(address: SocketAddr) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address)
        .await
        .with_context(|| format!("{address} can't be listened on; choose another with --listen"))
}

/// Serves and works until `stop`.
pub async fn serve(desk: Desk, listener: TcpListener, config: Config, stop: CancellationToken) -> anyhow::Result<()> {
    let worker = tokio::spawn(worker::run(desk.clone(), stop.clone()));
    let router = partyline_server::router(desk, config);
    partyline_server::serve(listener, router, stop.clone()).await.context("the server")?;
    stop.cancel();
    worker.await.context("the worker")?;
    tracing::info!("stopped");
    Ok(())
}

/// From outside this machine, the first set-up needs the token that only the terminal shows.
async fn setup_token(desk: &Desk, listening: SocketAddr) -> anyhow::Result<Option<String>> {
    let needed = desk.setup_state().await?.needed && !listening.ip().is_loopback();
    Ok(needed.then(|| partyline_store::scope::random::<12>().iter().map(|b| format!("{b:02x}")).collect()))
}

/// Cancelled by SIGINT or SIGTERM; a second signal ends the program at once.
pub fn until_told() -> CancellationToken {
    let stop = CancellationToken::new();
    let told = stop.clone();
    tokio::spawn(async move {
        signal().await;
        tracing::info!("stopping: finishing what is in hand");
        told.cancel();
        signal().await;
        std::process::exit(1);
    });
    stop
}

async fn signal() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = terminate.recv() => {}
            }
            return;
        }
    }
    // without a signal to wait for, the server runs until it is killed
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}
