//! The whole way from a folder to a running application, with the real command, the real AWS SDK and the practice account.
//!
//! One practice account per test: each is a server of its own on a port of its own. The packages of the emulator are shared
//! through `ZONKE_PRACTICE_VENV`, which `scripts/test` provides; without it every test installs its own.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
use zonke_testkit::{Sandbox, actions_for, covers};

/// Fast enough for a test, slow enough to see states in between.
const SPEED: &str = "0.004";

struct Flow {
    sandbox: Sandbox,
}

impl Flow {
    fn new() -> Self {
        Self { sandbox: Sandbox::new() }
    }

    fn faults(&self) -> PathBuf {
        self.sandbox.path().join("faults.json")
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.sandbox.command(env!("CARGO_BIN_EXE_zonke"));
        command
            .args(arguments)
            .env("ZONKE_PRACTICE_SPEED", SPEED)
            .env("ZONKE_PRACTICE_FAULTS", self.faults());
        command
    }

    fn zonke(&self, arguments: &[&str]) -> Output {
        self.command(arguments).stdin(Stdio::null()).output().expect("run zonke")
    }

    /// Runs the command and expects success.
    fn succeed(&self, arguments: &[&str]) -> String {
        let output = self.zonke(arguments);
        assert!(
            output.status.success(),
            "zonke {arguments:?} failed\n{}\n{}",
            text(&output.stdout),
            text(&output.stderr)
        );
        text(&output.stdout)
    }

    fn json(&self, arguments: &[&str]) -> Value {
        serde_json::from_str(&self.succeed(arguments)).expect("JSON")
    }

    fn status(&self) -> Value {
        self.json(&["status", "guestbook", "--practice", "--json"])
    }

    /// Asks for the status until it is as wanted. An application that does not exist yet has none.
    fn until(&self, what: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        let end = Instant::now() + Duration::from_secs(90);
        loop {
            let output = self.zonke(&["status", "guestbook", "--practice", "--json"]);
            let said = text(&output.stderr);
            assert!(output.status.success() || said.contains("There is no application"), "{said}");
            let status = serde_json::from_slice(&output.stdout).unwrap_or_default();
            if wanted(&status) {
                return status;
            }
            assert!(Instant::now() < end, "waited in vain until {what}: {status:#}");
            std::thread::sleep(Duration::from_millis(300));
        }
    }

    /// Waits until the servers were replaced after a change; until then AWS takes no other one.
    fn settled(&self) {
        self.until("the servers are replaced", |status| {
            stack(status, "guestbook-service") == "UPDATE_COMPLETE" && status["servers"]["running"] == 2
        });
    }

    fn deploy(&self) -> Output {
        self.zonke(&["deploy", &example(), "--practice", "--yes"])
    }

    /// Keeps a price as if AWS had told it.
    fn told_price(&self, region: &str, unit: &str, usd: f64) {
        let folder = self.sandbox.data_dir().join("prices");
        std::fs::create_dir_all(&folder).expect("make the folder of prices");
        let told = serde_json::json!({ "region": region, "units": { unit: { "usd": usd, "date": "2026-11-28" } } });
        std::fs::write(folder.join(format!("{region}.json")), told.to_string()).expect("write the prices");
    }

    fn with_secret(&self, action: &str, key: &str, value: &str) {
        let mut child = self
            .command(&["secret", action, "guestbook", "--practice", "--key", key])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("run zonke");
        child
            .stdin
            .take()
            .expect("its input")
            .write_all(value.as_bytes())
            .expect("write the value");
        let output = child.wait_with_output().expect("wait for zonke");
        assert!(output.status.success(), "{}", text(&output.stderr));
        for stream in [&output.stdout, &output.stderr] {
            assert!(value.is_empty() || !text(stream).contains(value), "the value was printed");
        }
    }
}

impl Drop for Flow {
    fn drop(&mut self) {
        // The server outlives the command on purpose; the test must not leave it behind.
        drop(self.zonke(&["practice", "stop"]));
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn example() -> String {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../../examples/guestbook")
        .display()
        .to_string()
}

fn stack<'a>(status: &'a Value, name: &str) -> &'a str {
    status["stacks"]
        .as_array()
        .and_then(|stacks| stacks.iter().find(|stack| stack["name"] == name))
        .and_then(|stack| stack["status"].as_str())
        .unwrap_or("absent")
}

/// What IAM would have been asked for by all calls in an audit log.
fn asked(audit: &str) -> BTreeSet<String> {
    let entry = |line: &str| serde_json::from_str::<Value>(line).expect("a line of the audit log");
    let actions = |entry: Value| {
        let text = |name: &str| entry[name].as_str().unwrap_or_default().to_owned();
        actions_for(&text("service"), &text("operation"))
    };
    audit.lines().map(entry).flat_map(actions).collect()
}

