//! The one request the browser makes to this computer when its user has signed in.

use std::net::Ipv4Addr;
use std::time::Duration;

use percent_encoding::percent_decode_str;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use zonke_vault::Secret;

use crate::error::{Result, SignInError};

/// Path of the redirect; the same that is registered, which has no port because the port is only known later.
pub(crate) const REGISTERED_REDIRECT: &str = "http://127.0.0.1/oauth/callback";

/// Browsers send a few hundred bytes.
const LONGEST_REQUEST: usize = 16 * 1024;
/// Browsers open connections in advance and leave them silent.
const SILENCE: Duration = Duration::from_secs(10);

/// Listens on a random port of 127.0.0.1, which only this computer reaches.
pub(crate) struct Loopback {
    listener: TcpListener,
    port: u16,
}

impl Loopback {
    pub(crate) async fn bind() -> Result<Self> {
        let no_port = |error: std::io::Error| SignInError::BrowserNotOpened {
            reason: format!("no port of this computer can be opened: {error}"),
        };
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.map_err(no_port)?;
        let port = listener.local_addr().map_err(no_port)?.port();
        Ok(Self { listener, port })
    }

    pub(crate) fn redirect_uri(&self) -> String {
        format!("http://127.0.0.1:{}/oauth/callback", self.port)
    }

    /// Waits for the redirect that carries `state` and gives its authorization code. Everything else that comes to the port is
    /// turned away, and the port is closed with the first redirect, the time limit or the cancellation.
    pub(crate) async fn code(self, state: &str, limit: Duration, cancel: &CancellationToken) -> Result<Secret> {
        let (found, mut arrived) = mpsc::channel(1);
        // Dropped with this future, and with it every open connection.
        let mut connections = JoinSet::new();
        let deadline = tokio::time::sleep(limit);
        tokio::pin!(deadline);
        loop {
            tokio::select! {
                () = cancel.cancelled() => return Err(SignInError::Cancelled),
                () = &mut deadline => return Err(SignInError::BrowserSilent { seconds: limit.as_secs() }),
                Some(answer) = arrived.recv() => return answer,
                accepted = self.listener.accept() => {
                    // A connection that is gone before it is accepted is no reason to end the sign-in.
                    let Ok((stream, _)) = accepted else { continue };
                    let (found, state, host) = (found.clone(), state.to_owned(), format!("127.0.0.1:{}", self.port));
                    connections.spawn(async move {
                        if let Ok(Some(answer)) = tokio::time::timeout(SILENCE, serve(stream, &host, &state)).await {
                            drop(found.send(answer).await);
                        }
                    });
                }
            }
        }
    }
}

/// Answers one request; the result of the sign-in if the request was the redirect.
async fn serve(mut stream: TcpStream, host: &str, state: &str) -> Option<Result<Secret>> {
    let request = read_head(&mut stream).await?;
    let (status, title, text, answer) = judge(&request, host, state);
    let page = format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>{title}</title>\
         <body style=\"font:1.1rem system-ui;margin:20vh auto;max-width:34rem\"><h1>{title}</h1><p>{text}</p></body></html>"
    );
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {}\r\nCache-Control: no-store\r\n\
         Content-Security-Policy: default-src 'none'; style-src 'unsafe-inline'\r\nReferrer-Policy: no-referrer\r\nConnection: close\r\n\r\n",
        page.len()
    );
    // The code counts even if the browser does not wait for its page.
    drop(stream.write_all(format!("{head}{page}").as_bytes()).await);
    drop(stream.shutdown().await);
    answer
}

async fn read_head(stream: &mut TcpStream) -> Option<zeroize::Zeroizing<String>> {
    let mut bytes = zeroize::Zeroizing::new(Vec::with_capacity(LONGEST_REQUEST));
    while !bytes.windows(4).any(|w| w == b"\r\n\r\n") {
        if bytes.len() >= LONGEST_REQUEST || stream.read_buf(&mut *bytes).await.ok()? == 0 {
            return None;
        }
    }
    String::from_utf8(bytes.to_vec()).ok().map(zeroize::Zeroizing::new)
}

