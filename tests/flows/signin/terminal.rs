//! Somebody at a real terminal: the command asks them to sign in, they type, and the same operation goes on. In a script nobody
//! is asked, and the exit code says so.

use std::io::{Read, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use zonke_cloud::deploy;
use zonke_cloud::view::AccountTarget;
use zonke_home::Home;
use zonke_testkit::{KeychainState, Sandbox, inside};

use crate::account::Account;
use crate::expiry::{connection_is_finished, guestbook};

const ZONKE: &str = env!("CARGO_BIN_EXE_zonke");
/// What the exit code of a command is when somebody has to sign in.
const SIGNED_OUT: Option<i32> = Some(3);
/// Enough for a busy computer.
const LIMIT: Duration = Duration::from_mins(2);
const CODE: &str = "123456\n";
const ASKED: &str = "Press Enter to go on with a code of the device, or type no to stop:";
const CODE_ASKED: &str = "Code of the MFA device arn:aws:iam::111122223333:mfa/ada for deployer:";

/// `zonke` in a terminal of its own, and the person in front of it.
struct Terminal {
    /// `script` of util-linux, which makes the terminal and passes on what is typed.
    child: Child,
    keyboard: ChildStdin,
    screen: Receiver<Vec<u8>>,
    /// Everything the screen has shown.
    seen: String,
    /// How much of it was read.
    read: usize,
}

impl Terminal {
    fn open(room: &Path, arguments: &[&str]) -> Self {
        // Without a shell in between, which would have a word of its own on Ctrl-C.
        let line = [&["exec", ZONKE], arguments].concat().join(" ");
        let mut child = Command::new("script")
            .args(["--quiet", "--return", "--flush", "--command", &line, "/dev/null"])
            .current_dir(room.join("tmp"))
            .env("TERM", "xterm")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("run script");
        let keyboard = child.stdin.take().expect("a keyboard");
        let mut output = child.stdout.take().expect("a screen");
        let (show, screen) = channel();
        std::thread::spawn(move || {
            let mut bytes = [0; 4096];
            while let Ok(read @ 1..) = output.read(&mut bytes) {
                if show.send(bytes[..read].to_vec()).is_err() {
                    break;
                }
            }
        });
        Self {
            child,
            keyboard,
            screen,
            seen: String::new(),
            read: 0,
        }
    }

    /// Waits until the screen shows something that was not read before.
    fn reads(&mut self, words: &str) {
        let begun = Instant::now();
        loop {
            if let Some(at) = self.seen[self.read..].find(words) {
                self.read += at + words.len();
                return;
            }
            let left = LIMIT.saturating_sub(begun.elapsed());
            match self.screen.recv_timeout(left) {
                Ok(shown) => self.seen += &String::from_utf8_lossy(&shown),
                Err(why) => panic!("{words:?} is never on the screen ({why}):\n{}", self.seen),
            }
        }
    }

    fn types(&mut self, text: &str) {
        self.keyboard.write_all(text.as_bytes()).expect("type");
        self.keyboard.flush().expect("type");
    }

    /// Signs in as the command asks to.
    fn signs_in(&mut self) {
        self.reads("What is being done waits meanwhile.");
        self.reads(ASKED);
        self.types("\n");
        self.reads(CODE_ASKED);
        self.types(CODE);
        self.reads("Going on.");
    }

    /// Waits until the command has ended; how, and everything it showed.
    fn ends(mut self) -> (ExitStatus, String) {
        let begun = Instant::now();
        while begun.elapsed() < LIMIT {
            match self.screen.recv_timeout(Duration::from_millis(100)) {
                Ok(shown) => self.seen += &String::from_utf8_lossy(&shown),
                Err(std::sync::mpsc::RecvTimeoutError::Timeout) => {}
                Err(std::sync::mpsc::RecvTimeoutError::Disconnected) => {
                    let status = self.child.wait().expect("it ends");
                    return (status, std::mem::take(&mut self.seen));
                }
            }
        }
        panic!("the command does not end:\n{}", self.seen);
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// The app with a role that wants an MFA code, on top of a saved key. The source host is connected already: that is no part of
/// these tests.
async fn with_role(room: &Path, account: &Account) {
    let home = Home::at(room.join("data/zonke")).expect("the app's folder");
    let profiles = home.profiles();
    account.keep_role(&profiles, Some("arn:aws:iam::111122223333:mfa/ada")).await;
    let target = AccountTarget::Saved {
        id: "base".to_owned(),
        region: None,
    };
    let session = home.connect(&target).await.expect("connected");
    let journal = home.journal();
    let review = deploy::review(&session, &guestbook(), None, &journal)
        .await
        .expect("reviewed");
    connection_is_finished(&session, &review.id, &home).await;
    deploy::discard(&session, &review.id, &journal).await.expect("discarded");
}

fn deployment() -> Vec<String> {
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../examples/guestbook");
    let example = example.display().to_string();
    ["deploy", &example, "--repository", "acme/guestbook", "--profile", "deployer"]
        .map(str::to_owned)
        .to_vec()
}

/// `zonke` where nobody can be asked.
fn script(arguments: &[&str]) -> (Option<i32>, String) {
    let output = Command::new(ZONKE)
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .expect("run zonke");
    (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
}

fn executed(account: &Account) -> usize {
    let asked = account.asked();
    asked
        .iter()
        .filter(|a| a.operation == "ExecuteChangeSet" && a.status == 200)
        .count()
}

const STATUS: [&str; 4] = ["status", "guestbook", "--profile", "deployer"];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_types_at_the_terminal_signs_in_and_the_same_deployment_goes_on() {
    let Some(room) = inside() else {
        return Sandbox::new().run_inside(
            "terminal::whoever_types_at_the_terminal_signs_in_and_the_same_deployment_goes_on",
            KeychainState::Unlocked,
        );
    };
    let account = Account::start().await;
    with_role(&room, &account).await;
    let deployment = deployment();
    let deployment: Vec<&str> = deployment.iter().map(String::as_str).collect();

    // Never signed in, then over while a change set is carried out, then over while it is watched.
    let mut terminal = Terminal::open(&room, &deployment);
    terminal.signs_in();
    terminal.reads("Deploy? Type yes:");
    account.end_sessions_at("ExecuteChangeSet");
    terminal.types("yes\n");
    terminal.signs_in();
    account.end_sessions_at("ListPipelineExecutions");
    terminal.signs_in();
    let (status, seen) = terminal.ends();
    println!("{seen}");
    assert!(status.success(), "{status}\n{seen}");
    assert!(seen.contains("cloudfront.net"), "{seen}");
    assert_eq!(executed(&account), 1, "nothing was done twice");
    assert_eq!(account.runs(), ["Succeeded"]);

    // A question about what is there, in the three ways it can be answered.
    account.end_sessions();
    let mut refuses = Terminal::open(&room, &STATUS);
    refuses.reads(ASKED);
    refuses.types("no\n");
    let (status, seen) = refuses.ends();
    assert_eq!(status.code(), SIGNED_OUT, "{seen}");
    assert!(seen.contains("zonke profile sign-in"), "{seen}");

    let mut mistypes = Terminal::open(&room, &STATUS);
    mistypes.reads(ASKED);
    mistypes.types("\n");
    mistypes.reads(CODE_ASKED);
    mistypes.types("12\n");
    let (status, seen) = mistypes.ends();
    assert_eq!(status.code(), SIGNED_OUT, "{seen}");
    assert!(seen.contains("An MFA code has six digits"), "{seen}");

    let mut agrees = Terminal::open(&room, &STATUS);
    agrees.signs_in();
    let (status, seen) = agrees.ends();
    assert!(status.success() && seen.contains("cloudfront.net"), "{seen}");
}

/// Ctrl-C where a code is asked for ends the command, and so does Ctrl-C after a sign-in.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ctrl_c_ends_the_command_while_it_asks_and_afterwards() {
    let Some(room) = inside() else {
        return Sandbox::new().run_inside(
            "terminal::ctrl_c_ends_the_command_while_it_asks_and_afterwards",
            KeychainState::Unlocked,
        );
    };
    let account = Account::start().await;
    with_role(&room, &account).await;
    let mut asked = Terminal::open(&room, &STATUS);
    asked.reads(ASKED);
    asked.types("\n");
    asked.reads(CODE_ASKED);
    asked.types("\u{3}");
    let (status, seen) = asked.ends();
    assert_eq!(status.code(), SIGNED_OUT, "{seen}");

    let deployment = deployment();
    let deployment: Vec<&str> = deployment.iter().map(String::as_str).collect();
    let mut later = Terminal::open(&room, &deployment);
    later.signs_in();
    later.reads("Deploy? Type yes:");
    later.types("\u{3}");
    let (status, seen) = later.ends();
    assert_eq!(status.code(), Some(130), "{seen}");
    assert_eq!(executed(&account), 0);
}

/// A script that deploys: it ends with its own exit code, and the same command goes on after somebody has signed in.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_script_ends_with_its_own_exit_code_and_goes_on_when_it_is_run_again() {
    let Some(room) = inside() else {
        return Sandbox::new().run_inside(
            "terminal::a_script_ends_with_its_own_exit_code_and_goes_on_when_it_is_run_again",
            KeychainState::Unlocked,
        );
    };
    let account = Account::start().await;
    with_role(&room, &account).await;
    let deployment = deployment();
    let deployment: Vec<&str> = deployment.iter().map(String::as_str).chain(["--yes"]).collect();
    let sign_in = || {
        let mut terminal = Terminal::open(&room, &["profile", "sign-in", "deployer"]);
        terminal.reads(CODE_ASKED);
        terminal.types(CODE);
        let (status, seen) = terminal.ends();
        assert!(status.success() && seen.contains("deployer is signed in."), "{seen}");
    };

    let (code, said) = script(&deployment);
    println!("never signed in: {said}");
    assert_eq!(code, SIGNED_OUT, "{said}");
    for station in ["ExecuteChangeSet", "ListPipelineExecutions"] {
        sign_in();
        account.end_sessions_at(station);
        let (code, said) = script(&deployment);
        println!(
            "over at {station}: {}",
            said.lines().rev().take(2).collect::<Vec<_>>().join(" / ")
        );
        assert_eq!(code, SIGNED_OUT, "{said}");
        assert!(
            said.contains("zonke profile sign-in") && said.contains("goes on where it stopped"),
            "{said}"
        );
    }
    sign_in();
    let (code, said) = script(&deployment);
    assert_eq!(code, Some(0), "{said}");
    assert_eq!(executed(&account), 1, "nothing was done twice: {said}");
    assert_eq!(account.runs(), ["Succeeded"]);
}
