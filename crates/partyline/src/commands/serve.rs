//! `partyline serve`.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::Context as _;
use partyline_desk::{Desk, worker};
use partyline_meters::figures::{DRAINING, RUNNING};
use partyline_server::Config;
use partyline_server::limits::DRAIN;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::open;
use crate::options::Options;

/// How long sealing what the last sends wrote may take, after the drain.
const SEAL: Duration = Duration::from_secs(2);

/// Runs the server until it is told to stop, then finishes what it holds.
pub async fn run(options: Options) -> anyhow::Result<()> {
    let _only = open::only_server(&options)?;
    let listener = listen(options.listen).await?;
    let metrics = listen_for_metrics(&options).await?;
    let listening = listener.local_addr()?;
    let desk = open::desk(&options, listening).await?;
    let token = setup_token(&desk, listening, options.public_url.as_ref().is_some_and(is_outside)).await?;
    let address = open::reachable(listening);
    tracing::info!(listen = %listening, public_url = options.public_url.as_ref().map(url::Url::as_str), engine = desk.db().engine(), "partyline is ready");
    match &token {
        Some(token) => {
            println!("Open http://{address}/setup and enter this token to make the first workspace: {token}");
        }
        None => println!("Open http://{address}"),
    }
    let draining = until_told(options.drain_wait)?;
    let config = Config { setup_token: token, draining, ..config(&options) };
    serve(desk, listener, metrics, config, options.drain_wait).await
}

/// What every server of this program is set up with.
pub fn config(options: &Options) -> Config {
    Config {
        secure_cookies: options.public_url.as_ref().is_some_and(|u| u.scheme() == "https"),
        setup_token: None,
        version: env!("CARGO_PKG_VERSION"),
        demo_phones: None,
        draining: CancellationToken::new(),
    }
}

/// Takes the address.
pub async fn listen(address: SocketAddr) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address)
        .await
        .with_context(|| format!("{address} can't be listened on; choose another with --listen"))
}

/// Takes the address of the figures, where one is wanted.
pub async fn listen_for_metrics(options: &Options) -> anyhow::Result<Option<TcpListener>> {
    let Some(address) = options.metrics else { return Ok(None) };
    let listener = TcpListener::bind(address)
        .await
        .with_context(|| format!("{address} can't be listened on; choose another with --metrics-listen"))?;
    tracing::info!(listen = %listener.local_addr()?, "figures are at /metrics");
    Ok(Some(listener))
}

/// Serves and works until it drains and for `wait` after that, then finishes what is in hand, for at most [`DRAIN`]. The figures are there
/// to the end.
pub async fn serve(
    desk: Desk,
    listener: TcpListener,
    metrics: Option<TcpListener>,
    config: Config,
    wait: Duration,
) -> anyhow::Result<()> {
    RUNNING.set([([config.version, desk.db().engine()], 1.0)]);
    DRAINING.set([([], 0.0)]);
    let (stop, ended) = (CancellationToken::new(), CancellationToken::new());
    let figures = metrics.map(|l| tokio::spawn(partyline_server::serve_metrics(l, desk.clone(), ended.clone())));
    // should it end by itself, the server does too, and whoever looks after this process starts it again
    let guards = (config.draining.clone().drop_guard(), stop.clone().drop_guard());
    let (working, until) = (desk.clone(), stop.clone());
    let worker = tokio::spawn(async move {
        let _guards = guards;
        worker::run(working, until).await
    });
    let (draining, stopping) = (config.draining.clone(), stop.clone());
    let router = partyline_server::router(desk.clone(), config);
    let told = tokio::spawn(async move {
        draining.cancelled().await;
        DRAINING.set([([], 1.0)]);
        tokio::time::sleep(wait).await;
        stopping.cancel();
        Instant::now()
    });
    partyline_server::serve(listener, router, stop).await.context("the server")?;
    finish(desk, worker, told).await?;
    ended.cancel();
    if let Some(figures) = figures {
        figures.await.context("the listener for figures")??;
    }
    tracing::info!("stopped");
    Ok(())
}

/// Waits for the sends in hand. One that takes too long is left to the next process, which looks for what became of it. What was counted
/// in memory is written.
async fn finish(
    desk: Desk,
    worker: JoinHandle<partyline_desk::Result<()>>,
    told: JoinHandle<Instant>,
) -> anyhow::Result<()> {
    let end = told.await.context("the drain")? + DRAIN + SEAL;
    // nobody calls any more
    if !matches!(tokio::time::timeout_at(end, desk.note_refused()).await, Ok(Ok(()))) {
        tracing::warn!("how many webhooks were refused last could not be written");
    }
    match tokio::time::timeout_at(end, worker).await {
        Ok(done) => Ok(done.context("the worker")??),
        Err(_) => {
            tracing::warn!("some sends took too long; what became of them is looked for after the next start");
            Ok(())
        }
    }
}

/// From outside this machine, the first set-up needs the token that only the terminal shows. A proxy before a loopback address lets the
/// outside in, and there is one where a public address is set.
async fn setup_token(desk: &Desk, listening: SocketAddr, is_public: bool) -> anyhow::Result<Option<String>> {
    let needed = desk.setup_state().await?.needed && (is_public || !listening.ip().is_loopback());
    Ok(needed.then(|| partyline_store::scope::random::<12>().iter().map(|b| format!("{b:02x}")).collect()))
}

/// Is this an address at which others than this machine reach us?
fn is_outside(public: &url::Url) -> bool {
    match public.host() {
        Some(url::Host::Ipv4(ip)) => !ip.is_loopback(),
        Some(url::Host::Ipv6(ip)) => !ip.is_loopback(),
        Some(url::Host::Domain(name)) => name != "localhost",
        None => false,
    }
}

/// Cancelled by SIGINT or SIGTERM; a second signal ends the program at once.
///
/// # Errors
/// When the signals can't be heard.
pub fn until_told(wait: Duration) -> anyhow::Result<CancellationToken> {
    let stop = CancellationToken::new();
    let told = stop.clone();
    // heard from here on: a second one that comes at the heels of the first counts too
    let mut signals = Signals::new().context("the signals")?;
    tokio::spawn(async move {
        signals.next().await;
        match wait.as_secs() {
            0 => tracing::info!("stopping: finishing what is in hand"),
            seconds => tracing::info!(seconds, "stopping soon: not ready any more, for a balancer to see"),
        }
        told.cancel();
        signals.next().await;
        tracing::warn!("told again: ending at once");
        std::process::exit(1);
    });
    Ok(stop)
}

#[cfg(unix)]
struct Signals(tokio::signal::unix::Signal, tokio::signal::unix::Signal);

#[cfg(unix)]
impl Signals {
    fn new() -> std::io::Result<Signals> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Signals(signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?))
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.0.recv() => {}
            _ = self.1.recv() => {}
        }
    }
}

#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn new() -> std::io::Result<Signals> {
        Ok(Signals)
    }

    async fn next(&mut self) {
        // without a signal to wait for, the server runs until it is killed
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
