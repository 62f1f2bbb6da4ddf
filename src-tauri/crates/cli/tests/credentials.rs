//! `zonke profile` and `zonke credentials` with a keychain of their own, and an SDK that uses them as `credential_process`.
#![cfg(target_os = "linux")]
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "whatever fails on the way to a check fails the check"
)]

use std::io::Write;
use std::path::Path;
use std::process::{Output, Stdio};

use zonke_testkit::{KeychainState, Sandbox};

const ZONKE: &str = env!("CARGO_BIN_EXE_zonke");
const ID: &str = "AKIACANARY0000000001";
const SECRET: &str = "CANARY/secret+of+the+test";

struct Run {
    success: bool,
    out: String,
    said: String,
}

fn zonke(sandbox: &Sandbox, state: KeychainState, arguments: &[&str], input: &str) -> Run {
    let mut command = sandbox.command_with_keychain(state, ZONKE);
    // As talkative as it can be: what it says is searched for secrets.
    command
        .args(arguments)
        .env("ZONKE_LOG", "trace")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().expect("start a message bus");
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let Output { status, stdout, stderr } = child.wait_with_output().unwrap();
    let run = Run {
        success: status.success(),
        out: String::from_utf8(stdout).unwrap(),
        said: String::from_utf8(stderr).unwrap(),
    };
    assert!(!run.said.contains("CANARY"), "{}", run.said);
    run
}

fn no_canary_below(folder: &Path) -> usize {
    let mut files = 0;
    for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
        if entry.file_type().unwrap().is_dir() {
            files += no_canary_below(&entry.path());
        } else if entry.file_type().unwrap().is_file() {
            let bytes = std::fs::read(entry.path()).unwrap();
            assert!(!bytes.windows(6).any(|w| w == b"CANARY"), "{}", entry.path().display());
            files += 1;
        }
    }
    files
}

#[test]
fn a_key_is_imported_handed_to_other_programs_and_removed() {
    let sandbox = Sandbox::new();
    sandbox.write_aws_file(
        "credentials",
        &format!("# mine\n[work]\naws_access_key_id = {ID}\naws_secret_access_key = {SECRET}\n"),
    );
    let run = |arguments: &[&str]| zonke(&sandbox, KeychainState::Unlocked, arguments, "");

    let imported = run(&["profile", "import", "work", "--name", "Work account"]);
    assert!(imported.success, "{}", imported.said);
    let file = std::fs::read_to_string(sandbox.path().join("home/.aws/credentials")).unwrap();
    assert_eq!(
        file,
        format!("# mine\n[work]\ncredential_process = {ZONKE} credentials work-account\n")
    );

    let listed = run(&["profile", "list"]);
    assert!(
        listed.out.contains("work-account") && listed.out.contains("access key in the keychain"),
        "{}",
        listed.out
    );
    let handed_out: serde_json::Value = serde_json::from_str(&run(&["credentials", "Work account"]).out).unwrap();
    let expected = serde_json::json!({ "Version": 1, "AccessKeyId": ID, "SecretAccessKey": SECRET });
    assert_eq!(handed_out, expected);
    assert!(run(&["profile", "rename", "work-account", "Shop"]).success);
    assert!(
        run(&["credentials", "work-account"]).success,
        "the line in the AWS file goes on working"
    );
    assert!(
        no_canary_below(sandbox.path()) > 3,
        "files of the app, of AWS and of the keychain"
    );

    let locked = zonke(&sandbox, KeychainState::Locked, &["credentials", "Shop"], "");
    assert!(
        !locked.success && locked.out.is_empty() && locked.said.contains("the keychain is locked"),
        "{}",
        locked.said
    );

    assert!(run(&["profile", "remove", "Shop"]).success);
    let gone = run(&["credentials", "Shop"]);
    assert!(
        !gone.success && gone.said.contains("there is no saved profile `Shop`"),
        "{}",
        gone.said
    );
}

