//! What the computer has already, and the ways into AWS that follow from it, best first.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use specta::Type;

use crate::aws_files::{self, AwsFiles, AwsProfile};
use crate::center::IdentityCenter;

/// Kinds of ways into AWS, best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub enum WayInKind {
    /// A directory of IAM Identity Center that the AWS files know.
    KnownIdentityCenter,
    /// A profile made by `aws login`.
    LoginSession,
    /// A profile that assumes a role.
    RoleProfile,
    /// A profile whose credentials another program gives.
    ProcessProfile,
    /// Credentials in the environment of the app.
    Environment,
    /// A profile with an access key in a file, which the app can move into the keychain.
    KeyInFile,
    /// IAM Identity Center, with an address to be typed.
    NewIdentityCenter,
    /// The AWS CLI is here: `aws login` makes a session without a key.
    AwsLogin,
    /// An access key, into the keychain.
    AccessKeys,
    /// The practice account, which needs no AWS.
    Practice,
}

/// One way in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct WayIn {
    /// What it is.
    pub kind: WayInKind,
    /// Profile of the AWS files, if it is one.
    pub profile: Option<String>,
    /// Directory, if it is one that is known.
    pub center: Option<IdentityCenter>,
    /// What choosing it means, one sentence.
    pub sentence: String,
}

/// Where to look.
#[derive(Clone, Debug)]
pub struct Surroundings {
    config: PathBuf,
    credentials: PathBuf,
    login_cache: PathBuf,
    environment_keys: bool,
    aws_cli: bool,
}

impl Surroundings {
    /// This computer, for the user who runs the program.
    pub fn of_this_computer() -> Self {
        Self::seen(std::env::home_dir().as_deref(), |name| std::env::var_os(name))
    }

    /// A computer with this home folder and these environment variables.
    pub fn seen(home: Option<&Path>, variable: impl Fn(&str) -> Option<OsString>) -> Self {
        let set = |name: &str| variable(name).filter(|value| !value.is_empty());
        let aws = home.unwrap_or(Path::new("")).join(".aws");
        let at = |name: &str, usual: &str| set(name).map_or_else(|| aws.join(usual), PathBuf::from);
        let program = if cfg!(windows) { "aws.exe" } else { "aws" };
        Self {
            config: at("AWS_CONFIG_FILE", "config"),
            credentials: at("AWS_SHARED_CREDENTIALS_FILE", "credentials"),
            login_cache: at("AWS_LOGIN_CACHE_DIRECTORY", "login/cache"),
            environment_keys: set("AWS_ACCESS_KEY_ID").is_some() && set("AWS_SECRET_ACCESS_KEY").is_some(),
            aws_cli: set("PATH").is_some_and(|path| std::env::split_paths(&path).any(|folder| folder.join(program).is_file())),
        }
    }

    /// The AWS configuration file.
    pub fn config(&self) -> &Path {
        &self.config
    }

    /// The AWS credentials file.
    pub fn credentials(&self) -> &Path {
        &self.credentials
    }

    /// What both files say. Those that cannot be read count as empty.
    fn files(&self) -> AwsFiles {
        let text = |path: &Path| zeroize::Zeroizing::new(fs::read_to_string(path).unwrap_or_default());
        aws_files::parse(&text(&self.config), &text(&self.credentials))
    }

    /// The ways in, best first. Files that cannot be read count as empty.
    pub fn ways_in(&self) -> Vec<WayIn> {
        let files = self.files();
        let mut ways = Vec::new();
        for center in centers(&files) {
            let sentence = format!(
                "Sign in at {} in the browser; no key is stored, the session ends by itself.",
                center.start_url
            );
            ways.push(WayIn {
                kind: WayInKind::KnownIdentityCenter,
                profile: None,
                center: Some(center),
                sentence,
            });
        }
        for (name, profile) in &files.profiles {
            if let Some((kind, sentence)) = self.way_of(name, profile) {
                ways.push(WayIn {
                    kind,
                    profile: Some(name.clone()),
                    center: None,
                    sentence,
                });
            }
        }
        let more = [
            (
                self.environment_keys,
                WayInKind::Environment,
                "Credentials are set in the environment this app was started from; they work until it is closed.",
            ),
            (
                true,
                WayInKind::NewIdentityCenter,
                "Your company has an access portal (its address ends in awsapps.com/start): sign in there, no key is stored.",
            ),
            (
                self.aws_cli,
                WayInKind::AwsLogin,
                "The AWS CLI is installed: run `aws login` to sign in with the console's name and password, without a key.",
            ),
            (
                true,
                WayInKind::AccessKeys,
                "An access key of an IAM user, typed or from the downloaded file; it goes into the keychain and nowhere else.",
            ),
            (
                true,
                WayInKind::Practice,
                "Try everything in a practice account on this computer; AWS is not involved and nothing costs money.",
            ),
        ];
        ways.extend(
            more.into_iter()
                .filter(|(there, ..)| *there)
                .map(|(_, kind, sentence)| WayIn {
                    kind,
                    profile: None,
                    center: None,
                    sentence: sentence.to_owned(),
                }),
        );
        ways.sort_by_key(|way| way.kind);
        ways
    }

