//! Leaving with the stacks: the ejected folder deploys, updates and takes down with the real AWS CLI against the practice account.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use zonke_testkit::Sandbox;

/// The release that was tried; version 1, because version 2 is in no package registry.
const AWS_CLI: &str = "awscli==1.46.3";

struct Leaving {
    sandbox: Sandbox,
}

impl Drop for Leaving {
    fn drop(&mut self) {
        drop(self.zonke(&["practice", "stop"]));
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn succeeded(output: &Output) -> String {
    assert!(output.status.success(), "{}\n{}", text(&output.stdout), text(&output.stderr));
    text(&output.stdout)
}

impl Leaving {
    fn zonke(&self, arguments: &[&str]) -> Output {
        self.sandbox
            .command(env!("CARGO_BIN_EXE_zonke"))
            .args(arguments)
            .env("ZONKE_PRACTICE_SPEED", "0.004")
            .env("ZONKE_PRACTICE_FAULTS", self.faults())
            .stdin(Stdio::null())
            .output()
            .expect("run zonke")
    }

    fn faults(&self) -> PathBuf {
        self.sandbox.path().join("faults.json")
    }

    fn folder(&self) -> PathBuf {
        self.sandbox.path().join("ejected")
    }

    fn eject(&self) {
        let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../examples/guestbook");
        let (example, folder) = (example.display().to_string(), self.folder().display().to_string());
        succeeded(&self.zonke(&[
            "eject",
            &example,
            "--repository",
            "practice/guestbook",
            "--region",
            "us-east-1",
            "--option",
            "domain.name=guestbook.example.com",
            "--option",
            "webFirewall.requestsPerFiveMinutes=1000",
            "--out",
            &folder,
        ]));
    }

    /// Installs the AWS CLI into the sandbox; returns the folder of its programs.
    fn install_aws_cli(&self) -> PathBuf {
        let environment = self.sandbox.path().join("aws-cli");
        succeeded(
            &self
                .sandbox
                .command("python3")
                .args(["-m", "venv"])
                .arg(&environment)
                .output()
                .expect("run Python"),
        );
        let programs = environment.join("bin");
        let mut pip = self.sandbox.command(programs.join("pip"));
        succeeded(
            &pip.args(["install", "--quiet", "--disable-pip-version-check", AWS_CLI])
                .output()
                .expect("run pip"),
        );
        programs
    }

    /// A program that finds the AWS CLI, which finds the practice account.
    fn with_aws(&self, program: impl AsRef<std::ffi::OsStr>, aws: &Path) -> Command {
        let server = std::fs::read(self.sandbox.data_dir().join("practice/server.json")).expect("the server's file");
        let server: Value = serde_json::from_slice(&server).expect("JSON");
        let mut path = vec![aws.to_owned()];
        path.extend(std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()));
        let mut command = self.sandbox.command(program);
        command
            .current_dir(self.folder())
            .env("PATH", std::env::join_paths(path).expect("a path"))
            .env("AWS_ENDPOINT_URL", format!("http://127.0.0.1:{}", server["port"]))
            .env("AWS_ACCESS_KEY_ID", server["accessKey"].as_str().expect("an access key"))
            .env("AWS_SECRET_ACCESS_KEY", "practice")
            .env("PAUSE", "0.3")
            .stdin(Stdio::null());
        command
    }

    fn script(&self, aws: &Path, arguments: &[&str]) -> Output {
        self.with_aws("./deploy.sh", aws)
            .args(arguments)
            .output()
            .expect("run the script")
    }

    fn status(&self) -> Value {
        let answer = succeeded(&self.zonke(&["status", "guestbook", "--practice", "--json"]));
        serde_json::from_str(&answer).expect("JSON")
    }

    fn ask(&self, aws: &Path, question: &[&str]) -> Value {
        let mut command = self.with_aws("aws", aws);
        let answer = succeeded(
            &command
                .args(["--region", "us-east-1", "--output", "json"])
                .args(question)
                .output()
                .expect("run aws"),
        );
        serde_json::from_str(&answer).expect("JSON")
    }

    fn base_parameters(&self, aws: &Path) -> Value {
        let question = [
            "cloudformation",
            "describe-stacks",
            "--stack-name",
            "guestbook-base",
            "--query",
            "Stacks[0].Parameters",
        ];
        self.ask(aws, &question)
    }
}

#[test]
fn an_ejected_folder_deploys_updates_and_takes_down_with_the_aws_cli_alone() {
    let leaving = Leaving { sandbox: Sandbox::new() };
    succeeded(&leaving.zonke(&["practice", "start"]));
    leaving.eject();
    let aws = leaving.install_aws_cli();

    let early = leaving.script(&aws, &["update"]);
    assert!(
        text(&early.stderr).contains("there is no application guestbook"),
        "{}",
        text(&early.stderr)
    );

    // Nobody has entered the record that proves the domain: the script shows it and waits.
    let nobody = serde_json::json!({ "dns": { "guestbook.example.com": "not entered" } });
    std::fs::write(leaving.faults(), nobody.to_string()).expect("write the faults");
    let mut script = leaving.with_aws("./deploy.sh", &aws);
    let mut script = script
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("run the script");
    let mut told = String::new();
    let mut lines = BufReader::new(script.stderr.take().expect("its messages"))
        .lines()
        .map_while(Result::ok);
    for line in lines.by_ref() {
        told.extend([line.as_str(), "\n"]);
        if line.contains(" CNAME ") {
            std::fs::remove_file(leaving.faults()).expect("enter the record");
            break;
        }
    }
    told.extend(lines.map(|line| line + "\n"));
    let first = script.wait_with_output().expect("wait for the script");
    assert!(first.status.success(), "{told}");
    let site = text(&first.stdout);
    assert!(
        site.ends_with("https://guestbook.example.com\n"),
        "it ends with the address: {site}"
    );
    assert!(told.contains("lead the domain to"), "{told}");
    // The app understands what was deployed without it.
    let status = leaving.status();
    assert_eq!(status["siteUrl"], site.trim(), "{status:#}");
    assert_eq!(status["pipeline"]["execution"]["state"], "succeeded", "{status:#}");

    // An edited file rolls out, and what the account answered stays as it was.
    let answers = leaving.base_parameters(&aws);
    let service = leaving.folder().join("infra/service.json");
    let edited = std::fs::read_to_string(&service)
        .expect("parameters")
        .replace(r#""MinServers": "1""#, r#""MinServers": "2""#);
    let edited = edited.replace(r#""MaxServers": "1""#, r#""MaxServers": "2""#);
    std::fs::write(&service, edited).expect("edit the parameters");
    succeeded(&leaving.script(&aws, &["update"]));
    assert_eq!(leaving.base_parameters(&aws), answers);
    let question = [
        "cloudformation",
        "describe-stacks",
        "--stack-name",
        "guestbook-service",
        "--query",
    ];
    let least = leaving.ask(
        &aws,
        &[
            &question[..],
            &["Stacks[0].Parameters[?ParameterKey=='MinServers'].ParameterValue | [0]"],
        ]
        .concat(),
    );
    assert_eq!(least, "2");

    // What the app uploaded is not written over unasked: it may know secrets that the folder does not.
    succeeded(&leaving.zonke(&["scale", "guestbook", "--practice", "--min", "1", "--max", "3"]));
    let foreign = leaving.script(&aws, &["update"]);
    assert!(!foreign.status.success());
    assert!(
        text(&foreign.stderr).contains("last deployed by Zonké Desktop"),
        "{}",
        text(&foreign.stderr)
    );

    // A folder that is made anew from what runs knows them. What was edited in it is kept unless told otherwise.
    let folder = leaving.folder().display().to_string();
    let anew = ["eject", "--deployed", "guestbook", "--practice", "--out", &folder];
    let refused = leaving.zonke(&anew);
    let said = text(&refused.stderr);
    assert!(!refused.status.success() && said.contains("`infra/service.json`"), "{said}");
    assert!(said.contains("--overwrite"), "{said}");
    succeeded(&leaving.zonke(&[&anew[..], &["--overwrite"]].concat()));
    let service = std::fs::read_to_string(leaving.folder().join("infra/service.json")).expect("parameters");
    assert!(service.contains(r#""MaxServers": "3""#), "{service}");
    succeeded(&leaving.script(&aws, &["update"]));

    // Nothing goes without its name.
    for wrong in [&["teardown"][..], &["teardown", "--yes", "guest"]] {
        assert!(!leaving.script(&aws, wrong).status.success(), "{wrong:?}");
    }
    assert!(leaving.status()["siteUrl"].is_string());
    succeeded(&leaving.script(&aws, &["teardown", "--yes", "guestbook"]));
    let left = "StackSummaries[?StackStatus!='DELETE_COMPLETE'].StackName";
    assert_eq!(
        leaving.ask(&aws, &["cloudformation", "list-stacks", "--query", left]),
        serde_json::json!([])
    );
    assert_eq!(
        leaving.ask(&aws, &["s3api", "list-buckets", "--query", "Buckets[].Name"]),
        serde_json::json!([])
    );
}
