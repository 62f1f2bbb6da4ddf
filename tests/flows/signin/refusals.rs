//! What AWS refuses, in the words and with the next step that a person gets.

use std::process::{Output, Stdio};

use zonke_cloud::view::AccountTarget;
use zonke_cloud::{CloudError, ErrorCode, applications};
use zonke_home::Home;
use zonke_signin::{AccessKeys, Keeping};
use zonke_testkit::Sandbox;

use crate::account::{Account, Key, REGION};

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).trim().to_owned()
}

/// `zonke apps` with a profile of the AWS files.
fn apps(sandbox: &Sandbox, profile: &str) -> Output {
    sandbox
        .command(env!("CARGO_BIN_EXE_zonke"))
        .args(["apps", "--profile", profile, "--json"])
        .stdin(Stdio::null())
        .output()
        .expect("run zonke")
}

/// The profile `name` of the AWS files has this key, and the account stands in for AWS.
fn write_profile(sandbox: &Sandbox, account: &Account, name: &str, key: &Key) {
    let config = format!("[profile {name}]\nregion = {REGION}\nendpoint_url = {}\n", account.url());
    sandbox.write_aws_file("config", &config);
    sandbox.write_aws_file("credentials", &key.section(name));
}

/// A saved key that is used at the account, and what comes of listing the applications with it.
async fn list_with(home: &Home, account: &Account, label: &str, key: &Key) -> Result<(), CloudError> {
    let keys = AccessKeys::typed(&key.id, &key.secret).expect("a key");
    let saved = home
        .profiles()
        .add_keys(label, Some(REGION), &keys, Some(&account.url()))
        .await;
    let target = AccountTarget::Saved {
        id: saved.expect("the key is kept").id,
        region: None,
    };
    let session = home.connect(&target).await?;
    applications(&session).await.map(drop)
}

fn row(case: &str, sentence: &str, step: &str) {
    println!("| {case} | {sentence} | {step} |");
}

const KEY_UNKNOWN: &str = "AWS does not know this access key: it was deleted or switched off";
const KEY_WRONG: &str = "the secret access key does not belong to this access key id";

/// Every refusal through the command, with a profile of the AWS files, and through what the window uses, with a saved key.
#[tokio::test]
async fn every_refusal_says_what_is_wrong_and_what_to_do_next() {
    let account = Account::start().await;
    let sandbox = Sandbox::new();
    let folder = tempfile::tempdir().expect("a folder");
    let home = Home::at(folder.path().to_owned()).expect("the app's folder");
    home.keep(Keeping::MemoryOnly).await;
    let ada = account.key("ada");
    write_profile(&sandbox, &account, "work", &ada);
    let fine = apps(&sandbox, "work");
    assert!(fine.status.success(), "{}", text(&fine.stderr));
    list_with(&home, &account, "fine", &ada).await.expect("the right key works");

    let wrong_secret = Key {
        secret: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY".to_owned(),
        ..ada.clone()
    };
    let wrong_id = Key {
        id: "AKIAIOSFODNN7EXAMPLE".to_owned(),
        ..ada.clone()
    };
    let invalid = ErrorCode::CredentialsInvalid;
    let cases = [
        ("wrong secret", wrong_secret, 0, invalid, KEY_WRONG, "Save the key again"),
        ("unknown key", wrong_id, 0, invalid, KEY_UNKNOWN, "make a new one"),
        ("deleted key", account.key("gone"), 0, invalid, KEY_UNKNOWN, "make a new one"),
        (
            "key switched off",
            account.key("idle"),
            0,
            invalid,
            KEY_UNKNOWN,
            "switch the key on",
        ),
        (
            "missing permission",
            account.key("guest"),
            0,
            ErrorCode::AccessDenied,
            "user/guest is not authorized to perform: cloudformation:",
            "Ask the account's administrator for the permission named above",
        ),
        (
            "clock 20 minutes behind",
            ada.clone(),
            1200,
            ErrorCode::ClockSkew,
            "this computer's clock is 20 minutes behind AWS's",
            "Set this computer's clock to automatic",
        ),
        (
            "clock 3 hours ahead",
            ada.clone(),
            -10_800,
            ErrorCode::ClockSkew,
            "this computer's clock is 3 hours ahead of AWS's",
            "Set this computer's clock to automatic",
        ),
    ];
    println!("| case | what is said | what to do next |\n|---|---|---|");
    for (case, key, ahead, code, words, step) in cases {
        account.set_clock(ahead);
        write_profile(&sandbox, &account, "work", &key);
        let said = apps(&sandbox, "work");
        let error = list_with(&home, &account, case, &key).await.expect_err(case);
        account.set_clock(0);
        row(case, &error.message, &error.hint);
        assert_eq!(error.code, code, "{case}");
        assert!(
            error.message.contains(words) && error.hint.contains(step),
            "{case}: {error:?}"
        );
        assert!(error.request_id.is_some(), "{case}: AWS support asks for it");
        let printed = text(&said.stderr);
        assert!(!said.status.success() && said.stdout.is_empty(), "{case}");
        assert!(printed.contains(words) && printed.contains(step), "{case}: {printed}");
        for shown in [&printed, &format!("{error:?}")] {
            assert!(!shown.contains(&key.secret) && !shown.contains(&key.id), "{case}: {shown}");
        }
    }
}

/// A session token that is over: the command says so; the window asks, and the call that waits goes on.
#[tokio::test]
async fn an_expired_session_token_asks_for_a_sign_in() {
    let account = Account::start().await;
    let sandbox = Sandbox::new();
    let session = account.session();
    write_profile(&sandbox, &account, "work", &session);
    let fine = apps(&sandbox, "work");
    assert!(fine.status.success(), "{}", text(&fine.stderr));
    account.end_sessions();
    let said = apps(&sandbox, "work");
    let printed = text(&said.stderr);
    row(
        "expired session token",
        printed.lines().next().unwrap_or_default(),
        printed.lines().nth(1).unwrap_or_default(),
    );
    assert!(!said.status.success());
    assert!(printed.contains("the session of the AWS profile `work` is over"), "{printed}");
    assert!(
        printed.contains("`zonke profile sign-in NAME`") && printed.contains("then run this command again"),
        "{printed}"
    );
}
