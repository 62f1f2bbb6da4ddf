//! An account that checks signatures, session tokens, clocks and permissions; see `account.py` beside this file.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Stdio};

use serde_json::{Value, json};
use zonke_practice::{Practice, PracticeOptions};
use zonke_signin::{AccessKeys, NewRole, RoleSource, SavedProfiles};
use zonke_testkit::Sandbox;

pub(crate) const REGION: &str = "us-east-1";

pub(crate) struct Account {
    child: Child,
    /// It ends when this is closed.
    input: Option<ChildStdin>,
    port: u16,
    people: Value,
    _room: tempfile::TempDir,
}

/// A long-lived key, or one of a session.
#[derive(Clone)]
pub(crate) struct Key {
    pub(crate) id: String,
    pub(crate) secret: String,
    pub(crate) token: Option<String>,
}

impl Key {
    /// A section of the AWS credentials file.
    pub(crate) fn section(&self, name: &str) -> String {
        let token = self.token.iter().map(|t| format!("aws_session_token = {t}\n"));
        format!(
            "[{name}]\naws_access_key_id = {}\naws_secret_access_key = {}\n{}",
            self.id,
            self.secret,
            token.collect::<String>()
        )
    }
}

/// A request, as the account saw it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Asked {
    pub(crate) operation: String,
    /// Access key id it was signed with.
    pub(crate) key: String,
    pub(crate) status: u64,
}

impl Account {
    /// Saves the role as `deployer`, taken on with a key of Ada's that is saved as `base`.
    pub(crate) async fn keep_role(&self, profiles: &SavedProfiles, mfa_serial: Option<&str>) {
        let key = self.key("ada");
        let keys = AccessKeys::typed(&key.id, &key.secret).expect("a key");
        let base = profiles
            .add_keys("base", Some(REGION), &keys, Some(&self.url()))
            .await
            .expect("kept");
        let role = NewRole {
            label: "deployer".to_owned(),
            role_arn: self.role().to_owned(),
            mfa_serial: mfa_serial.map(str::to_owned),
            external_id: None,
            source: RoleSource::Saved { id: base.id },
            region: Some(REGION.to_owned()),
        };
        profiles.add_role(&role).expect("kept");
    }

    pub(crate) async fn start() -> Self {
        let python = python().await;
        let room = tempfile::tempdir().expect("a folder");
        let port = TcpListener::bind("127.0.0.1:0")
            .expect("a port")
            .local_addr()
            .expect("its number")
            .port();
        let flows = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../tests/flows/signin");
        let inside = |name: &str| room.path().join(name).display().to_string();
        let emulator = Path::new(env!("CARGO_MANIFEST_DIR")).join("../practice/emulator");
        let mut command = Sandbox::new().command(python);
        command.env_clear().arg("-I").arg(flows.join("account.py"));
        let mut child = command
            .envs([
                ("PATH", std::env::var("PATH").unwrap_or_default()),
                ("EMULATOR", emulator.display().to_string()),
                ("AUTH", "true".to_owned()),
                ("HOME", inside("home")),
                ("TMPDIR", room.path().display().to_string()),
                ("STATE_DIR", inside("state")),
                ("S3_DATA_DIR", inside("s3")),
                ("DOCKER_HOST", format!("unix://{}", inside("no-docker"))),
                ("SFTP_ENABLED", "0".to_owned()),
                ("IOT_MTLS_ENABLED", "0".to_owned()),
                ("LOG_LEVEL", "WARNING".to_owned()),
                // The emulator lets its own root in without a signature; nobody knows this one.
                ("AWS_ACCESS_KEY_ID", "ROOTOFTHEEMULATOR".to_owned()),
                ("AWS_SECRET_ACCESS_KEY", "unused".to_owned()),
                ("ZONKE_PRACTICE_PORT", port.to_string()),
                ("ZONKE_PRACTICE_NONCE", "unused".to_owned()),
                ("ZONKE_PRACTICE_ACCESS_KEY", "unused".to_owned()),
                ("ZONKE_PRACTICE_ACCOUNT", "111122223333".to_owned()),
                ("ZONKE_PRACTICE_REGION", REGION.to_owned()),
                ("ZONKE_PRACTICE_SPEED", "0.004".to_owned()),
            ])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("start the account");
        let input = child.stdin.take();
        let mut first = String::new();
        let mut output = BufReader::new(child.stdout.take().expect("its output"));
        output.read_line(&mut first).expect("its first line");
        let people = serde_json::from_str(&first).unwrap_or_else(|_| panic!("the account says {first:?}"));
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            std::thread::yield_now();
        }
        Self {
            child,
            input,
            port,
            people,
            _room: room,
        }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// The key of a user: `ada` and `eve` may do everything, `guest` nothing, `gone` was deleted and `idle` is switched off.
    pub(crate) fn key(&self, who: &str) -> Key {
        let part = |name: &str| self.people[who][name].as_str().expect("a key").to_owned();
        Key {
            id: part("id"),
            secret: part("secret"),
            token: None,
        }
    }

