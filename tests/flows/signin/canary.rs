//! Keys and sessions are nowhere but in the keychain: not in a file, an output, an argument, an environment or what a crash leaves.
//!
//! Each test starts a message bus, a keychain and then itself once more inside; the second run is the one that checks.

use std::collections::BTreeMap;
use std::fs;
use std::io::{Read, Seek, SeekFrom, Write};
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use zonke_home::Home;
use zonke_testkit::{KEYCHAIN_PID, KeychainState, Sandbox, inside};

use crate::account::{Account, REGION};

const ZONKE: &str = env!("CARGO_BIN_EXE_zonke");

/// Every file below `folder` that contains `needle`.
pub(crate) fn files_with(folder: &Path, needle: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
            let Ok(kind) = entry.file_type() else { continue };
            if kind.is_dir() {
                folders.push(entry.path());
            } else if kind.is_file() && fs::read(entry.path()).is_ok_and(|bytes| holds(&bytes, needle)) {
                found.push(entry.path());
            }
        }
    }
    found
}

pub(crate) fn holds(bytes: &[u8], needle: &str) -> bool {
    bytes.windows(needle.len()).any(|window| window == needle.as_bytes())
}

/// Looks at the arguments and the environment of every process of a room, over and over.
pub(crate) struct Witness {
    stop: Arc<AtomicBool>,
    looking: Option<JoinHandle<()>>,
    /// Where something was found.
    found: Arc<Mutex<Vec<String>>>,
    /// Programs that were seen, and how often.
    seen: Arc<Mutex<BTreeMap<String, u32>>>,
}

impl Witness {
    pub(crate) fn start(room: &Path, needles: &[String]) -> Self {
        let (stop, found, seen) = (
            Arc::<AtomicBool>::default(),
            Arc::<Mutex<Vec<_>>>::default(),
            Arc::<Mutex<BTreeMap<_, _>>>::default(),
        );
        let looking = {
            let (stop, found, seen) = (Arc::clone(&stop), Arc::clone(&found), Arc::clone(&seen));
            let (room, needles) = (room.display().to_string(), needles.to_vec());
            std::thread::spawn(move || {
                while !stop.load(Ordering::SeqCst) {
                    for (program, visible) in processes(&room) {
                        for needle in needles.iter().filter(|needle| holds(&visible, needle)) {
                            let what = format!("{program}: {}…", &needle[..4]);
                            found.lock().expect("a list").push(what);
                        }
                        *seen.lock().expect("a list").entry(program).or_insert(0) += 1;
                    }
                }
            })
        };
        Self {
            stop,
            looking: Some(looking),
            found,
            seen,
        }
    }

    /// The programs that were seen; none of them had anything in sight.
    pub(crate) fn finish(mut self) -> BTreeMap<String, u32> {
        self.stop.store(true, Ordering::SeqCst);
        self.looking.take().expect("it looks").join().expect("it looked");
        assert_eq!(*self.found.lock().expect("a list"), Vec::<String>::new());
        self.seen.lock().expect("a list").clone()
    }
}

/// Name, arguments and environment of every process whose environment names the room.
fn processes(room: &str) -> Vec<(String, Vec<u8>)> {
    let folders = fs::read_dir("/proc").expect("a list of processes").flatten();
    let read = |path: PathBuf| fs::read(path).unwrap_or_default();
    folders
        .filter(|folder| folder.file_name().to_string_lossy().bytes().all(|b| b.is_ascii_digit()))
        .filter_map(|folder| {
            let environment = read(folder.path().join("environ"));
            let program = String::from_utf8_lossy(&read(folder.path().join("comm"))).trim().to_owned();
            let visible = [environment.clone(), read(folder.path().join("cmdline"))].concat();
            holds(&environment, room).then_some((program, visible))
        })
        .collect()
}

/// A key, and a session of a role on top of it, while other programs use them through us.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_key_and_no_session_is_in_sight_while_other_programs_use_them() {
    let Some(room) = inside() else {
        return Sandbox::new().run_inside(
            "canary::no_key_and_no_session_is_in_sight_while_other_programs_use_them",
            KeychainState::Unlocked,
        );
    };
    let (account, aws) = (Account::start().await, crate::aws_cli::aws_cli());
    let key = account.key("ada");
    let home = Home::at(room.join("data/zonke")).expect("the app's folder");
    let profiles = home.profiles();
    account.keep_role(&profiles, None).await;
    let session = profiles.credentials("deployer").await.expect("a session");
    let token = session.session_token().expect("a token").to_owned();
    let needles = [
        key.id,
        key.secret,
        session.access_key_id().to_owned(),
        session.secret_access_key().to_owned(),
        token,
    ];

    let settings = |name: &str| {
        let line = format!("credential_process = {ZONKE} credentials {name}\n");
        format!(
            "[profile {name}]\nregion = {REGION}\nendpoint_url = {}\n{line}",
            account.url()
        )
    };
    fs::write(room.join("home/.aws/config"), settings("base") + &settings("deployer")).expect("the AWS file");
    let witness = Witness::start(&room, &needles);
    let mut printed = Vec::new();
    for (profile, who) in [("base", ":user/ada"), ("deployer", ":assumed-role/deployer/")] {
        let asked = ["sts", "get-caller-identity", "--output", "json", "--profile", profile];
        let answer = Command::new(&aws)
            .args(asked)
            .stdin(Stdio::null())
            .output()
            .expect("run the AWS CLI");
        assert!(String::from_utf8_lossy(&answer.stdout).contains(who), "{answer:?}");
        printed.extend([answer.stdout, answer.stderr]);
        let apps = ["apps", "--profile", profile, "--json"];
        let ours = Command::new(ZONKE)
            .args(apps)
            .env("ZONKE_LOG", "trace")
            .stdin(Stdio::null())
            .output()
            .expect("run zonke");
        assert!(ours.status.success(), "{}", String::from_utf8_lossy(&ours.stderr));
        printed.extend([ours.stdout, ours.stderr]);
    }
    let seen = witness.finish();
    let out: usize = printed.iter().map(Vec::len).sum();
    println!("seen {seen:?}, {out} bytes of output");
    assert!(["aws", "zonke"].iter().all(|program| seen.contains_key(*program)), "{seen:?}");
    for needle in &needles {
        let told = printed.iter().find(|text| holds(text, needle));
        assert_eq!(told.map(|text| String::from_utf8_lossy(text)), None, "{}…", &needle[..4]);
        assert_eq!(files_with(&room, needle), Vec::<PathBuf>::new(), "{}…", &needle[..4]);
    }
    assert!(
        room.join("data/zonke/audit.jsonl").exists(),
        "files were written that could hold it"
    );
}

