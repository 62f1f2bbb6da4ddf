//! People who sign in, as the tests need them.

use std::io;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Mutex;

use async_trait::async_trait;
use zonke_signin::{DeviceCode, Prompts};
use zonke_vault::Secret;

use crate::stand_in::{StandIn, parameters};

/// What somebody does in front of the browser.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Behavior {
    /// Signs in and allows the access.
    Allows,
    /// Clicks on deny.
    Denies,
    /// Leaves the page open and goes away.
    GoesAway,
    /// Has no browser.
    HasNone,
    /// Is shown a forged answer first, and then signs in.
    IsAttacked,
}

pub(crate) struct Person<'a> {
    pub(crate) aws: &'a StandIn,
    pub(crate) behavior: Behavior,
    pub(crate) mfa: Option<&'static str>,
    /// Everything the person got to see.
    pub(crate) seen: Mutex<Vec<String>>,
}

impl<'a> Person<'a> {
    pub(crate) fn who(aws: &'a StandIn, behavior: Behavior) -> Self {
        Self {
            aws,
            behavior,
            mfa: Some("123456"),
            seen: Mutex::default(),
        }
    }
}

#[async_trait]
impl Prompts for Person<'_> {
    fn open(&self, url: &str) -> io::Result<()> {
        self.seen.lock().unwrap().push(url.to_owned());
        let query = parameters(url.split_once('?').unwrap().1);
        let redirect = query["redirect_uri"].clone();
        let state = query["state"].clone();
        match self.behavior {
            Behavior::HasNone => return Err(io::Error::new(io::ErrorKind::NotFound, "no browser is installed")),
            Behavior::GoesAway => {}
            Behavior::Denies => visit(format!(
                "{redirect}?error=access_denied&error_description=The+user+said+no&state={state}"
            )),
            Behavior::Allows => visit(format!("{redirect}?code={}&state={state}", self.aws.authorize(&query))),
            Behavior::IsAttacked => {
                let code = self.aws.authorize(&query);
                std::thread::spawn(move || {
                    assert!(get(&format!("{redirect}?code=forged&state=guessed")).starts_with("HTTP/1.1 400"));
                    get(&format!("{redirect}?code={code}&state={state}"));
                });
            }
        }
        Ok(())
    }

    fn show_code(&self, code: &DeviceCode) {
        self.seen
            .lock()
            .unwrap()
            .push(format!("{} {}", code.user_code, code.complete_url));
    }

    async fn mfa_code(&self, profile: &str, serial: &str) -> Option<Secret> {
        self.seen.lock().unwrap().push(format!("{profile} {serial}"));
        self.mfa.map(Secret::from)
    }
}

/// The browser follows the redirect while the app waits.
fn visit(url: String) {
    std::thread::spawn(move || get(&url));
}

fn get(url: &str) -> String {
    let (host, path) = url.strip_prefix("http://").unwrap().split_once('/').unwrap();
    let mut stream = TcpStream::connect(host).unwrap();
    write!(stream, "GET /{path} HTTP/1.1\r\nHost: {host}\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}
