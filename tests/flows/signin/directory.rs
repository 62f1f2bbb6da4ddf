//! Tokens of IAM Identity Center are nowhere but in the keychain, while they are got, used and renewed by the command itself.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use zonke_testkit::{KeychainState, Sandbox, inside};

use crate::account::{Account, REGION};
use crate::aws_cli::aws_cli;
use crate::canary::{Witness, files_with, holds};
use crate::stand_in::{CANARY, StandIn, parameters};

const ZONKE: &str = env!("CARGO_BIN_EXE_zonke");
const PORTAL: &str = "https://d-1234567890.awsapps.com/start";

/// What opens addresses on this computer: it leaves the address where the test finds it, and stays for a while, as browsers do.
fn install_browser(room: &Path) -> PathBuf {
    let folder = room.join("bin");
    fs::create_dir_all(&folder).expect("a folder for programs");
    let program = folder.join("xdg-open");
    let script = "#!/bin/sh\nprintf %s \"$1\" >\"$HOME/address.part\"\nmv \"$HOME/address.part\" \"$HOME/address\"\nsleep 2\n";
    fs::write(&program, script).expect("the program");
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).expect("it can be run");
    folder
}

/// The person signs in on the page that was opened, and the browser goes where that page sends it.
fn sign_in(room: &Path, center: &StandIn) {
    let address = room.join("home/address");
    let begun = Instant::now();
    while !address.exists() {
        assert!(begun.elapsed() < Duration::from_mins(1), "no browser was opened");
        std::thread::sleep(Duration::from_millis(20));
    }
    let address = fs::read_to_string(address).expect("an address");
    let (_, query) = address.split_once('?').expect("a query");
    let query = parameters(query);
    let redirect = query["redirect_uri"]
        .strip_prefix("http://")
        .expect("an address of this computer");
    let (host, path) = redirect.split_once('/').expect("a path");
    let (code, state) = (center.authorize(&query), &query["state"]);
    let mut stream = TcpStream::connect(host).expect("the command listens");
    write!(
        stream,
        "GET /{path}?code={code}&state={state} HTTP/1.1\r\nHost: {host}\r\n\r\n"
    )
    .expect("go there");
    let mut page = String::new();
    stream.read_to_string(&mut page).expect("a page");
    assert!(page.contains("You are signed in"), "{page}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_token_of_the_directory_is_in_sight_while_it_is_got_used_and_renewed() {
    let Some(room) = inside() else {
        return Sandbox::new().run_inside(
            "directory::no_token_of_the_directory_is_in_sight_while_it_is_got_used_and_renewed",
            KeychainState::Unlocked,
        );
    };
    let (account, aws, center) = (Account::start().await, aws_cli(), StandIn::start());
    // Both are over so soon that every use asks for them anew.
    center.rules().token_seconds = 5;
    center.rules().role_seconds = 5;
    let address = center.endpoints().oidc.expect("an address");
    let path = std::env::var("PATH").unwrap_or_default();
    let path = format!("{}:{path}", install_browser(&room).display());
    let command = |program: &Path, arguments: &[&str]| -> Child {
        Command::new(program)
            .args(arguments)
            .env("PATH", &path)
            .env("AWS_ENDPOINT_URL_SSO_OIDC", &address)
            .env("AWS_ENDPOINT_URL_SSO", &address)
            .env("ZONKE_LOG", "trace")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("run it")
    };
    let zonke = |arguments: &[&str]| command(Path::new(ZONKE), arguments);
    let ended = |child: Child| -> Output { child.wait_with_output().expect("it ends") };
    let succeeded = |output: Output| -> Output {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        assert!(output.status.success(), "{}{}", text(&output.stdout), text(&output.stderr));
        output
    };

    let witness = Witness::start(&room, &[CANARY.to_owned()]);
    let save = [
        "profile",
        "add-sso",
        PORTAL,
        "--sso-region",
        "eu-central-1",
        "--role",
        "111111111111/Deploy=directory",
    ];
    let in_the_browser = zonke(&save);
    sign_in(&room, &center);
    let in_the_browser = succeeded(ended(in_the_browser));
    center.rules().device = ["AuthorizationPendingException"].into();
    let with_a_code = succeeded(ended(zonke(&[&save[..5], &["--device-code"]].concat())));
    let mut printed = vec![
        in_the_browser.stdout,
        in_the_browser.stderr,
        with_a_code.stdout,
        with_a_code.stderr,
    ];

    // Handed to another program, which uses them at an account that does not know them.
    let settings = format!(
        "[profile directory]\nregion = {REGION}\nendpoint_url = {}\ncredential_process = {ZONKE} credentials directory\n",
        account.url()
    );
    fs::write(room.join("home/.aws/config"), settings).expect("the AWS file");
    let who = ["sts", "get-caller-identity", "--profile", "directory"];
    let refused = ended(command(&aws, &who));
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(said.contains("InvalidClientTokenId"), "{said}");
    printed.extend([refused.stdout, refused.stderr]);
    let handed_out = succeeded(ended(zonke(&["credentials", "directory"])));
    assert!(
        holds(&handed_out.stdout, CANARY),
        "the canary must be alive to prove anything"
    );
    printed.push(handed_out.stderr);
    // AWS ends the session, and what was got before is over soon after: what is said of that is scanned as well.
    center.rules().renewal_error = Some("InvalidGrantException");
    center.rules().valid.clear();
    let begun = Instant::now();
    loop {
        let after = ended(zonke(&["credentials", "directory"]));
        printed.push(after.stderr);
        if !after.status.success() {
            assert!(after.stdout.is_empty(), "nothing is handed out any more");
            break;
        }
        assert!(begun.elapsed() < Duration::from_mins(1), "the session never is over");
    }
    let seen = witness.finish();
    let (tokens, roles) = (center.asked("POST /token"), center.asked("GET /federation/credentials"));
    let out: usize = printed.iter().map(Vec::len).sum();
    println!("seen {seen:?}, {tokens} tokens and {roles} sessions asked for, {out} bytes of output");
    assert!(tokens >= 6 && roles >= 2, "they were got, used and renewed");
    for program in ["zonke", "aws", "xdg-open"] {
        assert!(seen.contains_key(program), "{program} was seen: {seen:?}");
    }
    let told = printed.iter().find(|text| holds(text, CANARY));
    assert_eq!(told.map(|text| String::from_utf8_lossy(text)), None);
    assert_eq!(files_with(&room, CANARY), Vec::<PathBuf>::new());
    assert!(
        room.join("data/zonke/profiles.json").exists(),
        "files were written that could hold it"
    );
}
