//! The real server, started in folders of its own.
//!
//! The virtual environment is shared: `ZONKE_PRACTICE_VENV`, or a folder in the target directory. Without Python these tests fail.

#![expect(clippy::unwrap_used, reason = "what a test stands on has to be there")]

use std::collections::HashSet;
use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use tempfile::TempDir;
use zonke_plan::{AccountFacts, Choices, Database, Inputs, Launch, Nat, Origin, StackRole, infra_zip_for, migrator_zip, plan};
use zonke_practice::{Practice, PracticeEndpoint, PracticeError, PracticeOptions, PracticeProgress, PracticeState, PracticeStep};
use zonke_project::Findings;

fn options() -> PracticeOptions {
    let shared = || Path::new(env!("CARGO_TARGET_TMPDIR")).join("practice-venv");
    let from_env = PracticeOptions::from_env();
    PracticeOptions {
        speed: Some(0.001),
        venv: Some(from_env.venv.clone().unwrap_or_else(shared)),
        ..from_env
    }
}

/// A practice account that is stopped however the test ends.
struct Room {
    practice: Practice,
    folder: TempDir,
}

impl Room {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self {
            practice: Practice::with_options(folder.path().join("practice"), options()),
            folder,
        }
    }

    /// The same account as another program sees it.
    fn other_program(&self) -> Practice {
        Practice::with_options(self.data_dir(), options())
    }

    fn data_dir(&self) -> PathBuf {
        self.folder.path().join("practice")
    }

    async fn pid(&self) -> u32 {
        self.practice.status().await.pid.expect("it runs")
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        let Ok(record) = fs::read_to_string(self.data_dir().join("server.json")) else {
            return;
        };
        let record: serde_json::Value = serde_json::from_str(&record).unwrap();
        kill(record["pid"].as_u64().unwrap().try_into().unwrap());
    }
}

fn kill(pid: u32) {
    std::process::Command::new("sh")
        .args(["-c", &format!("kill -9 {pid} 2>/dev/null")])
        .status()
        .unwrap();
}

fn quiet(_: PracticeProgress) {}