type Judgement = (&'static str, &'static str, &'static str, Option<Result<Secret>>);

fn judge(request: &str, host: &str, state: &str) -> Judgement {
    let nothing_here: Judgement = (
        "404 Not Found",
        "Nothing here",
        "This page belongs to a sign-in of Zonké Desktop.",
        None,
    );
    let mut lines = request.lines();
    let mut words = lines.next().unwrap_or_default().split(' ');
    let (Some("GET"), Some(target)) = (words.next(), words.next()) else {
        return nothing_here;
    };
    let Some(("/oauth/callback", query)) = target.split_once('?') else {
        return nothing_here;
    };
    // A web page that makes its own name point to 127.0.0.1 sends its own name here.
    let named = lines
        .take_while(|line| !line.is_empty())
        .filter_map(|line| line.split_once(':'))
        .any(|(name, value)| name.eq_ignore_ascii_case("host") && value.trim() == host);
    if !named || parameter(query, "state").as_deref() != Some(state) {
        return (
            "400 Bad Request",
            "Not this sign-in",
            "This answer belongs to another sign-in. Go back to Zonké Desktop and start again.",
            None,
        );
    }
    if let Some(code) = parameter(query, "code").filter(|code| !code.is_empty()) {
        return (
            "200 OK",
            "You are signed in",
            "You can close this page and go back to Zonké Desktop.",
            Some(Ok(Secret::from(code))),
        );
    }
    let reason = parameter(query, "error_description")
        .or_else(|| parameter(query, "error"))
        .unwrap_or_else(|| "no reason was given".to_owned());
    // What comes from the browser is shown by the app, so it is kept short and on one line.
    let reason: String = reason.chars().filter(|c| !c.is_control()).take(200).collect();
    (
        "200 OK",
        "You are not signed in",
        "Go back to Zonké Desktop to see what to do next.",
        Some(Err(SignInError::Denied { reason })),
    )
}

fn parameter(query: &str, name: &str) -> Option<String> {
    let value = query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))?;
    percent_decode_str(&value.replace('+', " "))
        .decode_utf8()
        .ok()
        .map(std::borrow::Cow::into_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(target: &str, host: &str) -> String {
        format!("GET {target} HTTP/1.1\r\nHost: {host}\r\nAccept: */*\r\n\r\n")
    }

    #[test]
    fn only_the_redirect_of_this_sign_in_is_accepted() {
        let host = "127.0.0.1:4711";
        let judged = |target: &str, from: &str| judge(&request(target, from), host, "s-1");
        assert_eq!(
            judged("/oauth/callback?code=a%2Fb%2B&state=s-1", host).3,
            Some(Ok(Secret::from("a/b+")))
        );
        for (target, from) in [
            ("/favicon.ico", host),
            ("/oauth/callback", host),
            ("/oauth/callback?code=a&state=s-2", host),
            ("/oauth/callback?code=a", host),
            ("/oauth/callback?code=a&state=s-1", "rebound.example:4711"),
            ("/other?code=a&state=s-1", host),
        ] {
            assert_eq!(judged(target, from).3, None, "{target} from {from}");
        }
        assert_eq!(
            judge(
                "POST /oauth/callback?code=a&state=s-1 HTTP/1.1\r\nHost: 127.0.0.1:4711\r\n\r\n",
                host,
                "s-1"
            )
            .3,
            None
        );
        let denied = judged(
            "/oauth/callback?error=access_denied&error_description=Not+you%0A&state=s-1",
            host,
        )
        .3;
        assert_eq!(
            denied,
            Some(Err(SignInError::Denied {
                reason: "Not you".to_owned()
            }))
        );
    }

    #[tokio::test]
    async fn silent_connections_and_strangers_do_not_stop_the_sign_in_and_the_port_is_closed_after_it() {
        let loopback = Loopback::bind().await.unwrap();
        let address = format!("127.0.0.1:{}", loopback.port);
        let cancel = CancellationToken::new();
        let waiting = tokio::spawn(async move { loopback.code("right", Duration::from_secs(20), &cancel).await });
        let _silent = TcpStream::connect(&address).await.unwrap();
        let ask = async |target: &str| {
            let mut stream = TcpStream::connect(&address).await.unwrap();
            stream.write_all(request(target, &address).as_bytes()).await.unwrap();
            let mut answer = String::new();
            stream.read_to_string(&mut answer).await.unwrap();
            answer
        };
        assert!(
            ask("/oauth/callback?code=stolen&state=wrong")
                .await
                .starts_with("HTTP/1.1 400")
        );
        assert!(ask("/favicon.ico").await.starts_with("HTTP/1.1 404"));
        let page = ask("/oauth/callback?code=mine&state=right").await;
        assert!(
            page.starts_with("HTTP/1.1 200") && page.contains("You are signed in") && !page.contains("mine"),
            "{page}"
        );
        assert_eq!(waiting.await.unwrap().unwrap().expose(), "mine");
        assert!(TcpStream::connect(&address).await.is_err());
    }

    #[tokio::test]
    async fn a_browser_that_never_returns_and_a_person_who_gives_up_end_the_wait() {
        let cancel = CancellationToken::new();
        let never = Loopback::bind()
            .await
            .unwrap()
            .code("s", Duration::from_millis(30), &cancel)
            .await;
        assert_eq!(never, Err(SignInError::BrowserSilent { seconds: 0 }));
        cancel.cancel();
        let given_up = Loopback::bind()
            .await
            .unwrap()
            .code("s", Duration::from_mins(10), &cancel)
            .await;
        assert_eq!(given_up, Err(SignInError::Cancelled));
    }
}
