//! A profile of the AWS files is used as it is, whatever the environment says.

use std::process::Stdio;

use serde_json::Value;
use zonke_testkit::Sandbox;

/// Ends the server when the test does, however it ends.
struct Server<'a>(&'a Sandbox);

impl Drop for Server<'_> {
    fn drop(&mut self) {
        let stop = self
            .0
            .command(env!("CARGO_BIN_EXE_zonke"))
            .args(["practice", "stop"])
            .status();
        assert!(stop.is_ok_and(|status| status.success()), "the practice account is stopped");
    }
}

#[test]
fn the_chosen_profile_wins_over_credentials_in_the_environment() {
    let sandbox = Sandbox::new();
    let zonke = || {
        let mut command = sandbox.command(env!("CARGO_BIN_EXE_zonke"));
        command.stdin(Stdio::null());
        command
    };
    let started = zonke()
        .args(["practice", "start", "--json"])
        .output()
        .expect("start the practice account");
    let _server = Server(&sandbox);
    assert!(started.status.success(), "{}", String::from_utf8_lossy(&started.stderr));
    let status: Value = serde_json::from_slice(&started.stdout).expect("JSON");
    let endpoint = status["endpoint"].as_str().expect("an address");
    let server = std::fs::read(sandbox.data_dir().join("practice/server.json")).expect("the server's file");
    let server: Value = serde_json::from_slice(&server).expect("JSON");
    let key = server["accessKey"].as_str().expect("an access key");
    // The practice account stands in for AWS: it answers to this key only.
    sandbox.write_aws_file(
        "config",
        &format!("[profile work]\nregion = eu-west-1\nendpoint_url = {endpoint}\n"),
    );
    sandbox.write_aws_file(
        "credentials",
        &format!("[work]\naws_access_key_id = {key}\naws_secret_access_key = secret\n"),
    );

    let apps = zonke()
        .args(["apps", "--profile", "work", "--json"])
        .env("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE")
        .env("AWS_SECRET_ACCESS_KEY", "somebody else's")
        .env("AWS_PROFILE", "another")
        .output()
        .expect("list the applications");
    assert!(apps.status.success(), "{}", String::from_utf8_lossy(&apps.stderr));
    assert_eq!(String::from_utf8_lossy(&apps.stdout).trim(), "[]");

    let unknown = zonke()
        .args(["apps", "--profile", "nobody"])
        .output()
        .expect("list the applications");
    assert!(!unknown.status.success());
    assert!(String::from_utf8_lossy(&unknown.stderr).contains("There is no profile `nobody`"));
}
