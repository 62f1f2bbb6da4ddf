//! Moving an access key from the AWS credentials file into the keychain.

use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use specta::Type;
use zeroize::Zeroizing;

use crate::aws_files::{FileKind, Section, parse, section, setting};
use crate::error::{Result, SignInError};
use crate::files;
use crate::keychain::Keeping;
use crate::keys::{AccessKeys, StoredKeys};
use crate::profile::SavedProfile;
use crate::saved::{SavedProfiles, keys_entry};

/// The files to move a key out of.
#[derive(Clone, Debug)]
pub struct MoveKey {
    /// The credentials file, usually `~/.aws/credentials`.
    pub credentials: PathBuf,
    /// The configuration file, usually `~/.aws/config`; only read.
    pub config: PathBuf,
    /// Program that hands the credentials out again, as other programs find it: `zonke`, or its full path.
    pub command: String,
}

/// What was done.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct MovedKey {
    /// The saved profile that has the key now.
    pub profile: SavedProfile,
    /// The line that stands in the file in its place.
    pub line: String,
}

impl MoveKey {
    /// Moves the key of `aws_profile` into the keychain and leaves a `credential_process` line in its place, so that every
    /// program that used the key goes on working. Everything else in the file stays as it is, byte for byte.
    ///
    /// The key leaves the file only after it was read back from the keychain, and the file is replaced in one step; no copy of
    /// the old one is left behind, because it would hold the key.
    ///
    /// # Errors
    /// There is no whole long-lived key in the profile, the name is taken, or the keychain or the file cannot be written. Then
    /// the file is unchanged and the keychain has nothing new.
    pub async fn run(&self, profiles: &SavedProfiles, aws_profile: &str, label: &str) -> Result<MovedKey> {
        if profiles.keeping() == Keeping::MemoryOnly {
            return Err(SignInError::invalid(
                "Without a keychain the key would be gone when the program ends.",
                "Leave the key in its file until there is a keychain.",
            ));
        }
        // A link stays a link: its target is what is replaced.
        let path = fs::canonicalize(&self.credentials).map_err(SignInError::file(&self.credentials))?;
        let before = read(&path)?;
        let config = Zeroizing::new(fs::read_to_string(&self.config).unwrap_or_default());
        let (keys, _) = rewrite(&before, aws_profile, "")?;
        if parse(&config, "")
            .profiles
            .get(aws_profile)
            .is_some_and(|p| p.keys || p.credential_process.is_some())
        {
            return Err(SignInError::invalid(
                format!(
                    "The profile `{aws_profile}` has another key or a `credential_process` in {}.",
                    self.config.display()
                ),
                "Remove one of the two first; which one counts is not the same in every program.",
            ));
        }
        let region = parse(&config, &before)
            .profiles
            .get(aws_profile)
            .and_then(|p| p.region.clone());
        let profile = profiles.add_keys(label, region.as_deref(), &keys, None).await?;
        let line = format!("credential_process = {} credentials {}", quoted(&self.command), profile.id);
        match self
            .hand_over(profiles, &path, &before, aws_profile, &profile, &keys, &line)
            .await
        {
            Ok(()) => Ok(MovedKey { profile, line }),
            Err(error) => {
                profiles.remove(&profile.id).await?;
                Err(error)
            }
        }
    }