/// A request as a program that is not the SDK would send it.
fn request(endpoint: &PracticeEndpoint, headers: &str, body: &str) -> String {
    let address = endpoint.url.strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(address).unwrap();
    let length = body.len();
    let head = format!("POST / HTTP/1.1\r\nHost: {address}\r\nContent-Length: {length}\r\nConnection: close\r\n{headers}\r\n");
    stream.write_all(format!("{head}{body}").as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

fn signed(service: &str, access_key: &str) -> String {
    format!(
        "Authorization: AWS4-HMAC-SHA256 Credential={access_key}/20260101/us-east-1/{service}/aws4_request, SignedHeaders=host, Signature=0\r\n"
    )
}

fn query(endpoint: &PracticeEndpoint, service: &str, form: &str) -> String {
    let headers = signed(service, &endpoint.access_key_id) + "Content-Type: application/x-www-form-urlencoded\r\n";
    request(endpoint, &headers, form)
}

fn who(endpoint: &PracticeEndpoint) -> String {
    query(endpoint, "sts", "Action=GetCallerIdentity&Version=2011-06-15")
}

async fn eventually(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let start = Instant::now();
    while !holds().await {
        assert!(start.elapsed() < Duration::from_mins(1), "{what} did not happen");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn it_starts_answers_and_stops() {
    let room = Room::new();
    let seen = Mutex::new(Vec::new());
    let endpoint = room
        .practice
        .start(|progress| seen.lock().unwrap().push(progress.step))
        .await
        .unwrap();
    assert_eq!(seen.lock().unwrap().last(), Some(&PracticeStep::Ready));

    let answer = who(&endpoint);
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert!(answer.contains("<Account>111122223333</Account>"), "{answer}");
    assert!(!answer.contains(":root<"), "the app refuses to deploy as root: {answer}");

    let status = room.practice.status().await;
    assert_eq!(status.state, PracticeState::Running, "{status:?}");
    assert_eq!(status.endpoint.as_deref(), Some(&*endpoint.url));
    assert!(status.detail.contains("in memory"), "{}", status.detail);
    assert!(status.python.is_some_and(|version| version.starts_with("3.")));

    room.practice.stop().await.unwrap();
    assert_eq!(room.practice.status().await.state, PracticeState::Stopped);
    assert!(matches!(room.practice.attach().await, Err(PracticeError::NotRunning)));
    assert!(TcpStream::connect(endpoint.url.strip_prefix("http://").unwrap()).is_err());
}

#[tokio::test]
async fn two_programs_that_start_at_once_get_one_server() {
    let room = Room::new();
    let other = room.other_program();
    let (mine, theirs) = tokio::join!(room.practice.start(quiet), other.start(quiet));
    assert_eq!(mine.unwrap(), theirs.unwrap());
}

#[tokio::test]
async fn a_server_that_was_left_behind_is_found_with_everything_in_it() {
    let room = Room::new();
    let first = room.practice.start(quiet).await.unwrap();
    query(&first, "sns", "Action=CreateTopic&Name=kept&Version=2010-03-31");

    let after_the_crash = room.other_program();
    let second = after_the_crash.attach().await.unwrap();
    assert_eq!(first, second);
    assert!(query(&second, "sns", "Action=ListTopics&Version=2010-03-31").contains(":kept<"));
    assert_eq!(
        after_the_crash.start(quiet).await.unwrap(),
        first,
        "starting again uses it, too"
    );

    after_the_crash.stop().await.unwrap();
    assert_eq!(room.practice.status().await.state, PracticeState::Stopped);
}

#[tokio::test]
async fn a_reset_empties_it_at_the_same_address() {
    let room = Room::new();
    let endpoint = room.practice.start(quiet).await.unwrap();
    query(&endpoint, "sns", "Action=CreateTopic&Name=doomed&Version=2010-03-31");
    room.practice.reset().await.unwrap();
    assert!(!query(&endpoint, "sns", "Action=ListTopics&Version=2010-03-31").contains("doomed"));
    assert_eq!(room.practice.attach().await.unwrap(), endpoint);
}

#[tokio::test]
async fn a_server_that_dies_is_reported_and_can_be_started_again() {
    let room = Room::new();
    room.practice.start(quiet).await.unwrap();
    let other = room.other_program();
    kill(room.pid().await);
    eventually("the end is noticed", async || {
        room.practice.status().await.state == PracticeState::Failed
    })
    .await;
    let detail = room.practice.status().await.detail;
    assert!(
        detail.contains("ended by itself") && detail.contains("start it again"),
        "{detail}"
    );

    // A program that did not start it cannot know how it ended.
    let status = other.status().await;
    assert_eq!(status.state, PracticeState::Stopped, "{status:?}");
    assert!(status.detail.contains("gone"), "{}", status.detail);

    assert!(who(&room.practice.start(quiet).await.unwrap()).starts_with("HTTP/1.1 200"));
    assert_eq!(room.practice.status().await.state, PracticeState::Running);
}

#[tokio::test]
async fn a_stale_file_does_not_point_at_a_foreign_process() {
    let room = Room::new();
    room.practice.start(quiet).await.unwrap();
    let file = room.data_dir().join("server.json");
    let record = fs::read_to_string(&file).unwrap();
    let old = room.pid().await;
    room.practice.stop().await.unwrap();

    // The process id now belongs to somebody else.
    let mut bystander = std::process::Command::new("sleep").arg("600").spawn().unwrap();
    let stale = record.replace(&format!("\"pid\": {old}"), &format!("\"pid\": {}", bystander.id()));
    assert_ne!(stale, record);
    fs::write(&file, stale).unwrap();
    let status = room.practice.status().await.state;
    let attached = room.practice.attach().await;
    room.practice.stop().await.unwrap();
    let survived = bystander.try_wait().unwrap().is_none();
    bystander.kill().unwrap();
    bystander.wait().unwrap();
    assert_eq!(status, PracticeState::Stopped);
    assert!(matches!(attached, Err(PracticeError::NotRunning)));
    assert!(survived, "stopping must not end a process of somebody else");
    assert!(!file.exists());
}

#[tokio::test]
async fn it_is_closed_to_web_pages_and_other_programs() {
    let room = Room::new();
    let endpoint = room.practice.start(quiet).await.unwrap();
    let form = "Action=GetCallerIdentity&Version=2011-06-15";
    let page = signed("sts", &endpoint.access_key_id) + "Origin: https://example.com\r\n";
    for (who, headers) in [
        ("unsigned", String::new()),
        ("another key", signed("sts", "test")),
        ("a web page", page),
    ] {
        let answer = request(&endpoint, &headers, form);
        assert!(answer.starts_with("HTTP/1.1 403"), "{who}: {answer}");
        assert!(!answer.contains("111122223333"), "{who}: {answer}");
        assert!(!answer.contains(&endpoint.access_key_id), "{who}: {answer}");
    }
    let shown = format!("{endpoint:?} {:?} {:?}", room.practice, room.practice.status().await);
    assert!(!shown.contains(&endpoint.access_key_id), "{shown}");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = fs::metadata(room.data_dir().join("server.json"))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o077, 0, "the file with the access key is for this user only");
    }
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn nothing_of_the_users_aws_settings_reaches_the_server() {
    let room = Room::new();
    room.practice.start(quiet).await.unwrap();
    let environment = fs::read_to_string(format!("/proc/{}/environ", room.pid().await)).unwrap();
    let names: HashSet<_> = environment
        .split('\0')
        .filter_map(|pair| pair.split_once('=').map(|(name, _)| name))
        .collect();
    assert!(names.iter().all(|name| !name.starts_with("AWS_")), "{names:?}");
    let home = environment.split('\0').find_map(|pair| pair.strip_prefix("HOME=")).unwrap();
    assert!(Path::new(home).starts_with(room.data_dir()), "{home}");
    let session = fs::read_to_string(format!("/proc/{}/stat", room.pid().await)).unwrap();
    let session = session.rsplit(") ").next().unwrap().split(' ').nth(3).unwrap().to_owned();
    assert_eq!(
        session,
        room.pid().await.to_string(),
        "it leads a session of its own, so closing a terminal does not end it"
    );
}

#[tokio::test]
async fn without_python_it_says_what_to_install() {
    let folder = tempfile::tempdir().unwrap();
    let options = PracticeOptions {
        python: Some("/nonexistent/python3".into()),
        ..PracticeOptions::default()
    };
    let practice = Practice::with_options(folder.path().join("practice"), options);
    assert_eq!(practice.status().await.state, PracticeState::NotInstalled);
    let error = practice.start(quiet).await.unwrap_err();
    assert!(error.hint().contains("apt install python3"), "{error} {}", error.hint());
    assert_eq!(practice.status().await.state, PracticeState::NotInstalled);
}

/// Runs the Python tests of a folder against a practice account of their own.
async fn python_tests(tests: &str, folder: TempDir, speed: f64, environment: &[(&str, &Path)]) {
    let faults = folder.path().join("faults.json");
    let options = PracticeOptions {
        speed: Some(speed),
        fault_file: Some(faults.clone()),
        ..options()
    };
    let venv = options.venv.clone().unwrap();
    let room = Room {
        practice: Practice::with_options(folder.path().join("practice"), options),
        folder,
    };
    let endpoint = room.practice.start(quiet).await.unwrap();
    let python = if cfg!(windows) {
        venv.join("Scripts/python.exe")
    } else {
        venv.join("bin/python")
    };
    let run = tokio::process::Command::new(python)
        .args(["-B", "-m", "unittest", "--verbose"])
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(tests))
        .env_clear()
        .env("ENDPOINT", &endpoint.url)
        .env("ACCESS_KEY", &endpoint.access_key_id)
        .env("FAULTS", faults)
        .env("HOME", room.folder.path())
        .envs(environment.iter().copied())
        .output()
        .await
        .unwrap();
    let report = String::from_utf8_lossy(&run.stderr);
    let log = fs::read_to_string(room.data_dir().join("server.log")).unwrap();
    assert!(run.status.success(), "{report}\n{log}");
    assert!(report.contains("OK") && !report.contains("Ran 0 tests"), "{report}");
    assert!(!log.contains("Traceback"), "the server tripped over something:\n{log}");
}

/// What AWS's own Python client sees: `tests/behavior/*.py`, one run for all of them.
#[tokio::test]
async fn it_behaves_like_aws() {
    python_tests("behavior", tempfile::tempdir().unwrap(), 0.002, &[]).await;
}

/// Every combination of database, launch type and origin that the app offers, from the plan to running servers.
#[tokio::test]
async fn it_builds_every_variant_of_a_plan() {
    let folder = tempfile::tempdir().unwrap();
    let plans = folder.path().join("plans");
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../examples/guestbook");
    let findings = zonke_project::inspect(&example).unwrap();
    for database in [Database::None, Database::Postgres, Database::Mysql] {
        for launch in [Launch::Fargate, Launch::Ec2] {
            for origin in [Origin::PublicAlb, Origin::VpcOrigin] {
                let app = format!(
                    "{database:?}-{launch:?}-{}",
                    if origin == Origin::PublicAlb { "a" } else { "v" }
                )
                .to_lowercase();
                write_plan(&plans.join(&app), &findings, |choices| Choices {
                    app,
                    database,
                    launch,
                    origin,
                    ..choices
                });
            }
        }
    }
    for nat in [Nat::GatewayPerZone, Nat::Instance, Nat::Endpoints] {
        let app = format!("nat-{nat:?}").to_lowercase();
        write_plan(&plans.join(&app), &findings, |choices| Choices { app, nat, ..choices });
    }
    python_tests("plans", folder, 0.0005, &[("PLANS", &plans)]).await;
}

fn write_plan(folder: &Path, findings: &Findings, choose: impl FnOnce(Choices) -> Choices) {
    let mut choices = Choices::suggested(findings);
    choices.repository = Some("acme/guestbook".to_owned());
    let plan = plan(&Inputs::new(findings.clone(), Some(choose(choices)))).unwrap();
    let facts = AccountFacts {
        zones: ["us-east-1a".to_owned(), "us-east-1b".to_owned()],
        cloudfront_prefix_list: "pl-3b927c52".to_owned(),
        connection_arn: "arn:aws:codeconnections:us-east-1:111122223333:connection/none".to_owned(),
        artifact_bucket: "bucket-of-the-pipeline-stack".to_owned(),
        certificate_arn: None,
        web_acl_arn: None,
    };
    fs::create_dir_all(folder).unwrap();
    fs::write(
        folder.join("pipeline.template.yaml"),
        &plan.stack(StackRole::Pipeline).unwrap().template,
    )
    .unwrap();
    fs::write(folder.join("infra.zip"), infra_zip_for(&plan, &facts)).unwrap();
    fs::write(folder.join("migrator.zip"), migrator_zip().1).unwrap();
}