    fn way_of(&self, name: &str, profile: &AwsProfile) -> Option<(WayInKind, String)> {
        if profile.role_arn.is_some() {
            let code = if profile.mfa_serial.is_some() {
                ", with a code of your MFA device"
            } else {
                ""
            };
            return Some((
                WayInKind::RoleProfile,
                format!("The AWS profile `{name}` assumes a role{code}."),
            ));
        }
        if let Some(login) = &profile.login_session {
            let sentence = match self.login_expiry(login) {
                Some(_) => format!("The AWS profile `{name}` is signed in through `aws login`; it works at once."),
                None => {
                    format!("The AWS profile `{name}` uses `aws login`; run `aws login --profile {name}` if its session is over.")
                }
            };
            return Some((WayInKind::LoginSession, sentence));
        }
        if let Some(process) = &profile.credential_process {
            let program = Path::new(process.split_whitespace().next().unwrap_or_default().trim_matches('"')).file_stem();
            // Our own lines lead to saved profiles, which are listed as such.
            if program.is_some_and(|program| program == "zonke") {
                return None;
            }
            return Some((
                WayInKind::ProcessProfile,
                format!("The AWS profile `{name}` gets its credentials from a program of yours."),
            ));
        }
        if profile.keys && profile.session_token {
            return Some((
                WayInKind::ProcessProfile,
                format!("The AWS profile `{name}` has temporary credentials that another program wrote."),
            ));
        }
        if profile.keys {
            let sentence = format!(
                "The AWS profile `{name}` has its access key in a file; it works, and the app can move the key into the keychain."
            );
            return Some((WayInKind::KeyInFile, sentence));
        }
        None
    }

    /// Whether `aws login` has left a session. Nothing but the time in the file is looked at.
    fn login_expiry(&self, login_session: &str) -> Option<String> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Token {
            access_token: Access,
        }
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Access {
            expires_at: String,
        }
        use sha2::{Digest, Sha256};
        let name = crate::keychain::hex(&Sha256::digest(login_session.trim().as_bytes()));
        let bytes = zeroize::Zeroizing::new(fs::read(self.login_cache.join(name).with_extension("json")).ok()?);
        serde_json::from_slice::<Token>(&bytes)
            .ok()
            .map(|token| token.access_token.expires_at)
    }
}

/// What to run in a terminal to sign in to a profile of the AWS files, and what to say about it.
pub(crate) fn sign_in_command(name: &str) -> (String, String) {
    command_for(name, Surroundings::of_this_computer().files().profiles.get(name))
}

/// Where the AWS files say that a profile is used instead of at AWS.
pub(crate) fn endpoint_url(name: &str) -> Option<String> {
    let mut files = Surroundings::of_this_computer().files();
    files.profiles.remove(name).and_then(|profile| profile.endpoint_url)
}

fn command_for(name: &str, profile: Option<&AwsProfile>) -> (String, String) {
    let check = format!("aws sts get-caller-identity --profile {name}");
    let command = match profile {
        Some(p) if p.login_session.is_some() => format!("aws login --profile {name}"),
        Some(p) if p.sso_session.is_some() || p.sso_start_url.is_some() => format!("aws sso login --profile {name}"),
        Some(p) if p.session_token => {
            let hint = format!(
                "Let whatever wrote the temporary key into the file write a new one (`{check}` then answers), and go on here."
            );
            return (check, hint);
        }
        _ => check,
    };
    let hint = format!("Run `{command}` in a terminal, then go on here.");
    (command, hint)
}