/// Those of them that the policies of a plan do not allow.
fn not_allowed(plan: &Value, asked: &BTreeSet<String>) -> BTreeSet<String> {
    let parts = |value: &Value, name: &str| value[name].as_array().cloned().unwrap_or_default();
    let statements = parts(plan, "policies").into_iter().flat_map(|p| parts(&p, "statements"));
    let allowed: Vec<Value> = statements.flat_map(|s| parts(&s, "actions")).collect();
    let denied = |action: &&String| !allowed.iter().any(|a| a.as_str().is_some_and(|a| covers(a, action)));
    asked.iter().filter(denied).cloned().collect()
}

/// Every file below `folder` that contains `needle`.
fn files_with(folder: &Path, needle: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
            let Ok(kind) = entry.file_type() else { continue };
            if kind.is_dir() {
                folders.push(entry.path());
            } else if kind.is_file()
                && std::fs::read(entry.path()).is_ok_and(|bytes| bytes.windows(needle.len()).any(|w| w == needle.as_bytes()))
            {
                found.push(entry.path());
            }
        }
    }
    found
}

#[test]
fn a_folder_becomes_a_running_application_that_can_be_operated() {
    let flow = Flow::new();
    let output = flow.deploy();
    assert!(output.status.success(), "{}\n{}", text(&output.stdout), text(&output.stderr));
    assert!(
        text(&output.stderr).contains("practice"),
        "the practice account is named as such"
    );

    let status = flow.status();
    assert!(
        status["siteUrl"].as_str().is_some_and(|url| url.starts_with("https://")),
        "{status:#}"
    );
    for name in ["guestbook-pipeline", "guestbook-base", "guestbook-service"] {
        assert!(
            matches!(stack(&status, name), "CREATE_COMPLETE" | "UPDATE_COMPLETE"),
            "{name}: {status:#}"
        );
    }
    assert_eq!(status["pipeline"]["execution"]["state"], "succeeded", "{status:#}");

    // Deploying the same again changes nothing and says so; prices that AWS told meanwhile count in the review as in the plan.
    let plan = [
        "plan",
        &example(),
        "--repository",
        "practice/guestbook",
        "--region",
        "us-east-1",
        "--json",
    ];
    let before = flow.json(&plan)["price"]["total"].as_f64().expect("a price");
    flow.told_price("us-east-1", "balancer_hour", 1.0);
    let total = flow.json(&plan)["price"]["total"].as_f64().expect("a price");
    assert!(total > before + 700.0, "{total} after {before}");
    let again = flow.deploy();
    let said = text(&again.stderr);
    assert!(again.status.success(), "{said}");
    assert!(said.contains(&format!("{total:.2} USD a month")), "not {total}: {said}");

    flow.succeed(&["scale", "guestbook", "--practice", "--min", "2"]);
    flow.until("two servers run", |status| {
        status["servers"]["running"] == 2 && status["servers"]["desired"] == 2
    });

    let canary = "canary-7d1f0a9c-never-on-disk";
    flow.with_secret("set", "MODERATION_KEY", canary);
    assert!(
        flow.succeed(&["secret", "list", "guestbook", "--practice"])
            .contains("MODERATION_KEY")
    );
    flow.settled();
    flow.with_secret("set", "MODERATION_KEY", "canary-7d1f0a9c-never-on-disk-2");
    assert_eq!(
        files_with(flow.sandbox.path(), canary),
        Vec::<PathBuf>::new(),
        "a secret value is in a file"
    );
    flow.settled();
    flow.with_secret("delete", "MODERATION_KEY", "");
    assert!(
        !flow
            .succeed(&["secret", "list", "guestbook", "--practice"])
            .contains("MODERATION_KEY")
    );

    flow.succeed(&["release", "guestbook", "--practice"]);
    flow.succeed(&["apps", "--practice"]);
    let preflight = flow.zonke(&["preflight", &example(), "--practice", "--json"]);
    let preflight: Value = serde_json::from_slice(&preflight.stdout).expect("JSON");
    assert_eq!(preflight["checks"].as_array().map(Vec::len), Some(14), "{preflight:#}");

    let audit = std::fs::read_to_string(flow.sandbox.data_dir().join("audit.jsonl")).expect("the audit log");
    for operation in [
        "ExecuteChangeSet",
        "PutObject",
        "RegisterScalableTarget",
        "PutSecretValue",
        "SimulatePrincipalPolicy",
    ] {
        assert!(audit.contains(operation), "{operation} is in the audit log");
    }
    let plan = flow.json(&["plan", &example(), "--repository", "practice/guestbook", "--json"]);
    let asked = asked(&audit);
    assert!(asked.len() > 30, "{asked:?}");
    assert_eq!(
        not_allowed(&plan, &asked),
        BTreeSet::new(),
        "whoever has the plan's policy may do all that was done"
    );
}

