//! `partyline demo`: the server, a filled workspace, a simulated carrier, and phones in the browser.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::Context as _;
use partyline_carrier::Carrier;
use partyline_desk::Desk;
use partyline_server::Config;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use url::Url;

use crate::commands::{fill, serve};
use crate::open;
use crate::options::Options;

/// Runs until told to stop. The demo has a folder of its own, so that it never mixes with a real inbox.
pub async fn run(mut options: Options, carrier_listen: SocketAddr) -> anyhow::Result<()> {
    if !options.data_dir_said {
        options.data_dir = options.data_dir.join("demo");
    }
    let _only = open::only_server(&options)?;
    let listener = serve::listen(options.listen).await?;
    let metrics = serve::listen_for_metrics(&options).await?;
    let inbox = open::reachable(listener.local_addr()?);
    let desk = open::desk(&options, listener.local_addr()?).await?;
    // one socket for both carriers, so that the account's address stays what it was connected at, also where the system chose the port
    let carrier_listener = serve::listen(carrier_listen).await.context("the simulated carrier (--carrier-listen)")?;
    let phones = open::reachable(carrier_listener.local_addr()?);
    let carrier_listener = carrier_listener.into_std()?;
    let base =
        partyline_carrier::Config { inbox_url: Some(format!("http://{inbox}/")), ..partyline_carrier::Config::demo() };
    if desk.setup_state().await?.needed {
        println!("Filling the demo workspace…");
        fill_beside(&desk, base.clone(), TcpListener::from_std(carrier_listener.try_clone()?)?, phones).await?;
    }
    let mut config = base;
    remember(&desk, &mut config).await?;
    let carrier_listener = TcpListener::from_std(carrier_listener)?;
    let carrier = Carrier::new(config)?;
    let stop = serve::until_told(Duration::ZERO)?;
    let network = tokio::spawn({
        let stop = stop.clone();
        async move { carrier.serve(carrier_listener, stop).await }
    });
    println!();
    println!("  Inbox    http://{inbox}/");
    println!("           sign in as {} with {}", fill::OWNER_EMAIL, fill::PASSWORD);
    println!("           (or as {}, to see two people at work)", fill::SECOND_EMAIL);
    println!("  Phones   http://{phones}/");
    println!("           text the business from here, and break the network");
    println!();
    let phones = Url::parse(&format!("http://{phones}/"))?;
    let config = Config { demo_phones: Some(phones), draining: stop, ..serve::config(&options) };
    serve::serve(desk, listener, metrics, config, Duration::ZERO).await?;
    network.await.context("the simulated carrier")??;
    Ok(())
}

/// Fills the workspace while a carrier stands in for the provider that checks the account and its numbers.
async fn fill_beside(
    desk: &Desk,
    config: partyline_carrier::Config,
    listener: TcpListener,
    phones: SocketAddr,
) -> anyhow::Result<()> {
    let carrier = Carrier::new(config)?;
    let done = CancellationToken::new();
    let serving = tokio::spawn({
        let done = done.clone();
        async move { carrier.serve(listener, done).await }
    });
    fill::workspace(desk, &format!("http://{phones}")).await?;
    done.cancel();
    serving.await.context("the simulated carrier")??;
    Ok(())
}

/// A carrier forgets everything when it stops: its numbers are told where they report, and its phones what they have said.
async fn remember(desk: &Desk, config: &mut partyline_carrier::Config) -> anyhow::Result<()> {
    let owner = fill::owner(desk).await?;
    for channel in desk.channels(&owner).await?.value {
        let mut numbers = config.accounts.iter_mut().flat_map(|a| a.numbers.iter_mut());
        if let (Some(number), Some(hooks)) = (numbers.find(|n| n.number == channel.row.address), channel.hooks) {
            number.sms_url = hooks.message.to_string();
        }
    }
    config.history = fill::past_of_phones(desk, &owner).await?;
    Ok(())
}