#[test]
fn keys_come_from_standard_input_and_a_missing_keychain_is_named() {
    let sandbox = Sandbox::new();
    let csv = format!("Access key ID,Secret access key\n{ID},{SECRET}\n");
    let saved = zonke(
        &sandbox,
        KeychainState::Unlocked,
        &["profile", "add-keys", "shop", "--csv", "--region", "eu-west-1"],
        &csv,
    );
    assert!(saved.success, "{}", saved.said);
    let typed = zonke(
        &sandbox,
        KeychainState::Unlocked,
        &["profile", "add-keys", "typed"],
        &format!("{ID}\n{SECRET}\n"),
    );
    assert!(typed.success, "{}", typed.said);
    let wrong = zonke(
        &sandbox,
        KeychainState::Unlocked,
        &["profile", "add-keys", "swapped"],
        &format!("{SECRET}\n{ID}\n"),
    );
    assert!(!wrong.success && wrong.said.contains("starts with AKIA"), "{}", wrong.said);
    let missing = zonke(
        &sandbox,
        KeychainState::Missing,
        &["profile", "add-keys", "lost"],
        &format!("{ID}\n{SECRET}\n"),
    );
    assert!(
        !missing.success && missing.said.contains("no keychain can be reached"),
        "{}",
        missing.said
    );
    let listed = zonke(&sandbox, KeychainState::Missing, &["profile", "list"], "");
    let ids: Vec<_> = listed.out.lines().filter_map(|line| line.split_whitespace().next()).collect();
    assert_eq!(ids, ["shop", "typed"]);
}

#[test]
fn an_sdk_takes_its_credentials_from_zonke() {
    const INSIDE: &str = "ZONKE_TEST_INSIDE";
    if std::env::var_os(INSIDE).is_some() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let provider = aws_config::profile::ProfileFileCredentialsProvider::builder()
            .profile_name("tools")
            .build();
        let credentials = runtime
            .block_on(aws_credential_types::provider::ProvideCredentials::provide_credentials(
                &provider,
            ))
            .unwrap();
        assert_eq!((credentials.access_key_id(), credentials.secret_access_key()), (ID, SECRET));

        // The app itself uses such a profile too, and does not mistake the environment's credentials for it.
        assert_eq!(std::env::var("AWS_ACCESS_KEY_ID").as_deref(), Ok("AKIASOMEBODYELSE0001"));
        let data = std::env::var_os("ZONKE_DATA_DIR").unwrap();
        let profiles = zonke_signin::SavedProfiles::open(Path::new(&data), zonke_signin::Keychain::in_memory());
        profiles.add_aws_profile("from the files", "tools", None).unwrap();
        profiles.add_aws_profile("nowhere", "missing", None).unwrap();
        let credentials = runtime.block_on(profiles.credentials("from the files")).unwrap();
        assert_eq!((credentials.access_key_id(), credentials.secret_access_key()), (ID, SECRET));
        let error = runtime.block_on(profiles.credentials("nowhere")).unwrap_err();
        assert!(
            error.to_string().contains("the AWS profile `missing` gives no credentials"),
            "{error}"
        );
        return;
    }
    let sandbox = Sandbox::new();
    assert!(
        zonke(
            &sandbox,
            KeychainState::Unlocked,
            &["profile", "add-keys", "tools"],
            &format!("{ID}\n{SECRET}\n")
        )
        .success
    );
    sandbox.write_aws_file(
        "config",
        &format!("[profile tools]\nregion = eu-west-1\ncredential_process = {ZONKE} credentials tools\n"),
    );
    let output = sandbox
        .command_with_keychain(KeychainState::Unlocked, std::env::current_exe().unwrap())
        .args(["an_sdk_takes_its_credentials_from_zonke", "--exact"])
        .env(INSIDE, "1")
        .env("AWS_ACCESS_KEY_ID", "AKIASOMEBODYELSE0001")
        .env("AWS_SECRET_ACCESS_KEY", "of somebody else")
        .output()
        .unwrap();
    let said = format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    assert!(output.status.success() && said.contains("1 passed"), "{said}");
}