#[test]
fn the_role_of_a_plan_is_reviewed_made_and_changed() {
    let flow = Flow::new();
    let unanswered = flow.zonke(&["role", &example(), "--practice"]);
    assert!(!unanswered.status.success(), "nobody confirmed it");
    let said = text(&unanswered.stderr);
    assert!(said.contains("guestbook-deployer") && said.contains("--yes"), "{said}");

    let output = flow.zonke(&["role", &example(), "--practice", "--yes"]);
    let said = text(&output.stderr);
    assert!(output.status.success(), "{}\n{said}", text(&output.stdout));
    assert!(
        said.contains("Role of whoever deploys"),
        "each change is told in words: {said}"
    );
    assert!(said.contains("may take the role on"), "who is trusted is told: {said}");
    let printed = text(&output.stdout);
    let arn = printed.lines().last().unwrap_or_default().to_owned();
    assert!(arn.contains(":role/zonke/guestbook/guestbook-deployer-"), "{printed}");

    let again = flow.zonke(&["role", &example(), "--practice", "--yes"]);
    assert!(text(&again.stderr).contains("already as planned"), "{}", text(&again.stderr));
    assert_eq!(text(&again.stdout).trim(), arn, "the role is the same one");

    let longer = flow.zonke(&["role", &example(), "--practice", "--yes", "--hours", "4"]);
    let said = text(&longer.stderr);
    assert!(longer.status.success(), "{said}");
    assert!(said.contains("modify"), "only the role changes: {said}");
    // Whoever deploys is no application.
    assert_eq!(flow.json(&["apps", "--practice", "--json"]), serde_json::json!([]));
}

#[test]
fn a_resource_that_fails_is_named_with_its_reason_and_everything_rolls_back() {
    let flow = Flow::new();
    let reason = "DB instance class db.t4g.micro is not available in this zone";
    std::fs::write(
        flow.faults(),
        serde_json::json!({ "cfn": { "AWS::RDS::DBInstance": reason } }).to_string(),
    )
    .expect("write the faults");
    let output = flow.deploy();
    assert!(!output.status.success(), "the deployment must not succeed");
    let said = format!("{}{}", text(&output.stdout), text(&output.stderr));
    assert!(said.contains("Database"), "the failing resource is named: {said}");
    assert!(said.contains(reason), "the reason is told: {said}");
    let status = flow.status();
    assert!(stack(&status, "guestbook-base").starts_with("ROLLBACK"), "{status:#}");
    assert_eq!(status["pipeline"]["execution"]["state"], "failed", "{status:#}");

    // Once the cause is gone, the same command goes on to the end.
    std::fs::remove_file(flow.faults()).expect("remove the faults");
    let output = flow.deploy();
    assert!(output.status.success(), "{}\n{}", text(&output.stdout), text(&output.stderr));
    assert_eq!(stack(&flow.status(), "guestbook-service"), "CREATE_COMPLETE");
}

#[test]
fn a_deployment_survives_the_command_that_started_it() {
    let flow = Flow::new();
    // The server is up before, so that only the deployment itself is cut off.
    flow.succeed(&["practice", "start"]);
    let mut child = flow
        .command(&["deploy", &example(), "--practice", "--yes"])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("run zonke");
    flow.until("the pipeline stack is being made", |status| {
        stack(status, "guestbook-pipeline") != "absent"
    });
    child.kill().expect("kill the command");
    child.wait().expect("wait for the command");
    // Deploying again goes on from where it stood.
    let output = flow.deploy();
    assert!(output.status.success(), "{}\n{}", text(&output.stdout), text(&output.stderr));
    let status = flow.status();
    assert_eq!(status["pipeline"]["execution"]["state"], "succeeded", "{status:#}");
}

#[test]
fn a_protected_database_does_not_stand_in_the_way_of_a_second_attempt() {
    let flow = Flow::new();
    // Comes after the database and the load balancer, which AWS cannot take back then.
    let fault = serde_json::json!({ "cfn": { "DatabaseUrlSecret": "You have reached the limit of secrets" } });
    std::fs::write(flow.faults(), fault.to_string()).expect("write the faults");
    let output = flow.deploy();
    assert!(!output.status.success(), "the deployment must not succeed");
    let said = text(&output.stderr);
    assert!(said.contains("You have reached the limit of secrets"), "{said}");
    assert_eq!(
        said.matches("Deploying again first removes what is left of `guestbook-base`")
            .count(),
        1,
        "what to do is said, and once: {said}"
    );
    assert_eq!(stack(&flow.status(), "guestbook-base"), "ROLLBACK_FAILED");

    std::fs::remove_file(flow.faults()).expect("remove the faults");
    let output = flow.deploy();
    let said = text(&output.stderr);
    assert!(output.status.success(), "{}\n{said}", text(&output.stdout));
    assert!(said.contains("the deletion protection of `Database`"), "{said}");
    assert_eq!(stack(&flow.status(), "guestbook-service"), "CREATE_COMPLETE");
}
