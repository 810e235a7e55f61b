//! A carrier by itself: `cargo run -p partyline-carrier --example carrier -- --listen 127.0.0.1:8081`

use partyline_carrier::{Carrier, Config, demo};
use tokio_util::sync::CancellationToken;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let (mut listen, mut inbox_url) = ("127.0.0.1:8081".to_owned(), None);
    while let Some(argument) = arguments.next() {
        match (argument.as_str(), arguments.next()) {
            ("--listen", Some(value)) => listen = value,
            ("--inbox", Some(value)) => inbox_url = Some(value),
            _ => return Err("usage: carrier [--listen ADDRESS] [--inbox URL]".into()),
        }
    }
    let listener = tokio::net::TcpListener::bind(&listen).await?;
    println!("phones: http://{}/", listener.local_addr()?);
    println!("account {} token {}", demo::ACCOUNT_SID, demo::AUTH_TOKEN);
    let carrier = Carrier::new(Config { inbox_url, ..Config::demo() })?;
    carrier.serve(listener, CancellationToken::new()).await?;
    Ok(())
}
