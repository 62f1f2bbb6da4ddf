//! A mistake of ours while secrets are at hand: what the program says of it and leaves behind holds none of them.
//!
//! The program has two seams where a test can put something that panics in the middle of a sign-in: the person who is asked, and
//! the keychain. Each case runs in a process of its own, with everything on that could show more than it should: a full
//! backtrace, the most detailed log, and leave to write the memory to a file.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use async_trait::async_trait;
use tokio_util::sync::CancellationToken;
use zonke_signin::{
    AccessKeys, DeviceCode, Endpoints, IdentityCenter, Keeping, Keychain, NewRole, Prompts, RoleSource, SavedProfiles,
    SignInMethod, Timing,
};
use zonke_testkit::Sandbox;
use zonke_vault::{MemoryStore, Secret, SecretStore, Vault, VaultError};

use crate::canary::{files_with, holds};
use crate::stand_in::{CANARY, StandIn};

const TEST: &str = "panics::a_panic_with_secrets_at_hand_shows_none_of_them";
const PLACE: &str = "ZONKE_TEST_PANIC_AT";
const ADDRESS: &str = "ZONKE_TEST_STAND_IN";

/// Where the mistake is, and what the program has at hand there.
const PLACES: [&str; 6] = [
    // The secret of the registered client and the verifier of PKCE.
    "the browser",
    // The same, and the device code.
    "the device code",
    // A long-lived key, which is about to sign the request for a role.
    "the MFA code",
    // The tokens that have just arrived.
    "keeping",
    // The tokens that are about to be used.
    "reading",
    // Everything that was got, printed as a value and as the error of a value.
    "using",
];

fn mistake(place: &str, at_hand: impl std::fmt::Debug) -> ! {
    panic!("a mistake at {place}: {at_hand:?}")
}

/// Panics where it is told to.
struct Clumsy {
    place: String,
}

#[async_trait]
impl Prompts for Clumsy {
    fn open(&self, url: &str) -> io::Result<()> {
        mistake(&self.place, url)
    }

    fn show_code(&self, code: &DeviceCode) {
        if self.place == "the device code" {
            mistake(&self.place, code)
        }
    }

    async fn mfa_code(&self, profile: &str, serial: &str) -> Option<Secret> {
        if self.place == "the MFA code" {
            mistake(&self.place, (profile, serial))
        }
        Some(Secret::from("123456"))
    }
}

#[derive(Default)]
struct ClumsyStore {
    place: String,
    store: MemoryStore,
}

impl SecretStore for ClumsyStore {
    fn put(&mut self, name: &str, secret: &Secret) -> Result<(), VaultError> {
        // The app tries with something harmless whether the keychain works.
        if self.place == "keeping" && secret.expose().contains(CANARY) {
            mistake("keeping", (name, secret))
        }
        self.store.put(name, secret)
    }

    fn get(&mut self, name: &str) -> Result<Secret, VaultError> {
        let found = self.store.get(name);
        if self.place == "reading" && found.as_ref().is_ok_and(|secret| secret.expose().contains(CANARY)) {
            mistake("reading", (name, found))
        }
        found
    }

    fn delete(&mut self, name: &str) -> Result<(), VaultError> {
        self.store.delete(name)
    }
}

/// The program, up to its mistake.
async fn run(place: &str) {
    zonke_vault::leave_no_core();
    zonke_home::start_logging();
    let address = std::env::var(ADDRESS).ok();
    let endpoints = Endpoints {
        oidc: address.clone(),
        sso: address.clone(),
        sts: address,
    };
    let store = ClumsyStore {
        place: place.to_owned(),
        ..ClumsyStore::default()
    };
    let keychain = Keychain::over(Vault::new(store, Duration::from_secs(10)), Keeping::Keychain);
    let folder = PathBuf::from(std::env::var_os("ZONKE_DATA_DIR").expect("a folder"));
    let profiles = SavedProfiles::open_with(&folder, keychain, endpoints, Timing::default());
    let (person, cancel) = (Clumsy { place: place.to_owned() }, CancellationToken::new());
    if place == "the MFA code" {
        let keys = AccessKeys::typed("AKIACANARY0000000001", &format!("{CANARY}-typed-secret")).expect("a key");
        profiles.add_keys("keys", None, &keys, None).await.expect("kept");
        let role = NewRole {
            label: "role".to_owned(),
            role_arn: "arn:aws:iam::111111111111:role/deployer".to_owned(),
            mfa_serial: Some("arn:aws:iam::111111111111:mfa/ada".to_owned()),
            external_id: None,
            source: RoleSource::Saved { id: "keys".to_owned() },
            region: None,
        };
        profiles.add_role(&role).expect("kept");
        let signed_in = profiles.sign_in("role", SignInMethod::Browser, &person, &cancel).await;
        return signed_in.expect("signed in");
    }
    let center = IdentityCenter::new("https://d-1234567890.awsapps.com/start", "eu-central-1").expect("a directory");
    let method = if place == "the browser" {
        SignInMethod::Browser
    } else {
        SignInMethod::DeviceCode
    };
    let centers = profiles.identity_centers();
    // A keychain that panics takes its thread with it, and whoever asks it is told that it is gone.
    centers.sign_in(&center, method, &person, &cancel).await.expect("signed in");
    let accounts = centers.accounts(&center).await.expect("accounts");
    let nobody = profiles.credentials("nobody").await.map(drop);
    mistake(place, (nobody, accounts, &profiles, &center));
}

#[tokio::test]
async fn a_panic_with_secrets_at_hand_shows_none_of_them() {
    if let Ok(place) = std::env::var(PLACE) {
        return run(&place).await;
    }
    let program = std::env::current_exe().expect("this program");
    for place in PLACES {
        let (aws, sandbox) = (StandIn::start(), Sandbox::new());
        let mut command = sandbox.command("sh");
        command
            .args(["-c", "ulimit -c unlimited 2>/dev/null; exec \"$@\"", "sh"])
            .arg(&program)
            .args([TEST, "--exact", "--nocapture"])
            .current_dir(sandbox.path().join("tmp"))
            .env(PLACE, place)
            .env(ADDRESS, aws.endpoints().oidc.expect("an address"))
            .env("ZONKE_LOG", "trace")
            .env("RUST_BACKTRACE", "full");
        let output = command.output().expect("run this program");
        let said = [output.stdout, output.stderr].concat();
        let text = String::from_utf8_lossy(&said);
        assert!(!output.status.success(), "{text}");
        let asked = aws.rules().log.len();
        println!("{place}: {} bytes said, {asked} requests before it", said.len());
        assert!(
            text.contains(&format!("a mistake at {place}")) && text.contains("stack backtrace:"),
            "{text}"
        );
        assert!(!holds(&said, CANARY), "{place}: {text}");
        assert_eq!(files_with(sandbox.path(), CANARY), Vec::<PathBuf>::new(), "{place}");
        let files = std::fs::read_dir(sandbox.path().join("tmp")).expect("a folder").count();
        assert_eq!(files, 0, "{place}: nothing was written where the program ran");
    }
}
