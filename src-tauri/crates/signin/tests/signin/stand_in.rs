//! A stand-in for IAM Identity Center (OIDC and portal) and for STS: it keeps the rules of the protocol and does what a test
//! says.

use std::collections::{BTreeMap, VecDeque};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, SystemTime};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use zonke_signin::Endpoints;

/// Marks of the secrets that the stand-in hands out: none of them may turn up anywhere but in the keychain.
pub(crate) const CANARY: &str = "CANARY";

pub(crate) struct StandIn {
    address: String,
    rules: Arc<Mutex<Rules>>,
}

/// What the stand-in does and remembers.
pub(crate) struct Rules {
    /// Answers to questions about a device code, one after the other; then it is confirmed.
    pub(crate) device: VecDeque<&'static str>,
    pub(crate) device_seconds: i32,
    /// Error of every renewal, if any.
    pub(crate) renewal_error: Option<&'static str>,
    pub(crate) token_seconds: i64,
    pub(crate) role_seconds: i64,
    /// Portal answers this error instead.
    pub(crate) portal_error: Option<&'static str>,
    /// This path is refused with this error.
    pub(crate) refuse: Option<(&'static str, &'static str)>,
    /// The answer of this path lacks everything it should have.
    pub(crate) empty: Option<&'static str>,
    pub(crate) sts_error: Option<(&'static str, &'static str)>,
    /// Time a request for role credentials takes.
    pub(crate) slow: Duration,
    /// Access tokens that are accepted.
    pub(crate) valid: Vec<String>,
    pub(crate) refresh: Option<String>,
    /// `METHOD path` of every request, and the form of STS.
    pub(crate) log: Vec<String>,
    codes: BTreeMap<String, (String, String)>,
    issued: u32,
}

impl StandIn {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let rules = Arc::new(Mutex::new(Rules {
            device: VecDeque::new(),
            device_seconds: 600,
            renewal_error: None,
            token_seconds: 3600,
            role_seconds: 3600,
            portal_error: None,
            refuse: None,
            empty: None,
            sts_error: None,
            slow: Duration::ZERO,
            valid: Vec::new(),
            refresh: None,
            log: Vec::new(),
            codes: BTreeMap::new(),
            issued: 0,
        }));
        let shared = Arc::clone(&rules);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let rules = Arc::clone(&shared);
                std::thread::spawn(move || serve(stream, &rules));
            }
        });
        Self { address, rules }
    }

    pub(crate) fn endpoints(&self) -> Endpoints {
        Endpoints {
            oidc: Some(self.address.clone()),
            sso: Some(self.address.clone()),
            sts: Some(self.address.clone()),
        }
    }

    pub(crate) fn rules(&self) -> MutexGuard<'_, Rules> {
        self.rules.lock().unwrap()
    }

    /// How often something was asked.
    pub(crate) fn asked(&self, request: &str) -> usize {
        self.rules().log.iter().filter(|line| line.starts_with(request)).count()
    }

    /// Somebody signs in on the page that `query` asks for: the authorization code.
    pub(crate) fn authorize(&self, query: &BTreeMap<String, String>) -> String {
        assert_eq!(query["response_type"], "code");
        assert_eq!(query["code_challenge_method"], "S256");
        assert_eq!(query["client_id"], "client-1");
        assert_eq!(query["scopes"], "sso:account:access");
        let mut rules = self.rules();
        rules.issued += 1;
        let code = format!("{CANARY}-code-{}", rules.issued);
        rules
            .codes
            .insert(code.clone(), (query["code_challenge"].clone(), query["redirect_uri"].clone()));
        code
    }
}

pub(crate) fn parameters(query: &str) -> BTreeMap<String, String> {
    let plain = |text: &str| {
        percent_encoding::percent_decode_str(&text.replace('+', " "))
            .decode_utf8()
            .unwrap()
            .into_owned()
    };
    query
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .map(|(name, value)| (plain(name), plain(value)))
        .collect()
}

