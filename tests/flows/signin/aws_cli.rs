//! The real AWS CLI gets its credentials from `zonke credentials`, out of a real keychain.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use zonke_testkit::{KeychainState, Sandbox};

use crate::account::{Account, REGION};

/// The release that was tried; version 1, because version 2 is in no package registry.
const AWS_CLI: &str = "awscli==1.46.3";
const ZONKE: &str = env!("CARGO_BIN_EXE_zonke");

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn succeeded(output: &Output) -> String {
    assert!(output.status.success(), "{}\n{}", text(&output.stdout), text(&output.stderr));
    text(&output.stdout)
}

/// Installs the AWS CLI once for all runs of the tests; returns the program.
pub(crate) fn aws_cli() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(AWS_CLI.replace("==", "-"));
    let program = folder.join("bin/aws");
    let lock = std::fs::File::create(folder.with_extension("lock")).expect("a lock");
    lock.lock().expect("locked");
    if !folder.join("installed").exists() {
        let sandbox = Sandbox::new();
        let mut venv = sandbox.command("python3");
        succeeded(
            &venv
                .args(["-m", "venv", "--clear"])
                .arg(&folder)
                .output()
                .expect("run Python"),
        );
        let mut pip = sandbox.command(folder.join("bin/pip"));
        let install = ["install", "--quiet", "--disable-pip-version-check", AWS_CLI];
        succeeded(&pip.args(install).output().expect("run pip"));
        std::fs::write(folder.join("installed"), "").expect("a mark");
    }
    program
}

fn who(aws: &mut Command, profile: &str) -> Output {
    aws.args(["sts", "get-caller-identity", "--output", "json", "--profile", profile])
        .stdin(Stdio::null())
        .output()
        .expect("run the AWS CLI")
}

fn arn(output: &Output) -> String {
    let answer: Value = serde_json::from_str(&succeeded(output)).expect("JSON");
    answer["Arn"].as_str().expect("an ARN").to_owned()
}

/// The key moves from the plain file into the keychain, and the AWS CLI goes on working without noticing.
#[tokio::test]
async fn the_aws_cli_goes_on_working_when_its_key_moves_to_the_keychain() {
    let account = Account::start().await;
    let (sandbox, aws) = (Sandbox::new(), aws_cli());
    let with_keychain = |program: &Path, state| sandbox.command_with_keychain(state, program);
    let ada = account.key("ada");
    let settings = |name: &str| format!("[profile {name}]\nregion = {REGION}\nendpoint_url = {}\n", account.url());
    sandbox.write_aws_file("config", &settings("work"));
    sandbox.write_aws_file("credentials", &format!("# mine\n{}", ada.section("work")));
    let before = arn(&who(&mut sandbox.command(&aws), "work"));
    assert!(before.ends_with(":user/ada"), "{before}");

    let mut import = with_keychain(Path::new(ZONKE), KeychainState::Unlocked);
    succeeded(
        &import
            .args(["profile", "import", "work"])
            .stdin(Stdio::null())
            .output()
            .expect("run zonke"),
    );
    let file = std::fs::read_to_string(sandbox.path().join("home/.aws/credentials")).expect("the file");
    assert_eq!(
        file,
        format!("# mine\n[work]\ncredential_process = {ZONKE} credentials work\n")
    );
    for needle in [&ada.id, &ada.secret] {
        assert_eq!(crate::canary::files_with(sandbox.path(), needle), Vec::<PathBuf>::new());
    }

    let after = who(&mut with_keychain(&aws, KeychainState::Unlocked), "work");
    assert_eq!(arn(&after), before);
    // Another profile with a line that somebody wrote by hand, and our own command through the AWS files.
    let by_hand = format!("{}credential_process = \"{ZONKE}\" credentials work\n", settings("hand"));
    sandbox.write_aws_file("config", &format!("{}{by_hand}", settings("work")));
    assert_eq!(arn(&who(&mut with_keychain(&aws, KeychainState::Unlocked), "hand")), before);
    let mut apps = with_keychain(Path::new(ZONKE), KeychainState::Unlocked);
    let apps = apps
        .args(["apps", "--profile", "hand", "--json"])
        .stdin(Stdio::null())
        .output()
        .expect("run zonke");
    assert_eq!(succeeded(&apps).trim(), "[]");

    // What is wrong gets through the AWS CLI to the person.
    for (state, words) in [
        (KeychainState::Locked, "the keychain is locked"),
        (KeychainState::Missing, "no keychain can be reached"),
    ] {
        let refused = who(&mut with_keychain(&aws, state), "work");
        let said = text(&refused.stderr);
        assert!(!refused.status.success() && said.contains(words), "{state:?}: {said}");
        assert!(!said.contains(&ada.id) && !said.contains(&ada.secret), "{said}");
    }
    let mut remove = with_keychain(Path::new(ZONKE), KeychainState::Unlocked);
    succeeded(
        &remove
            .args(["profile", "remove", "work"])
            .stdin(Stdio::null())
            .output()
            .expect("run zonke"),
    );
    let gone = who(&mut with_keychain(&aws, KeychainState::Unlocked), "work");
    assert!(
        text(&gone.stderr).contains("there is no saved profile `work`"),
        "{}",
        text(&gone.stderr)
    );
}
