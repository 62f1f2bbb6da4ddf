//! The two requests this crate sends to its own server, by hand: a whole HTTP client would be the largest part of it.

use std::time::Duration;

use serde::Deserialize;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// A server on this computer answers at once or is busy; longer than this means that it hangs.
const PATIENCE: Duration = Duration::from_secs(5);

/// What our server says about itself.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Identity {
    /// Repeats the number it was started with.
    pub(crate) nonce: String,
    /// Its process id.
    pub(crate) pid: u32,
    /// When it started, seconds since 1970.
    pub(crate) started_at: f64,
}

/// Asks the server on `port` who it is. `None` if nothing of ours answers there.
pub(crate) async fn identity(port: u16, nonce: &str) -> Option<Identity> {
    let body = request("GET", "identity", port, nonce).await?;
    serde_json::from_slice::<Identity>(&body)
        .ok()
        .filter(|identity| identity.nonce == nonce)
}

/// Asks the server to end, or to begin anew with nothing in it. Whether it agreed.
pub(crate) async fn order(port: u16, nonce: &str, what: &str) -> bool {
    request("POST", what, port, nonce).await.is_some()
}

async fn request(method: &str, what: &str, port: u16, nonce: &str) -> Option<Vec<u8>> {
    timeout(PATIENCE, exchange(method, what, port, nonce)).await.ok()?
}

async fn exchange(method: &str, what: &str, port: u16, nonce: &str) -> Option<Vec<u8>> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await.ok()?;
    let request = format!(
        "{method} /_practice/{what} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nX-Zonke-Nonce: {nonce}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).await.ok()?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.ok()?;
    let end = answer.windows(4).position(|window| window == b"\r\n\r\n")?;
    let head = String::from_utf8_lossy(&answer[..end]);
    let ok = head.lines().next()?.split(' ').nth(1)? == "200";
    ok.then(|| answer[end + 4..].to_vec())
}