    /// The key of a session of the role, as another program would leave it in a file.
    pub(crate) fn session(&self) -> Key {
        let key = self.order(&json!({ "assume": self.role() }));
        let part = |name: &str| key[name].as_str().expect("a key").to_owned();
        Key {
            id: part("id"),
            secret: part("secret"),
            token: Some(part("token")),
        }
    }

    /// A role that every user may assume, with all rights.
    pub(crate) fn role(&self) -> &str {
        self.people["role"].as_str().expect("a role")
    }

    /// How far the account's clock is ahead of ours.
    pub(crate) fn set_clock(&self, seconds: i64) {
        self.order(&json!({ "ahead": seconds }));
    }

    /// Every session is over from now on.
    pub(crate) fn end_sessions(&self) {
        self.order(&json!({ "endSessions": true }));
    }

    /// Every session is over as soon as somebody asks for this, before it is done.
    pub(crate) fn end_sessions_at(&self, operation: &str) {
        self.order(&json!({ "endSessionsAt": operation }));
    }

    /// Everything that was asked so far.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        let log = self.order(&json!({}));
        let rows = log.as_array().expect("rows").iter();
        rows.map(|row| Asked {
            operation: row["operation"].as_str().expect("text").to_owned(),
            key: row["key"].as_str().expect("text").to_owned(),
            status: row["status"].as_u64().expect("a number"),
        })
        .collect()
    }

    /// The status of every run of every pipeline.
    pub(crate) fn runs(&self) -> Vec<String> {
        let runs = self.order(&json!({ "runs": true }));
        serde_json::from_value(runs).expect("a list")
    }

    fn order(&self, order: &Value) -> Value {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).expect("the account runs");
        let body = order.to_string();
        let head = "POST /_test HTTP/1.1\r\nHost: localhost\r\nConnection: close";
        write!(stream, "{head}\r\nContent-Length: {}\r\n\r\n{body}", body.len()).expect("send the order");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("the account answers");
        let (_, body) = answer.split_once("\r\n\r\n").expect("an answer");
        serde_json::from_str(body).expect("JSON")
    }
}

impl Drop for Account {
    fn drop(&mut self) {
        drop(self.input.take());
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// The Python with the emulator in it, which is installed if it is not there yet.
async fn python() -> PathBuf {
    let options = PracticeOptions::from_env();
    let shared = || Path::new(env!("CARGO_TARGET_TMPDIR")).join("practice-venv");
    let venv = options.venv.clone().unwrap_or_else(shared);
    let python = venv.join("bin/python");
    if !(python.exists() && venv.join(".zonke-installed").exists()) {
        let room = tempfile::tempdir().expect("a folder");
        let options = PracticeOptions {
            venv: Some(venv),
            ..options
        };
        let practice = Practice::with_options(room.path().join("practice"), options);
        practice.start(|_| ()).await.expect("install the emulator");
        practice.stop().await.expect("stop it again");
    }
    python
}
