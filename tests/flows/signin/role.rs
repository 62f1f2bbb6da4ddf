//! The role of a plan, made by one person and taken on: who may, what it may, and that it is enough to deploy with.
//!
//! The account checks the role's trust with its external id, and action, resource and conditions of every request that comes to it.
//! It does not check what CloudFormation does in the name of whoever asked for a stack, nor pipelines and connections, which are
//! our own addition to it: those rights are held against the templates and the sources by the tests of `plan` and `cloud`.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use zonke_home::Home;
use zonke_signin::{AccessKeys, NewRole, RoleSource, SignInError};
use zonke_testkit::{KeychainState, Sandbox, inside};

use crate::account::{Account, REGION};
use crate::aws_cli::aws_cli;

const ZONKE: &str = env!("CARGO_BIN_EXE_zonke");
const EXTERNAL_ID: &str = "ticket-42";

fn example() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../examples/guestbook")
}

fn run(program: impl AsRef<std::ffi::OsStr>, arguments: &[&str]) -> (Output, String) {
    let output = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .expect("run it");
    let said = format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    (output, said)
}

/// The guestbook with `verb`, as this profile.
fn zonke(verb: &str, profile: &str, more: &[&str]) -> (Output, String) {
    let example = example().display().to_string();
    let plan = [verb, &example, "--repository", "acme/guestbook", "--profile", profile];
    run(ZONKE, &[&plan, more].concat())
}

/// Saves the role on top of another profile and tries to take it on.
async fn take_on(home: &Home, arn: &str, source: &str, label: &str, external_id: Option<&str>) -> Result<String, SignInError> {
    let role = NewRole {
        label: label.to_owned(),
        role_arn: arn.to_owned(),
        mfa_serial: None,
        external_id: external_id.map(str::to_owned),
        source: RoleSource::Saved { id: source.to_owned() },
        region: Some(REGION.to_owned()),
    };
    let profiles = home.profiles();
    let saved = profiles.add_role(&role).expect("saved");
    profiles
        .credentials(&saved.id)
        .await
        .map(|key| key.access_key_id().to_owned())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_role_of_a_plan_is_made_saved_taken_on_and_enough_to_deploy() {
    let Some(room) = inside() else {
        return Sandbox::new().run_inside(
            "role::the_role_of_a_plan_is_made_saved_taken_on_and_enough_to_deploy",
            KeychainState::Unlocked,
        );
    };
    let (account, aws) = (Account::start().await, aws_cli());
    let home = Home::at(room.join("data/zonke")).expect("the app's folder");
    for who in ["ada", "eve"] {
        let key = account.key(who);
        let keys = AccessKeys::typed(&key.id, &key.secret).expect("a key");
        let kept = home.profiles().add_keys(who, Some(REGION), &keys, Some(&account.url())).await;
        kept.expect("the key is kept");
    }

    let (made, said) = zonke("role", "ada", &["--external-id", EXTERNAL_ID, "--save", "deployer", "--yes"]);
    println!("{said}");
    assert!(made.status.success(), "{said}");
    assert!(said.contains("Only user/ada may take the role on"), "{said}");
    assert!(said.contains("use it with --profile deployer"), "{said}");
    let printed = String::from_utf8_lossy(&made.stdout);
    let arn = printed.lines().last().expect("the role").to_owned();

    // Who may: nobody but the one it was made for, and only with the id.
    for (source, label, id) in [
        ("eve", "not trusted", Some(EXTERNAL_ID)),
        ("ada", "no id", None),
        ("ada", "wrong id", Some("ticket-41")),
    ] {
        let error = take_on(&home, &arn, source, label, id).await.expect_err(label);
        println!("{label}: {error} — {}", error.hint());
        assert!(
            error.to_string().contains("not authorized to perform: sts:AssumeRole"),
            "{label}: {error}"
        );
    }

    // What it may: nothing beyond the application.
    let line = format!("credential_process = {ZONKE} credentials deployer\n");
    let settings = |name: &str| format!("[profile {name}]\nregion = {REGION}\nendpoint_url = {}\n", account.url());
    let config = format!("{}{line}{}", settings("deployer"), settings("files"));
    std::fs::write(room.join("home/.aws/config"), config).expect("the AWS file");
    let cli = |arguments: &[&str]| run(&aws, &[arguments, &["--profile", "deployer", "--output", "json"]].concat());
    let (_, who) = cli(&["sts", "get-caller-identity"]);
    assert!(who.contains(":assumed-role/guestbook-deployer-"), "{who}");
    for refused in [
        &["iam", "create-user", "--user-name", "mallory"][..],
        &[
            "iam",
            "create-role",
            "--role-name",
            "mallory",
            "--assume-role-policy-document",
            "{}",
        ],
        &["cloudformation", "delete-stack", "--stack-name", "payroll-base"],
        &["s3api", "create-bucket", "--bucket", "payroll"],
        &["secretsmanager", "get-secret-value", "--secret-id", "payroll/app-x"],
    ] {
        let (output, said) = cli(refused);
        println!("{}: {}", refused[..2].join(" "), said.trim());
        assert!(
            !output.status.success() && said.contains("AccessDenied"),
            "{refused:?}: {said}"
        );
    }

    // Enough: looked at beforehand, and then done.
    let before = account.asked().len();
    let (_, checks) = zonke("preflight", "deployer", &[]);
    println!("{checks}");
    assert!(checks.contains("You are role guestbook-deployer-"), "{checks}");
    assert!(checks.contains("IAM's simulator allows all"), "{checks}");
    let begun = std::time::Instant::now();
    let (deployed, said) = loop {
        let (deployed, said) = zonke("deploy", "deployer", &["--yes"]);
        // The role has made the connection; its hand-shake in the browser is played by the account.
        if !said.contains("The connection to GitHub is not finished") || begun.elapsed().as_secs() > 60 {
            break (deployed, said);
        }
    };
    println!("{said}");
    assert!(deployed.status.success(), "{said}");
    let asked = account.asked().split_off(before);
    let refused: Vec<_> = asked
        .iter()
        .filter(|a| a.status == 403)
        // The account has no quotas: it takes questions about them for some of S3.
        .filter(|a| !["GetServiceQuota", "GetAWSDefaultServiceQuota"].contains(&a.operation.as_str()))
        .collect();
    println!("{} requests, refused: {refused:?}", asked.len());
    assert!(refused.is_empty(), "the role's rights are enough: {refused:?}");
    let session = home.profiles().credentials("deployer").await.expect("a session");
    let by_others: Vec<_> = asked
        .iter()
        .filter(|a| a.operation != "AssumeRole" && a.key != session.access_key_id())
        .collect();
    assert!(by_others.is_empty(), "all of it was done by the role: {by_others:?}");

    // The same on top of a profile of the AWS files, which says where it is used: so is the role.
    let file = room.join("home/.aws/credentials");
    std::fs::write(file, account.key("ada").section("files")).expect("the AWS file");
    let (saved, said) = zonke(
        "role",
        "files",
        &["--external-id", EXTERNAL_ID, "--save", "from files", "--yes"],
    );
    assert!(saved.status.success() && said.contains("already as planned"), "{said}");
    let (listed, said) = run(ZONKE, &["apps", "--profile", "from-files", "--json"]);
    assert!(listed.status.success() && said.contains("guestbook"), "{said}");
}