    /// Puts a moved key back into the file and removes its profile, with the key in the keychain.
    ///
    /// # Errors
    /// No line in the file refers to the profile, the keychain does not give the key, or the file cannot be written. Then the
    /// key stays in the keychain.
    pub async fn undo(&self, profiles: &SavedProfiles, id: &str) -> Result<SavedProfile> {
        let profile = profiles.find(id)?;
        let path = fs::canonicalize(&self.credentials).map_err(SignInError::file(&self.credentials))?;
        let before = read(&path)?;
        let kept: Option<StoredKeys> = profiles.keychain.get_json(&keys_entry(&profile.id)).await?;
        let keys = kept.ok_or_else(|| SignInError::SecretMissing {
            profile: profile.label.clone(),
        })?;
        let after = put_back(&before, &profile.id, &keys)?;
        let metadata = fs::metadata(&path).map_err(SignInError::file(&path))?;
        files::replace(&path, after.as_bytes(), Some(&metadata)).map_err(SignInError::file(&path))?;
        profiles.remove(&profile.id).await
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "one step of `run`, apart only so that its failure can be undone in one place"
    )]
    async fn hand_over(
        &self,
        profiles: &SavedProfiles,
        path: &Path,
        before: &str,
        aws_profile: &str,
        profile: &SavedProfile,
        keys: &AccessKeys,
        line: &str,
    ) -> Result<()> {
        let kept: Option<StoredKeys> = profiles.keychain.get_json(&keys_entry(&profile.id)).await?;
        let whole = kept.is_some_and(|kept| {
            kept.access_key_id == keys.access_key_id.expose() && kept.secret_access_key == keys.secret_access_key.expose()
        });
        if !whole {
            return Err(SignInError::SecretMissing {
                profile: profile.label.clone(),
            });
        }
        let (_, after) = rewrite(before, aws_profile, line)?;
        let metadata = fs::metadata(path).map_err(SignInError::file(path))?;
        if *read(path)? != *before {
            return Err(SignInError::File {
                path: path.to_owned(),
                reason: "another program has just changed it".to_owned(),
            });
        }
        files::replace(path, after.as_bytes(), Some(&metadata)).map_err(SignInError::file(path))
    }
}

fn read(path: &Path) -> Result<Zeroizing<String>> {
    fs::read_to_string(path).map(Zeroizing::new).map_err(SignInError::file(path))
}

/// A program as the AWS CLI and the SDKs split a command line.
fn quoted(command: &str) -> String {
    if command.contains(char::is_whitespace) {
        format!("\"{command}\"")
    } else {
        command.to_owned()
    }
}

/// The text with the key where our line is.
fn put_back(text: &str, id: &str, keys: &StoredKeys) -> Result<Zeroizing<String>> {
    let ours = format!(" credentials {id}");
    // Reserved at once: growing would leave copies behind that nobody overwrites.
    let mut after = Zeroizing::new(String::with_capacity(text.len() + 200));
    let mut found = false;
    for whole in text.split_inclusive('\n') {
        let bare = whole.trim_end_matches(['\r', '\n']);
        let is_ours =
            setting(bare).is_some_and(|(name, value)| name == "credential_process" && value.trim_end().ends_with(&ours));
        if !is_ours || found {
            after.push_str(whole);
            continue;
        }
        let ending = whole.get(bare.len()..).filter(|e| !e.is_empty()).unwrap_or("\n");
        let lines = [
            ("aws_access_key_id = ", &keys.access_key_id),
            ("aws_secret_access_key = ", &keys.secret_access_key),
        ];
        for (name, value) in lines {
            after.extend([name, value.as_str(), ending]);
        }
        found = true;
    }
    if found {
        return Ok(after);
    }
    Err(SignInError::invalid(
        format!("No line in the credentials file refers to the profile `{id}`."),
        "Make a new access key in IAM if a program needs one in the file; this one stays in the keychain.",
    ))
}