struct Answer {
    status: u16,
    error: Option<&'static str>,
    body: String,
}

fn serve(stream: TcpStream, rules: &Mutex<Rules>) {
    let mut reader = BufReader::new(stream);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if reader.read_line(&mut head).unwrap_or(0) == 0 {
            return;
        }
    }
    let header = |name: &str| {
        head.lines()
            .filter_map(|line| line.split_once(':'))
            .find(|(n, _)| n.eq_ignore_ascii_case(name))
            .map(|(_, v)| v.trim().to_owned())
    };
    let mut body = vec![0; header("content-length").map_or(0, |n| n.parse().unwrap())];
    reader.read_exact(&mut body).unwrap();
    let body = String::from_utf8(body).unwrap();
    let mut words = head.split(' ');
    let (method, target) = (words.next().unwrap(), words.next().unwrap());
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let slow = {
        let mut rules = rules.lock().unwrap();
        rules
            .log
            .push(format!("{method} {path} {}", if path == "/" { &body } else { query }));
        if path == "/federation/credentials" {
            rules.slow
        } else {
            Duration::ZERO
        }
    };
    std::thread::sleep(slow);
    let answer = rules.lock().unwrap().answer(
        method,
        path,
        &parameters(query),
        &body,
        header("x-amz-sso_bearer_token").as_deref(),
    );
    let error = answer.error.map(|e| format!("x-amzn-ErrorType: {e}\r\n")).unwrap_or_default();
    let kind = if path == "/" { "text/xml" } else { "application/json" };
    let text = format!(
        "HTTP/1.1 {} X\r\nContent-Type: {kind}\r\nContent-Length: {}\r\nx-amzn-RequestId: request-7\r\n{error}Connection: close\r\n\r\n{}",
        answer.status,
        answer.body.len(),
        answer.body
    );
    // A client that has given up does not matter here.
    drop(reader.get_mut().write_all(text.as_bytes()));
}

fn fine(body: &Value) -> Answer {
    Answer {
        status: 200,
        error: None,
        body: body.to_string(),
    }
}

fn refuse(error: &'static str) -> Answer {
    let status = match error {
        "UnauthorizedException" => 401,
        "ForbiddenException" => 403,
        "InternalServerException" => 500,
        _ => 400,
    };
    let body = json!({ "message": format!("The stand-in answers {error}."), "error_description": format!("The stand-in answers {error}.") });
    Answer {
        status,
        error: Some(error),
        body: body.to_string(),
    }
}

