//! A session against a small server of the test's own, over a real connection.

use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use zonke_vault::Secret;

use crate::audit::AuditLog;
use crate::session::{Endpoint, Session};
use crate::view::{AccountTarget, AccountView};

/// A request as the server saw it.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    /// Header lines, lower case.
    pub(crate) head: String,
    pub(crate) body: String,
}

/// Answers every request by a function of the test and remembers the requests.
#[derive(Clone)]
pub(crate) struct Server {
    pub(crate) url: String,
    requests: Arc<Mutex<Vec<Request>>>,
}

impl Server {
    /// A server whose `answer` gives status, headers and body.
    pub(crate) async fn answering(answer: impl Fn(&Request) -> (u16, &'static str, String) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let requests = Arc::new(Mutex::new(Vec::new()));
        let (seen, answer) = (Arc::clone(&requests), Arc::new(answer));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (seen, answer) = (Arc::clone(&seen), Arc::clone(&answer));
                tokio::spawn(async move {
                    let mut stream = stream;
                    while let Some(request) = read(&mut stream).await {
                        let (status, headers, body) = answer(&request);
                        seen.lock().unwrap().push(request);
                        let response = format!("HTTP/1.1 {status} X\r\n{headers}content-length: {}\r\n\r\n{body}", body.len());
                        if stream.write_all(response.as_bytes()).await.is_err() {
                            break;
                        }
                    }
                });
            }
        });
        Self { url, requests }
    }

    pub(crate) fn requests(&self) -> Vec<Request> {
        self.requests.lock().unwrap().clone()
    }

    pub(crate) fn endpoint(&self) -> Endpoint {
        Endpoint {
            url: self.url.clone(),
            region: "eu-west-1".to_owned(),
            access_key_id: "AKIAPRACTICE".to_owned(),
            secret_access_key: Secret::from("canary-key"),
        }
    }

    /// A session that talks to this server, without asking it who we are.
    pub(crate) fn session(&self, audit: &AuditLog) -> Session {
        Session::over(crate::session::practice_config(&self.endpoint()), account(), audit)
    }
}

async fn read(stream: &mut TcpStream) -> Option<Request> {
    let mut bytes = Vec::new();
    let mut buffer = [0; 8192];
    loop {
        if let Some(end) = bytes.windows(4).position(|w| w == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&bytes[..end]).to_lowercase();
            let length = head
                .lines()
                .find_map(|l| l.strip_prefix("content-length: ")?.trim().parse::<usize>().ok())
                .unwrap_or(0);
            if bytes.len() >= end + 4 + length {
                return Some(Request {
                    head,
                    body: String::from_utf8_lossy(&bytes[end + 4..]).into_owned(),
                });
            }
        }
        let n = stream.read(&mut buffer).await.ok()?;
        if n == 0 {
            return None;
        }
        bytes.extend_from_slice(&buffer[..n]);
    }
}

fn account() -> AccountView {
    AccountView {
        target: AccountTarget::Practice,
        label: "Practice account".to_owned(),
        account_id: "111122223333".to_owned(),
        arn: "arn:aws:iam::111122223333:user/practice".to_owned(),
        region: "eu-west-1".to_owned(),
        practice: true,
        root: false,
        read_only: false,
        production: false,
        endpoint_url: None,
    }
}

/// A session that talks to nobody.
pub(crate) fn session() -> Session {
    session_at(1.0)
}

/// A session that talks to nobody, with waiting times multiplied by `tempo`.
pub(crate) fn session_at(tempo: f64) -> Session {
    let endpoint = Endpoint {
        url: "http://127.0.0.1:9".to_owned(),
        region: "eu-west-1".to_owned(),
        access_key_id: "none".to_owned(),
        secret_access_key: Secret::from("none"),
    };
    Session::at_tempo(crate::session::practice_config(&endpoint), account(), &AuditLog::off(), tempo)
}