fn centers(files: &AwsFiles) -> Vec<IdentityCenter> {
    let mut seen = BTreeSet::new();
    let sessions = files.sso_sessions.values().map(|s| (&s.start_url, &s.region));
    let profiles = files.profiles.values().map(|p| (&p.sso_start_url, &p.sso_region));
    sessions
        .chain(profiles)
        .filter_map(|(url, region)| IdentityCenter::new(url.as_deref()?, region.as_deref()?).ok())
        .filter(|center| seen.insert((center.start_url.clone(), center.region.clone())))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_that_another_program_keeps_is_renewed_there() {
        let files = aws_files::parse(
            "[profile console]\nlogin_session=x\n[profile dev]\nsso_session=corp\n[profile tool]\ncredential_process=x\n",
            "[left]\naws_access_key_id=ASIACANARY\naws_secret_access_key=canary\naws_session_token=canary\n",
        );
        let said = |name: &str| command_for(name, files.profiles.get(name));
        assert_eq!(said("console").0, "aws login --profile console");
        assert_eq!(
            said("dev").1,
            "Run `aws sso login --profile dev` in a terminal, then go on here."
        );
        assert_eq!(said("tool").0, "aws sts get-caller-identity --profile tool");
        assert!(
            said("left").1.starts_with("Let whatever wrote the temporary key"),
            "{}",
            said("left").1
        );
    }

    fn kinds(ways: &[WayIn]) -> Vec<(WayInKind, Option<&str>)> {
        ways.iter().map(|w| (w.kind, w.profile.as_deref())).collect()
    }

    #[test]
    fn an_empty_computer_offers_what_always_works() {
        let home = tempfile::tempdir().unwrap();
        let ways = Surroundings::seen(Some(home.path()), |_| None).ways_in();
        assert_eq!(
            kinds(&ways),
            [
                (WayInKind::NewIdentityCenter, None),
                (WayInKind::AccessKeys, None),
                (WayInKind::Practice, None)
            ]
        );
        assert_eq!(kinds(&Surroundings::seen(None, |_| None).ways_in()).len(), 3);
    }

    #[test]
    fn what_is_there_is_found_and_ranked_and_no_secret_is_said() {
        let home = tempfile::tempdir().unwrap();
        let aws = home.path().join(".aws");
        fs::create_dir_all(aws.join("login/cache")).unwrap();
        fs::create_dir_all(home.path().join("bin")).unwrap();
        fs::write(home.path().join("bin/aws"), "").unwrap();
        fs::write(
            aws.join("config"),
            "[default]\nregion=eu-west-1\n[profile dev]\nsso_session=corp\n[sso-session corp]\nsso_start_url=https://corp.awsapps.com/start/#\n\
             sso_region=eu-west-1\n[profile old]\nsso_start_url=https://corp.awsapps.com/start\nsso_region=eu-west-1\n[profile console]\n\
             login_session=arn:aws:iam::1:user/a\n[profile ops]\nrole_arn=arn:aws:iam::1:role/ops\nmfa_serial=arn:aws:iam::1:mfa/a\n\
             source_profile=default\n[profile tool]\ncredential_process=/opt/vault read\n[profile ours]\ncredential_process=\"/opt/zonke\" credentials ours\n",
        )
        .unwrap();
        fs::write(
            aws.join("credentials"),
            "[default]\naws_access_key_id=AKIACANARY\naws_secret_access_key=canary\n",
        )
        .unwrap();
        let session = crate::keychain::hex(&<sha2::Sha256 as sha2::Digest>::digest(b"arn:aws:iam::1:user/a"));
        fs::write(
            aws.join("login/cache").join(session).with_extension("json"),
            r#"{"accessToken":{"secretAccessKey":"canary","expiresAt":"2026-11-23T12:00:00Z"},"refreshToken":"canary"}"#,
        )
        .unwrap();
        let path = home.path().join("bin").into_os_string();
        let ways = Surroundings::seen(Some(home.path()), |name| match name {
            "PATH" => Some(path.clone()),
            "AWS_ACCESS_KEY_ID" | "AWS_SECRET_ACCESS_KEY" => Some("canary".into()),
            _ => None,
        })
        .ways_in();
        assert_eq!(
            kinds(&ways),
            [
                (WayInKind::KnownIdentityCenter, None),
                (WayInKind::LoginSession, Some("console")),
                (WayInKind::RoleProfile, Some("ops")),
                (WayInKind::ProcessProfile, Some("tool")),
                (WayInKind::Environment, None),
                (WayInKind::KeyInFile, Some("default")),
                (WayInKind::NewIdentityCenter, None),
                (WayInKind::AwsLogin, None),
                (WayInKind::AccessKeys, None),
                (WayInKind::Practice, None),
            ]
        );
        assert!(ways[1].sentence.contains("works at once") && ways[2].sentence.contains("MFA"));
        assert!(ways.iter().all(|w| w.sentence.ends_with('.')));
        assert!(!format!("{ways:?}").to_lowercase().contains("canary"));
    }
}