impl Rules {
    fn answer(&mut self, method: &str, path: &str, query: &BTreeMap<String, String>, body: &str, bearer: Option<&str>) -> Answer {
        let field = |name: &str| {
            serde_json::from_str::<Value>(body)
                .ok()
                .and_then(|v| v.get(name)?.as_str().map(str::to_owned))
                .unwrap_or_default()
        };
        if let Some((_, error)) = self.refuse.filter(|(refused, _)| *refused == path) {
            return refuse(error);
        }
        if self.empty == Some(path) {
            return fine(&json!({}));
        }
        match (method, path) {
            ("POST", "/client/register") => fine(
                &json!({ "clientId": "client-1", "clientSecret": format!("{CANARY}-client-secret"), "clientSecretExpiresAt": 4_000_000_000_u32 }),
            ),
            ("POST", "/device_authorization") => fine(&json!({
                "deviceCode": format!("{CANARY}-device"), "userCode": "ABCD-EFGH", "verificationUri": "https://device.sso.example/",
                "verificationUriComplete": "https://device.sso.example/?user_code=ABCD-EFGH", "expiresIn": self.device_seconds, "interval": 1
            })),
            ("POST", "/token") => match field("grantType").as_str() {
                "authorization_code" => {
                    let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(field("codeVerifier")));
                    match self.codes.remove(&field("code")) {
                        Some(asked) if asked == (challenge, field("redirectUri")) => self.token(),
                        _ => refuse("InvalidGrantException"),
                    }
                }
                "refresh_token" => match self.renewal_error {
                    Some(error) => refuse(error),
                    None if Some(field("refreshToken")) == self.refresh => self.token(),
                    None => refuse("InvalidGrantException"),
                },
                _ => match self.device.pop_front() {
                    Some(error) => refuse(error),
                    None => self.token(),
                },
            },
            ("POST", "/") => self.sts(&parameters(body)),
            ("POST", "/logout") => {
                self.valid.clear();
                fine(&json!({}))
            }
            _ if !self.valid.iter().any(|t| Some(t.as_str()) == bearer) => refuse("UnauthorizedException"),
            _ if self.portal_error.is_some() => refuse(self.portal_error.unwrap()),
            ("GET", "/assignment/accounts") if query.contains_key("next_token") => {
                fine(&json!({ "accountList": [{ "accountId": "111111111111", "accountName": "Shop test" }] }))
            }
            ("GET", "/assignment/accounts") => fine(
                &json!({ "nextToken": "2", "accountList": [{ "accountId": "222222222222", "accountName": "shop production" }] }),
            ),
            ("GET", "/assignment/roles") => fine(&json!({ "roleList": [{ "roleName": "Read" }, { "roleName": "Deploy" }] })),
            ("GET", "/federation/credentials") => {
                self.issued += 1;
                let n = self.issued;
                fine(&json!({ "roleCredentials": {
                    "accessKeyId": format!("ASIA{CANARY}{n:06}"), "secretAccessKey": format!("{CANARY}-role-secret-{n}"),
                    "sessionToken": format!("{CANARY}-session-{n}-{}", "t".repeat(1500)), "expiration": (now() + self.role_seconds) * 1000
                }}))
            }
            other => panic!("nobody asks AWS for {other:?}"),
        }
    }

    fn token(&mut self) -> Answer {
        self.issued += 1;
        // As long as real ones, so that Windows' limit is passed.
        let access = format!("{CANARY}-access-{}-{}", self.issued, "a".repeat(2000));
        let refresh = format!("{CANARY}-refresh-{}", self.issued);
        self.valid.push(access.clone());
        self.refresh = Some(refresh.clone());
        fine(&json!({ "accessToken": access, "refreshToken": refresh, "tokenType": "Bearer", "expiresIn": self.token_seconds }))
    }

    fn sts(&mut self, form: &BTreeMap<String, String>) -> Answer {
        assert_eq!(form["Action"], "AssumeRole");
        let wrong_code = form.contains_key("SerialNumber") && form.get("TokenCode").map(String::as_str) != Some("123456");
        let error = self.sts_error.or(wrong_code.then_some((
            "AccessDenied",
            "MultiFactorAuthentication failed with invalid MFA one time pass code.",
        )));
        if let Some((code, message)) = error {
            let body = format!(
                "<ErrorResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><Error><Type>Sender</Type><Code>{code}</Code>\
                 <Message>{message}</Message></Error><RequestId>request-7</RequestId></ErrorResponse>"
            );
            return Answer {
                status: 403,
                error: None,
                body,
            };
        }
        self.issued += 1;
        let n = self.issued;
        let end = aws_smithy_types::DateTime::from_secs(now() + self.role_seconds)
            .fmt(aws_smithy_types::date_time::Format::DateTime)
            .unwrap();
        let body = format!(
            "<AssumeRoleResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><AssumeRoleResult><Credentials>\
             <AccessKeyId>ASIA{CANARY}{n:06}</AccessKeyId><SecretAccessKey>{CANARY}-assumed-secret-{n}</SecretAccessKey>\
             <SessionToken>{CANARY}-assumed-{n}</SessionToken><Expiration>{end}</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>"
        );
        Answer {
            status: 200,
            error: None,
            body,
        }
    }
}

fn now() -> i64 {
    i64::try_from(SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs()).unwrap()
}
