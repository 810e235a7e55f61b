//! The signer against vectors that Twilio's own library made.

use partyline_carrier::signing::sign;
use serde::Deserialize;

#[derive(Deserialize)]
struct Vector {
    name: String,
    url: String,
    parameters: Vec<(String, String)>,
    key: String,
    signature: String,
    valid: bool,
}

#[test]
fn agrees_with_twilios_library() {
    let vectors: Vec<Vector> =
        serde_json::from_str(include_str!("../fixtures/twilio_signatures.json")).expect("the fixture");
    assert!(vectors.len() >= 14);
    for vector in vectors {
        let is_json = vector.url.contains("bodySHA256");
        let ours = sign(&vector.key, &vector.url, &vector.parameters);
        if is_json {
            // There the signature covers the address alone, which a changed body leaves as it was.
            assert_eq!(ours, vector.signature, "{}", vector.name);
        } else {
            assert_eq!(ours == vector.signature, vector.valid, "{}", vector.name);
        }
    }
}
