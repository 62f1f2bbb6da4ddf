//! `zonke inspect` with findings that are set: remembered in the app's data, honored by `zonke plan`, forgotten when asked.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "whatever fails on the way to a check fails the check"
)]

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;
use tempfile::TempDir;

/// Runs the command on the example, with its data in `data`.
fn zonke(data: &Path, arguments: &[&str]) -> Output {
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../examples/guestbook");
    Command::new(env!("CARGO_BIN_EXE_zonke"))
        .arg(arguments[0])
        .arg(example)
        .args(&arguments[1..])
        .env("ZONKE_DATA_DIR", data)
        .env("HOME", data)
        .env_remove("AWS_REGION")
        .output()
        .expect("run the command")
}

fn json(output: &Output) -> Value {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn what_is_set_is_remembered_planned_with_and_forgotten() {
    let home = TempDir::new().unwrap();
    let data = home.path().join("data");
    let found = json(&zonke(&data, &["inspect", "--json"]));
    assert!(!data.exists(), "looking leaves nothing behind");
    let set = json(&zonke(
        &data,
        &["inspect", "--json", "--set", "port=4100", "--set", "health-path="],
    ));
    assert_eq!(set["backends"][0]["port"]["default"], 4100);
    assert_eq!(set["backends"][0]["healthPath"], Value::Null);
    assert_eq!(json(&zonke(&data, &["inspect", "--json"])), set);
    let plan = json(&zonke(&data, &["plan", "--json"]));
    assert_eq!(plan["inputs"]["findings"]["backends"][0]["port"]["default"], 4100);
    let half = json(&zonke(&data, &["inspect", "--json", "--unset", "port"]));
    assert_eq!(half["backends"][0]["port"], found["backends"][0]["port"]);
    assert_eq!(json(&zonke(&data, &["inspect", "--json", "--forget"])), found);
}

#[test]
fn a_wrong_value_names_the_field_and_the_next_step_and_changes_nothing() {
    let home = TempDir::new().unwrap();
    let data = home.path().join("data");
    for (setting, says, next) in [
        (
            "outputDir=../x",
            "The output folder cannot be set",
            "as seen from the project's folder",
        ),
        ("healthPath=health", "The health route cannot be set", "Write /health."),
        ("color=red", "there is no field", "outputDir"),
    ] {
        let output = zonke(&data, &["inspect", "--json", "--set", setting]);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(
            !output.status.success() && said.contains(says) && said.contains(next),
            "{said}"
        );
    }
    assert!(!data.exists());
}