/// The server of the practice account outlives us: it must not inherit the credentials in our own environment.
#[test]
fn the_practice_account_inherits_no_credentials() {
    let sandbox = Sandbox::new();
    let secret = "CANARY/in+the+environment";
    let mut start = sandbox.command(ZONKE);
    let names = [
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN",
        "SOME_TOKEN",
    ];
    start
        .args(["practice", "start"])
        .envs(names.map(|name| (name, secret)))
        .stdin(Stdio::null());
    let started = start.output().expect("run zonke");
    let record = fs::read_to_string(sandbox.data_dir().join("practice/server.json")).expect("the server's file");
    let record: serde_json::Value = serde_json::from_str(&record).expect("JSON");
    let environment = fs::read(format!("/proc/{}/environ", record["pid"])).expect("its environment");
    let stopped = sandbox.command(ZONKE).args(["practice", "stop"]).status().expect("run zonke");
    assert!(started.status.success() && stopped.success());
    assert!(holds(&environment, "ZONKE_PRACTICE_PORT") && !holds(&environment, secret));
    assert_eq!(files_with(sandbox.path(), secret), Vec::<PathBuf>::new());
}

fn signal(name: &str, pid: &str) {
    let status = Command::new("kill")
        .args([&format!("-{name}"), pid])
        .status()
        .expect("run kill");
    assert!(status.success(), "{name} {pid}");
}

/// Whether a process has this in its memory.
fn remembers(pid: u32, needle: &str) -> bool {
    let Ok(maps) = fs::read_to_string(format!("/proc/{pid}/maps")) else {
        return false;
    };
    let Ok(mut memory) = fs::File::open(format!("/proc/{pid}/mem")) else {
        return false;
    };
    maps.lines().filter(|line| line.contains(" rw-p ")).any(|line| {
        let range = line.split(' ').next().and_then(|range| range.split_once('-'));
        let number = |text: &str| u64::from_str_radix(text, 16).ok();
        let Some((Some(begin), Some(end))) = range.map(|(begin, end)| (number(begin), number(end))) else {
            return false;
        };
        let mut bytes = vec![0; usize::try_from(end - begin).unwrap_or_default()];
        memory.seek(SeekFrom::Start(begin)).is_ok() && memory.read_exact(&mut bytes).is_ok() && holds(&bytes, needle)
    })
}

/// `zonke` with a key in its memory, while the keychain does not answer.
fn holding(room: &Path, name: &str, secret: &str) -> Child {
    let mut child = Command::new("sh")
        // As a developer's shell may have it: a program that crashes leaves its whole memory behind.
        .args([
            "-c",
            "ulimit -c unlimited 2>/dev/null; exec \"$@\"",
            "sh",
            ZONKE,
            "profile",
            "add-keys",
            name,
        ])
        .current_dir(room.join("tmp"))
        .env("ZONKE_LOG", "trace")
        .env("RUST_BACKTRACE", "full")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("run zonke");
    let mut input = child.stdin.take().expect("its input");
    write!(input, "AKIACANARY0000000001\n{secret}\n").expect("give it the key");
    drop(input);
    let begun = std::time::Instant::now();
    while !remembers(child.id(), secret) {
        assert!(begun.elapsed().as_secs() < 20, "the key never was in its memory");
        std::thread::yield_now();
    }
    child
}

/// A program that crashes or is killed with a key in its memory leaves nothing of it behind.
#[test]
fn a_crash_leaves_no_key_behind() {
    let Some(room) = inside() else {
        return Sandbox::new().run_inside("canary::a_crash_leaves_no_key_behind", KeychainState::Unlocked);
    };
    let keychain = std::env::var(KEYCHAIN_PID).expect("the keychain");
    let secret = "CANARY/secret+of+a+crash";
    signal("STOP", &keychain);
    for (name, number) in [("ABRT", 6), ("QUIT", 3), ("KILL", 9)] {
        let child = holding(&room, name, secret);
        signal(name, &child.id().to_string());
        let output = child.wait_with_output().expect("it ends");
        assert_eq!(output.status.signal(), Some(number), "{output:?}");
        assert!(!output.status.core_dumped(), "{name}: its memory was written to a file");
        assert!(!holds(&output.stdout, secret) && !holds(&output.stderr, secret), "{name}");
        assert_eq!(files_with(&room, secret), Vec::<PathBuf>::new(), "{name}");
    }
    signal("CONT", &keychain);
}
