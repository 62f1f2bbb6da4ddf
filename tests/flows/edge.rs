//! A domain and a web firewall on a running application, with the application in one region and their stack in us-east-1.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use zonke_testkit::Sandbox;

const DOMAIN: &str = "domain.name=app.example.com";
const FIREWALL: &str = "webFirewall.requestsPerFiveMinutes=1000";

struct Named {
    sandbox: Sandbox,
}

impl Drop for Named {
    fn drop(&mut self) {
        drop(self.command(&["practice", "stop"]).output());
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

impl Named {
    fn faults(&self) -> PathBuf {
        self.sandbox.path().join("faults.json")
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.sandbox.command(env!("CARGO_BIN_EXE_zonke"));
        command
            .args(arguments)
            .env("ZONKE_PRACTICE_SPEED", "0.004")
            .env("ZONKE_PRACTICE_REGION", "eu-west-1")
            .env("ZONKE_PRACTICE_FAULTS", self.faults())
            .stdin(Stdio::null());
        command
    }

    fn deployment(&self, options: &[&str]) -> Command {
        let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../examples/guestbook");
        let mut command = self.command(&["deploy", &example.display().to_string(), "--practice", "--yes"]);
        for option in options {
            command.args(["--option", option]);
        }
        command
    }

    /// Deploys and returns what was said.
    fn deploy(&self, options: &[&str]) -> String {
        let output = self.deployment(options).output().expect("run zonke");
        said(&output)
    }

    fn status(&self) -> Value {
        let output = self
            .command(&["status", "guestbook", "--practice", "--json"])
            .output()
            .expect("run zonke");
        serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", text(&output.stderr)))
    }
}

fn said(output: &Output) -> String {
    let said = format!("{}{}", text(&output.stdout), text(&output.stderr));
    assert!(output.status.success(), "{said}");
    said
}

fn edge(status: &Value) -> Option<&str> {
    let stacks = status["stacks"].as_array()?;
    stacks.iter().find(|s| s["role"] == "edge").and_then(|s| s["status"].as_str())
}

#[test]
fn a_domain_and_a_firewall_come_before_the_release_and_go_after_it() {
    let named = Named { sandbox: Sandbox::new() };
    said(&named.command(&["practice", "start"]).output().expect("run zonke"));

    // Nobody has entered the record yet: it is shown, and closing the app loses nothing.
    let nobody = serde_json::json!({ "dns": { "app.example.com": "not entered" } });
    std::fs::write(named.faults(), nobody.to_string()).expect("write the faults");
    let mut waiting = named
        .deployment(&[DOMAIN])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("run zonke");
    let lines = BufReader::new(waiting.stdout.take().expect("its output")).lines();
    let shown = lines.map_while(Result::ok).find(|line| line.contains(" CNAME "));
    let shown = shown.expect("the record is shown while AWS waits for it");
    assert!(shown.contains("app.example.com"), "{shown}");
    waiting.kill().expect("kill the command");
    waiting.wait().expect("wait for the command");

    std::fs::remove_file(named.faults()).expect("enter the record");
    let resumed = named.deploy(&[DOMAIN]);
    assert!(resumed.contains("that was cut off goes on"), "{resumed}");
    assert!(
        resumed.contains("lead `app.example.com`"),
        "the last record is named: {resumed}"
    );
    let status = named.status();
    assert_eq!(status["siteUrl"], "https://app.example.com", "{status:#}");

    let protected = named.deploy(&[DOMAIN, FIREWALL]);
    assert!(
        protected.contains("guestbook-edge in us-east-1, before everything else"),
        "{protected}"
    );

    // The domain goes while the firewall stays, and not before CloudFront has let go of it.
    let bare = named.deploy(&[FIREWALL]);
    assert!(bare.contains("guestbook-edge in us-east-1, after the release"), "{bare}");
    assert!(bare.contains("✓ Take away") || bare.contains("… Take away"), "{bare}");
    let status = named.status();
    assert!(
        status["siteUrl"].as_str().is_some_and(|url| url.contains("cloudfront.net")),
        "{status:#}"
    );
    assert_eq!(edge(&status), Some("UPDATE_COMPLETE"), "{status:#}");

    // Without both nothing is left in us-east-1, so the next review has nothing to say about it.
    let last = named.deploy(&[]);
    assert!(last.contains("remove       WebFirewall"), "{last}");
    assert_eq!(edge(&named.status()), None);
    let nothing = named.deploy(&[]);
    assert!(!nothing.contains("guestbook-edge"), "{nothing}");
}
