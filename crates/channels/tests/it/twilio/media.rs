use axum::body::Body;
use axum::http::header::AUTHORIZATION;
use bytes::Bytes;
use partyline_channels::twilio::MAX_MEDIA_BYTES;
use partyline_channels::{Media, ProviderError};

use super::{ACCOUNT, TOKEN, basic, connection, http, path, twilio};
use crate::peer::{Peer, respond};

async fn fetch(peer: &Peer, url: &str) -> Result<Media, ProviderError> {
    twilio().fetch_media(&http(), &connection(Some(peer.url())), url).await
}

fn file(peer: &Peer) -> String {
    format!("http://{}{}", peer.address, path("Messages/MM1/Media/ME1"))
}

#[tokio::test]
async fn a_file_is_fetched_over_the_redirect_without_taking_the_credentials_along() {
    let peer = Peer::start(|seen, _| {
        if seen.path.starts_with("/cdn/") {
            respond(200, &[("content-type", "image/png")], "picture")
        } else {
            respond(307, &[("location", "/cdn/abc?Expires=1")], "")
        }
    })
    .await;
    let media = fetch(&peer, &file(&peer)).await.expect("a file");
    assert_eq!(media, Media { content_type: Some("image/png".to_owned()), bytes: Bytes::from_static(b"picture") });
    let seen = peer.seen();
    assert_eq!(seen[0].header(AUTHORIZATION), basic(ACCOUNT, TOKEN));
    assert_eq!(seen[1].line(), "GET /cdn/abc?Expires=1");
    assert_eq!(seen[1].header(AUTHORIZATION), "");
}

#[tokio::test]
async fn credentials_go_to_the_account_s_own_part_of_the_api_only() {
    let peer = Peer::start(|_, _| respond(200, &[], "x")).await;
    let other_account = format!("http://{}/2010-04-01/Accounts/ACbbbb/Messages/MM1/Media/ME1", peer.address);
    let climbing = format!("http://{}{}", peer.address, path("Messages/../../ACbbbb/Messages/MM1/Media/ME1"));
    for url in [other_account, climbing] {
        fetch(&peer, &url).await.expect("a file");
    }
    assert!(peer.seen().iter().all(|seen| seen.header(AUTHORIZATION).is_empty()));
}

#[tokio::test]
async fn no_other_place_is_visited_directly_or_by_redirect() {
    let secret = Peer::start(|_, _| respond(200, &[], "secret")).await;
    let elsewhere = format!("http://{}/metadata", secret.address);
    let target = elsewhere.clone();
    let peer = Peer::start(move |_, _| respond(302, &[("location", target.as_str())], "")).await;
    for url in [
        file(&peer), // sends us there
        elsewhere,
        "http://169.254.169.254/latest/meta-data".to_owned(),
        format!("http://localhost:{}/x", peer.address.port()),
        "file:///etc/passwd".to_owned(),
        "not an address".to_owned(),
        String::new(),
    ] {
        assert_eq!(fetch(&peer, &url).await, Err(ProviderError::NotAllowed), "{url}");
    }
    assert!(secret.seen().is_empty());
}

#[tokio::test]
async fn twilio_itself_is_never_asked_for_a_file_elsewhere() {
    let real = connection(None);
    for url in ["http://api.twilio.com/x", "https://evil.example/x", "http://127.0.0.1:9/x", "https://127.0.0.1/x"] {
        assert_eq!(twilio().fetch_media(&http(), &real, url).await, Err(ProviderError::NotAllowed), "{url}");
    }
}

#[tokio::test]
async fn going_round_in_circles_ends() {
    let peer = Peer::start(|seen, _| respond(307, &[("location", seen.path.as_str())], "")).await;
    let result = fetch(&peer, &file(&peer)).await;
    assert!(matches!(result, Err(ProviderError::Unreadable { .. })), "{result:?}");
    assert_eq!(peer.seen().len(), 4);
}

#[tokio::test]
async fn too_large_a_file_is_left_whether_it_says_so_or_not() {
    let limit = ProviderError::TooLarge { limit_bytes: MAX_MEDIA_BYTES };
    let honest = Peer::start(|_, _| {
        let size = usize::try_from(MAX_MEDIA_BYTES).expect("small") + 1;
        respond(200, &[], Body::from(vec![0; size]))
    })
    .await;
    assert_eq!(fetch(&honest, &file(&honest)).await, Err(limit.clone()));
    let endless = Peer::start(|_, _| {
        let chunks = std::iter::repeat_with(|| Ok::<_, std::io::Error>(Bytes::from_static(&[0; 65_536])));
        respond(200, &[], Body::from_stream(futures_util::stream::iter(chunks)))
    })
    .await;
    assert_eq!(fetch(&endless, &file(&endless)).await, Err(limit));
}

#[tokio::test]
async fn what_is_gone_is_told_from_what_is_refused() {
    for (status, code) in [
        (404, "not_found_at_provider"),
        (410, "not_found_at_provider"),
        (401, "credentials_refused"),
        (429, "provider_busy"),
        (503, "provider_trouble"),
        (418, "provider_unreadable"),
    ] {
        let peer = Peer::start(move |_, _| respond(status, &[], "")).await;
        assert_eq!(fetch(&peer, &file(&peer)).await.expect_err("no file").code(), code, "{status}");
    }
}