/// The key of a profile and the text without it: `line` stands where its first line was.
fn rewrite(text: &str, aws_profile: &str, line: &str) -> Result<(AccessKeys, Zeroizing<String>)> {
    let nothing = |what: &str| {
        SignInError::invalid(
            format!("The profile `{aws_profile}` {what}."),
            "Choose a profile with one long-lived access key of its own.",
        )
    };
    let mut after = Zeroizing::new(String::with_capacity(text.len() + line.len() + 2));
    let (mut id, mut secret) = (None, None);
    let (mut sections, mut inside, mut replaced) = (0, false, false);
    for whole in text.split_inclusive('\n') {
        let bare = whole.trim_end_matches(['\r', '\n']);
        let ending = whole.get(bare.len()..).unwrap_or_default();
        if let Some(begun) = section(bare.trim_start_matches('\u{feff}'), FileKind::Credentials) {
            inside = begun == Section::Profile(aws_profile.to_owned());
            sections += u32::from(inside);
        } else if inside && let Some((name, value)) = setting(bare) {
            let place = match name.as_str() {
                "aws_access_key_id" => &mut id,
                "aws_secret_access_key" => &mut secret,
                "aws_session_token" => return Err(nothing("has a temporary key, which ends by itself")),
                "credential_process" => return Err(nothing("has a `credential_process` already")),
                _ => {
                    after.push_str(whole);
                    continue;
                }
            };
            if place.replace(Zeroizing::new(value.to_owned())).is_some() {
                return Err(nothing("has its key twice"));
            }
            if !replaced {
                after.push_str(line);
                after.push_str(ending);
                replaced = true;
            }
            continue;
        }
        after.push_str(whole);
    }
    match (id, secret, sections) {
        (_, _, 2..) => Err(nothing("stands in the file more than once")),
        (Some(id), Some(secret), _) => Ok((AccessKeys::typed(&id, &secret)?, after)),
        _ => Err(nothing("has no access key in the credentials file")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "# mine\r\n[ci]\r\naws_access_key_id = AKIACI00000000000001\r\naws_secret_access_key=ciSecret\r\n\r\n[work]\n; a note\nregion = eu-west-1\naws_secret_access_key = workSecret # old\noutput=json\naws_access_key_id=AKIAWORK000000000001\n[last]\naws_access_key_id = AKIALAST000000000001\naws_secret_access_key = lastSecret";

    #[test]
    fn everything_but_the_key_stays_byte_for_byte() {
        let (keys, after) = rewrite(FILE, "work", "credential_process = zonke credentials work").unwrap();
        assert_eq!(
            (keys.access_key_id.expose(), keys.secret_access_key.expose()),
            ("AKIAWORK000000000001", "workSecret")
        );
        let expected = FILE
            .replace(
                "aws_secret_access_key = workSecret # old\n",
                "credential_process = zonke credentials work\n",
            )
            .replace("aws_access_key_id=AKIAWORK000000000001\n", "");
        assert_eq!(*after, expected);
        let (_, after) = rewrite(FILE, "ci", "X").unwrap();
        assert!(after.starts_with("# mine\r\n[ci]\r\nX\r\n\r\n[work]"), "{}", *after);
        let (_, after) = rewrite(FILE, "last", "X").unwrap();
        assert!(after.ends_with("[last]\nX\n"), "{}", *after);
    }

    #[test]
    fn a_key_that_is_put_back_stands_where_it_was() {
        let (keys, after) = rewrite(FILE, "ci", "credential_process = \"/opt/zonke\" credentials ci").unwrap();
        let back = put_back(&after, "ci", &StoredKeys::from(&keys)).unwrap();
        assert_eq!(
            *back,
            FILE.replace("aws_secret_access_key=ciSecret", "aws_secret_access_key = ciSecret")
        );
        assert!(put_back(&after, "work", &StoredKeys::from(&keys)).is_err());
    }

    #[test]
    fn what_is_no_long_lived_key_of_its_own_is_left_alone() {
        for (text, reason) in [
            ("[work]\nregion=x\n", "has no access key"),
            (
                "[other]\naws_access_key_id=AKIACANARY\naws_secret_access_key=canary\n",
                "has no access key",
            ),
            ("[work]\naws_access_key_id=AKIACANARY\n", "has no access key"),
            (
                "[work]\naws_access_key_id=AKIACANARY\naws_secret_access_key=canary\naws_session_token=canary\n",
                "temporary",
            ),
            (
                "[work]\naws_access_key_id=AKIACANARY\naws_secret_access_key=canary\ncredential_process=x\n",
                "already",
            ),
            (
                "[work]\naws_access_key_id=AKIACANARY\naws_secret_access_key=canary\n[work]\nregion=x\n",
                "more than once",
            ),
            (
                "[work]\naws_access_key_id=AKIACANARY\naws_access_key_id=AKIACANARY2\naws_secret_access_key=canary\n",
                "twice",
            ),
        ] {
            let error = rewrite(text, "work", "X").unwrap_err();
            assert!(error.to_string().contains(reason), "{error}");
            assert!(!format!("{error:?}").to_lowercase().contains("canary"), "{error:?}");
        }
    }

    #[test]
    fn a_path_with_spaces_is_one_word() {
        assert_eq!(
            quoted("/Applications/Zonke Desktop.app/zonke"),
            "\"/Applications/Zonke Desktop.app/zonke\""
        );
        assert_eq!(quoted("zonke"), "zonke");
    }
}
