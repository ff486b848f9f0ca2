//! Access tokens: a JWT signed with HMAC-SHA256 (RFC 7519), with LiveKit's grants.

use std::time::Duration;

use aws_lc_rs::hmac;
use data_encoding::BASE64URL_NOPAD;
use serde_json::json;

use crate::load::clock;

const VALID: Duration = Duration::from_secs(6 * 3600);

/// A token with which `identity` may join `room`, publish and subscribe.
#[must_use]
pub fn token(key: &str, secret: &str, room: &str, identity: &str) -> String {
    let now = clock::wall() / 1_000_000_000;
    let claims = json!({
        "iss": key,
        "sub": identity,
        "nbf": now - 60,
        "exp": now + VALID.as_secs(),
        "video": {"roomJoin": true, "room": room, "canPublish": true, "canSubscribe": true},
    });
    let encode = |text: String| BASE64URL_NOPAD.encode(text.as_bytes());
    let header = json!({"alg": "HS256", "typ": "JWT"});
    let signed = format!(
        "{}.{}",
        encode(header.to_string()),
        encode(claims.to_string())
    );
    let signature = hmac::sign(
        &hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes()),
        signed.as_bytes(),
    );
    format!("{signed}.{}", BASE64URL_NOPAD.encode(signature.as_ref()))
}
