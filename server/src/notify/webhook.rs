//! Webhooks: JSON that is signed, and Slack's form of it.

use hmac::{Hmac, Mac};
use serde_json::json;
use sha2::Sha256;
use tms_sync_host::{EgressPolicy, HostRequest};

use super::Message;
use super::post::Delivery;

/// Sends JSON with the header `tms-sync-signature: t=SECONDS,v1=HEX`: HMAC-SHA256 of `SECONDS.BODY` with the channel's key.
pub(super) async fn send(
    policy: &EgressPolicy,
    url: &str,
    key: &str,
    delivery: &Delivery,
    now: u64,
) -> Result<(), String> {
    let body = json!({ "version": 1, "messages": delivery.messages, "others": delivery.others }).to_string();
    let seconds = now / 1000;
    let signature = signature(key, seconds, &body);
    let request = HostRequest::post(url, body.into_bytes())
        .header("content-type", "application/json")
        .header("tms-sync-signature", &format!("t={seconds},v1={signature}"));
    request.deliver(policy).await
}

/// Sends text to an incoming webhook of Slack.
pub(super) async fn send_to_slack(policy: &EgressPolicy, url: &str, delivery: &Delivery) -> Result<(), String> {
    let one = |message: &Message| {
        let (title, text) = (escaped(&message.title), escaped(&message.text));
        format!("*{title}*\n{text}\n<{}|Open>", message.url)
    };
    let mut texts: Vec<String> = delivery.messages.iter().map(one).collect();
    if delivery.others > 0 {
        texts.push(format!("and {} more.", delivery.others));
    }
    let body = json!({ "text": texts.join("\n\n") }).to_string();
    let request = HostRequest::post(url, body.into_bytes()).header("content-type", "application/json");
    request.deliver(policy).await
}

/// Names of test cases and projects are text, neither links nor mentions.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

fn signature(key: &str, seconds: u64, body: &str) -> String {
    // A key of any length is a key.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key.as_bytes()) else {
        return String::new();
    };
    mac.update(format!("{seconds}.{body}").as_bytes());
    let bytes = mac.finalize().into_bytes();
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::{escaped, signature};

    #[test]
    fn a_signature_is_what_openssl_computes() {
        // printf '1700000000.{}' | openssl dgst -sha256 -hmac key
        assert_eq!(
            signature("key", 1_700_000_000, "{}"),
            "9d713ed406bb7076d4123f0dc2c39d2df5c654ed4b0cd56b52c8b4c940bd63ae"
        );
    }

    #[test]
    fn names_become_no_links_and_no_mentions() {
        assert_eq!(escaped("<!channel> & co"), "&lt;!channel&gt; &amp; co");
    }
}
