//! Profiles made by `aws login`: a session that the AWS CLI keeps, renewed at the console's sign-in endpoint.
//!
//! No emulator has that endpoint, so a stand-in answers its one operation, `CreateOAuth2Token`, in AWS's own shapes. The session
//! itself is checked by the account.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::process::{Output, Stdio};
use std::sync::{Arc, Mutex};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use zonke_testkit::Sandbox;

use crate::account::{Account, Key, REGION};

const SESSION: &str = "arn:aws:iam::111122223333:user/ada";

/// The stand-in: what it answers next, and what it was asked.
struct Console {
    url: String,
    answer: Arc<Mutex<(u16, Value)>>,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Console {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("its address"));
        let (answer, asked) = (Arc::new(Mutex::new((500, json!({})))), Arc::<Mutex<Vec<String>>>::default());
        let (answers, log) = (Arc::clone(&answer), Arc::clone(&asked));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let mut reader = BufReader::new(stream);
                let mut head = String::new();
                while !head.ends_with("\r\n\r\n") && reader.read_line(&mut head).unwrap_or(0) > 0 {}
                let length = |line: &str| {
                    line.to_lowercase()
                        .strip_prefix("content-length:")
                        .and_then(|n| n.trim().parse().ok())
                };
                let mut body = vec![0; head.lines().find_map(length).unwrap_or(0)];
                drop(reader.read_exact(&mut body));
                let proof = head.to_lowercase().contains("\r\ndpop:");
                let line = head.lines().next().unwrap_or_default().to_owned();
                log.lock()
                    .expect("a list")
                    .push(format!("{line} proof={proof} {}", String::from_utf8_lossy(&body)));
                let (status, answer) = answers.lock().expect("an answer").clone();
                let kind = if status == 200 {
                    ""
                } else {
                    "x-amzn-ErrorType: AccessDeniedException\r\n"
                };
                let text = answer.to_string();
                let head = format!(
                    "HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nConnection: close\r\n{kind}Content-Length: {}",
                    text.len()
                );
                drop(write!(reader.get_mut(), "{head}\r\n\r\n{text}"));
            }
        });
        Self { url, answer, asked }
    }

    fn answers(&self, status: u16, answer: Value) {
        *self.answer.lock().expect("an answer") = (status, answer);
        self.asked.lock().expect("a list").clear();
    }
}

/// A private key on P-256 in the form of SEC 1, as the AWS CLI keeps it beside the session; it proves who may renew it.
fn proof_key() -> String {
    let mut der = vec![0x30, 0x31, 0x02, 0x01, 0x01, 0x04, 0x20];
    der.extend(Sha256::digest("any number below the order of the curve"));
    der.extend([0xa0, 0x0a, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07]);
    let kind = "EC PRIVATE KEY";
    let text = STANDARD.encode(der);
    // Lines of PEM have 64 characters.
    let (first, second) = text.split_at(64);
    format!("-----BEGIN {kind}-----\n{first}\n{second}\n-----END {kind}-----\n")
}

/// Writes what `aws login` keeps of a session.
fn keep(sandbox: &Sandbox, key: &Key, expires_at: &str) {
    let name = format!("{:x}", Sha256::digest(SESSION));
    let folder = sandbox.path().join("home/.aws/login/cache");
    std::fs::create_dir_all(&folder).expect("the folder");
    let kept = json!({
        "accessToken": {
            "accessKeyId": key.id, "secretAccessKey": key.secret, "sessionToken": key.token,
            "accountId": "111122223333", "expiresAt": expires_at,
        },
        "tokenType": "aws_sigv4", "refreshToken": "CANARY-refresh", "idToken": "x.y.z",
        "clientId": "arn:aws:signin:::devtools/same-device", "dpopKey": proof_key(),
    });
    std::fs::write(folder.join(name).with_extension("json"), kept.to_string()).expect("the session is kept");
}

fn apps(sandbox: &Sandbox, console: &Console) -> Output {
    sandbox
        .command(env!("CARGO_BIN_EXE_zonke"))
        .args(["apps", "--profile", "console", "--json"])
        .env("AWS_ENDPOINT_URL_SIGNIN", &console.url)
        .env("ZONKE_LOG", "trace")
        .stdin(Stdio::null())
        .output()
        .expect("run zonke")
}

#[tokio::test]
async fn a_console_session_is_used_renewed_and_asked_for_again() {
    let (account, console, sandbox) = (Account::start().await, Console::start(), Sandbox::new());
    let settings = format!(
        "[profile console]\nregion = {REGION}\nlogin_session = {SESSION}\nendpoint_url = {}\n",
        account.url()
    );
    sandbox.write_aws_file("config", &settings);
    sandbox.write_aws_file("credentials", "");

    let said = |output: &Output| String::from_utf8_lossy(&output.stderr).into_owned();
    let never = apps(&sandbox, &console);
    println!("never signed in: {}", said(&never));
    assert!(
        !never.status.success() && said(&never).contains("`aws login`"),
        "{}",
        said(&never)
    );

    keep(&sandbox, &account.session(), "2099-01-01T00:00:00Z");
    let fresh = apps(&sandbox, &console);
    assert!(fresh.status.success(), "{}", said(&fresh));
    assert_eq!(
        *console.asked.lock().expect("a list"),
        Vec::<String>::new(),
        "a session that is good is not renewed"
    );

    let renewed = account.session();
    console.answers(
        200,
        json!({
            "accessToken": { "accessKeyId": renewed.id, "secretAccessKey": renewed.secret, "sessionToken": renewed.token },
            "tokenType": "aws_sigv4", "expiresIn": 900, "refreshToken": "CANARY-refresh-2",
        }),
    );
    keep(&sandbox, &account.session(), "2020-01-01T00:00:00Z");
    let after = apps(&sandbox, &console);
    assert!(after.status.success(), "{}", said(&after));
    let asked = console.asked.lock().expect("a list").clone();
    assert!(
        asked.len() == 1 && asked[0].contains("proof=true") && asked[0].contains("CANARY-refresh"),
        "{asked:?}"
    );

    for (code, over) in [
        ("TOKEN_EXPIRED", true),
        ("USER_CREDENTIALS_CHANGED", true),
        ("INSUFFICIENT_PERMISSIONS", false),
    ] {
        console.answers(401, json!({ "error": code, "message": format!("the console says {code}") }));
        keep(&sandbox, &renewed, "2020-01-01T00:00:00Z");
        let refused = apps(&sandbox, &console);
        let words = said(&refused);
        println!(
            "{code}: {}",
            words
                .lines()
                .filter(|l| l.starts_with("error") || l.starts_with("  "))
                .collect::<Vec<_>>()
                .join(" ")
        );
        assert!(!refused.status.success());
        assert_eq!(
            words.contains("the session of the AWS profile `console` is over"),
            over,
            "{code}: {words}"
        );
        assert_eq!(words.contains("insufficient permissions"), !over, "{code}: {words}");
        for secret in ["CANARY", &renewed.id, &renewed.secret] {
            assert!(!words.contains(secret), "{code}: {words}");
        }
    }
}
