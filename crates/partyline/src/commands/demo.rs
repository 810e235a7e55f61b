//! `partyline demo`: the server, a filled workspace, a simulated carrier, and phones in the browser.

use std::net::SocketAddr;

use anyhow::Context as _;
use partyline_carrier::Carrier;
use partyline_desk::Desk;
use partyline_server::Config;
use url::Url;

use crate::commands::{fill, serve};
use crate::open;
use crate::options::Options;

/// Runs until told to stop. The demo has a folder of its own, so that it never mixes with a real inbox.
pub async fn run(mut options: Options, carrier_listen: SocketAddr) -> anyhow::Result<()> {
    if !options.data_dir_said {
        options.data_dir = options.data_dir.join("demo");
    }
    let listener = serve::listen(options.listen).await?;
    let inbox = open::reachable(listener.local_addr()?);
    let carrier_listener = serve::listen(carrier_listen).await.context("the simulated carrier (--carrier-listen)")?;
    let phones = open::reachable(carrier_listener.local_addr()?);
    let stop = serve::until_told();

    let desk = open::desk(&options, listener.local_addr()?).await?;
    let is_new = desk.setup_state().await?.needed;
    let mut config = partyline_carrier::Config { inbox_url: Some(format!("http://{inbox}/")), ..partyline_carrier::Config::demo() };
    if !is_new {
        point_numbers(&desk, &mut config).await?;
    }
    let carrier = Carrier::new(config)?;
    let network = tokio::spawn({
        let (carrier, stop) = (carrier.clone(), stop.clone());
        async move { carrier.serve(carrier_listener, stop).await }
    });

    if is_new {
        println!("Filling the demo workspace…");
        fill::workspace(&desk, &format!("http://{phones}")).await?;
    }
    println!();
    println!("  Inbox    http://{inbox}/");
    println!("           sign in as {} with {}", fill::OWNER_EMAIL, fill::PASSWORD);
    println!("           (or as {}, to see two people at work)", fill::SECOND_EMAIL);
    println!("  Phones   http://{phones}/");
    println!("           text the business from here, and break the network");
    println!();
    let phones = Url::parse(&format!("http://{phones}/"))?;
    let config = Config { demo_phones: Some(phones), ..serve::config(&options) };
    serve::serve(desk, listener, config, stop).await?;
    network.await.context("the simulated carrier")??;
    Ok(())
}

/// The carrier forgets everything when it stops; its numbers are told again where they report.
async fn point_numbers(desk: &Desk, config: &mut partyline_carrier::Config) -> anyhow::Result<()> {
    let owner = fill::owner(desk).await?;
    for channel in desk.channels(&owner).await?.value {
        let numbers = config.accounts.iter_mut().flat_map(|a| a.numbers.iter_mut());
        if let (Some(number), Some(hooks)) = (numbers.into_iter().find(|n| n.number == channel.row.address), channel.hooks) {
            number.sms_url = hooks.message.to_string();
        }
    }
    Ok(())
}
