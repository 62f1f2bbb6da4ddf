//! What the AWS configuration files say about signing in. Only the lines of a key are ever read beyond their names, and those
//! only when the key is moved into the keychain.

use std::collections::BTreeMap;

/// A profile of the AWS configuration files, joined from both.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct AwsProfile {
    pub(crate) region: Option<String>,
    pub(crate) endpoint_url: Option<String>,
    pub(crate) keys: bool,
    pub(crate) session_token: bool,
    pub(crate) role_arn: Option<String>,
    pub(crate) mfa_serial: Option<String>,
    pub(crate) credential_process: Option<String>,
    pub(crate) login_session: Option<String>,
    pub(crate) sso_session: Option<String>,
    pub(crate) sso_start_url: Option<String>,
    pub(crate) sso_region: Option<String>,
}

/// A session of IAM Identity Center that several profiles share.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct SsoSession {
    pub(crate) start_url: Option<String>,
    pub(crate) region: Option<String>,
}

/// Both files.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct AwsFiles {
    pub(crate) profiles: BTreeMap<String, AwsProfile>,
    pub(crate) sso_sessions: BTreeMap<String, SsoSession>,
}

/// The two files head their sections differently.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FileKind {
    /// `[profile NAME]`, `[sso-session NAME]`, and `[default]` without a word.
    Config,
    /// `[NAME]`.
    Credentials,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Section {
    Profile(String),
    SsoSession(String),
    Other,
}

/// The section that a line begins.
pub(crate) fn section(line: &str, kind: FileKind) -> Option<Section> {
    let name = line.trim_end().strip_prefix('[')?.split(']').next()?.trim();
    let unquoted = |text: &str| text.trim().trim_matches(['"', '\'']).to_owned();
    if kind == FileKind::Credentials {
        return Some(Section::Profile(name.to_owned()));
    }
    if name == "default" {
        return Some(Section::Profile(name.to_owned()));
    }
    Some(match name.split_once([' ', '\t']) {
        Some(("profile", rest)) => Section::Profile(unquoted(rest)),
        Some(("sso-session", rest)) => Section::SsoSession(unquoted(rest)),
        _ => Section::Other,
    })
}

/// The setting on a line. Indented lines continue the setting before them, and comments are none.
pub(crate) fn setting(line: &str) -> Option<(String, &str)> {
    if line.starts_with([' ', '\t', '#', ';', '[']) {
        return None;
    }
    let (name, value) = line.split_once('=')?;
    let value = value.trim();
    let end = [" #", " ;", "\t#", "\t;"]
        .iter()
        .filter_map(|mark| value.find(mark))
        .min()
        .unwrap_or(value.len());
    Some((name.trim().to_ascii_lowercase(), value.get(..end).unwrap_or(value).trim_end()))
}

pub(crate) fn parse(config: &str, credentials: &str) -> AwsFiles {
    let mut files = AwsFiles::default();
    for (text, kind) in [(config, FileKind::Config), (credentials, FileKind::Credentials)] {
        let mut current = Section::Other;
        for line in text.trim_start_matches('\u{feff}').lines() {
            if let Some(begun) = section(line, kind) {
                if let Section::Profile(name) = &begun {
                    files.profiles.entry(name.clone()).or_default();
                }
                current = begun;
            } else if let Some((name, value)) = setting(line) {
                files.learn(&current, &name, value);
            }
        }
    }
    files
}

impl AwsFiles {
    fn learn(&mut self, section: &Section, name: &str, value: &str) {
        let known = || Some(value.to_owned()).filter(|v| !v.is_empty());
        match section {
            Section::Profile(profile) => {
                let profile = self.profiles.entry(profile.clone()).or_default();
                match name {
                    "region" => profile.region = known(),
                    "endpoint_url" => profile.endpoint_url = known(),
                    "aws_access_key_id" => profile.keys = true,
                    "aws_session_token" => profile.session_token = true,
                    "role_arn" => profile.role_arn = known(),
                    "mfa_serial" => profile.mfa_serial = known(),
                    "credential_process" => profile.credential_process = known(),
                    "login_session" => profile.login_session = known(),
                    "sso_session" => profile.sso_session = known(),
                    "sso_start_url" => profile.sso_start_url = known(),
                    "sso_region" => profile.sso_region = known(),
                    _ => {}
                }
            }
            Section::SsoSession(session) => {
                let session = self.sso_sessions.entry(session.clone()).or_default();
                match name {
                    "sso_start_url" => session.start_url = known(),
                    "sso_region" => session.region = known(),
                    _ => {}
                }
            }
            Section::Other => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_files_are_joined_and_nested_settings_left_alone() {
        let files = parse(
            "# mine\r\n[default]\r\nregion = eu-west-1 # home\r\n[profile \"a b\"]\nsso_session=corp\ns3 =\n  aws_access_key_id = nested\n\
             [sso-session corp]\nsso_start_url = https://c.awsapps.com/start#/\nsso_region = us-east-1\n[services x]\nregion = no\n",
            "\u{feff}[default]\naws_access_key_id = canary\naws_secret_access_key = canary\n[ci]\ncredential_process = zonke credentials ci\n",
        );
        assert_eq!(files.profiles["default"].region.as_deref(), Some("eu-west-1"));
        assert!(files.profiles["default"].keys && !files.profiles["a b"].keys);
        assert_eq!(files.profiles["a b"].sso_session.as_deref(), Some("corp"));
        assert_eq!(
            files.sso_sessions["corp"].start_url.as_deref(),
            Some("https://c.awsapps.com/start#/")
        );
        assert_eq!(
            files.profiles["ci"].credential_process.as_deref(),
            Some("zonke credentials ci")
        );
        assert_eq!(files.profiles.len(), 3);
        assert!(!format!("{files:?}").contains("canary"));
    }
}
