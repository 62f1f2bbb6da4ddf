//! `zonke plan` with presets, files of choices and single options.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "whatever fails on the way to a check fails the check"
)]

use std::path::Path;
use std::process::{Command, Output};

use serde_json::{Value, json};
use tempfile::TempDir;

/// Runs `zonke plan` on the example, with its data in `home`.
fn plan(home: &Path, arguments: &[&str]) -> Output {
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../examples/guestbook");
    Command::new(env!("CARGO_BIN_EXE_zonke"))
        .arg("plan")
        .arg(example)
        .args(arguments)
        .env("ZONKE_DATA_DIR", home.join("data"))
        .env("HOME", home)
        .env_remove("AWS_REGION")
        .output()
        .expect("run the command")
}

fn choices(home: &Path, arguments: &[&str]) -> Value {
    let output = plan(home, &[arguments, &["--json"]].concat());
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let plan: Value = serde_json::from_slice(&output.stdout).unwrap();
    plan["inputs"]["choices"].clone()
}

#[test]
fn preset_file_arguments_and_options_count_in_this_order() {
    let home = TempDir::new().unwrap();
    let file = home.path().join("choices.json");
    let some = json!({"servers": {"max": 3}, "logDays": 14, "region": "eu-central-1", "tags": {"team": "web"}});
    std::fs::write(&file, some.to_string()).unwrap();
    let file = file.to_str().unwrap();
    let planned = choices(
        home.path(),
        &[
            "--preset",
            "frugal",
            "--choices",
            file,
            "--region",
            "us-east-1",
            "--option",
            "logDays=90",
        ],
    );
    assert_eq!(planned["launch"], "fargateSpot", "from the preset");
    assert_eq!(planned["servers"]["max"], 3, "the file stands above the preset");
    assert_eq!(planned["servers"]["min"], 1, "and says nothing about this");
    assert_eq!(planned["tags"]["team"], "web");
    assert_eq!(planned["region"], "us-east-1", "the argument stands above the file");
    assert_eq!(planned["logDays"], 90, "the option stands above all");
}

#[test]
fn the_choices_of_a_plan_are_a_file_of_choices() {
    let home = TempDir::new().unwrap();
    let wanted = [
        "--option",
        "rollout.bakeMinutes=3",
        "--option",
        "scaleBy.percent=40",
        "--option",
        "domain.name=example.com",
        "--option",
        "uiConfig.values.api=/api",
        "--option",
        "environment=staging",
    ];
    let first = choices(home.path(), &wanted);
    let file = home.path().join("choices.json");
    std::fs::write(&file, first.to_string()).unwrap();
    assert_eq!(choices(home.path(), &["--choices", file.to_str().unwrap()]), first);
}

#[test]
fn a_wrong_option_is_named_with_what_it_may_be() {
    let home = TempDir::new().unwrap();
    for (option, says) in [
        (
            "nat=none",
            "nat cannot be \"none\": gateway, gatewayPerZone, instance or endpoints",
        ),
        ("servers.most=3", "the option cannot be \"servers.most\": one of app,"),
        ("servers.max=0", "servers.min cannot be \"1\": not more than servers.max"),
        ("nat", "write OPTION=VALUE, such as nat=instance"),
    ] {
        let output = plan(home.path(), &["--option", option]);
        let error = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success(), "{option} was taken");
        assert!(error.contains(says), "{option}: {error}");
    }
}

#[test]
fn help_lists_every_option_and_a_preset_says_what_it_gives_up() {
    let home = TempDir::new().unwrap();
    let help = plan(home.path(), &["--help"]);
    let help = String::from_utf8_lossy(&help.stdout).into_owned();
    for path in [
        "databaseOptions.multiAz",
        "webFirewall.requestsPerFiveMinutes",
        "tags.NAME",
        "spotBase",
    ] {
        assert!(help.contains(path), "{path} is not in the help");
    }
    let text = plan(home.path(), &["--preset", "frugal"]);
    let text = String::from_utf8_lossy(&text.stdout).into_owned();
    assert!(text.contains("AWS may take it with two minutes' notice"), "{text}");
    assert!(text.contains("with traffic"), "{text}");
}

#[test]
fn half_an_application_is_refused_with_what_is_missing() {
    let home = TempDir::new().unwrap();
    let api = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../examples/guestbook/api");
    let out = home.path().join("out");
    for command in [
        vec!["plan"],
        vec!["eject", "--out", out.to_str().unwrap()],
        vec!["deploy", "--practice"],
    ] {
        let output = Command::new(env!("CARGO_BIN_EXE_zonke"))
            .args(&command)
            .arg(&api)
            .env("ZONKE_DATA_DIR", home.path().join("data"))
            .env("HOME", home.path())
            .output()
            .expect("run the command");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success(), "{command:?}");
        assert!(
            said.contains("no React front end") && said.contains("the folder that holds both"),
            "{command:?}: {said}"
        );
    }
    assert!(!out.exists(), "nothing is written");
}
