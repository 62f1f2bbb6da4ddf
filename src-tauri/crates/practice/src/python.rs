//! Python, its virtual environment and the packages in it.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};
use std::time::Duration;

use tokio::process::Command;
use tokio::time::timeout;

use crate::error::PracticeError;
use crate::extension::{REQUIREMENTS, digest};
use crate::status::{PracticeProgress, PracticeStep};

/// In the virtual environment once everything is installed: what, and the version of Python, one per line.
const MARK: &str = ".zonke-installed";

/// The oldest Python that the emulator runs on.
const OLDEST: (u32, u32) = (3, 10);

/// Installing takes seconds with packages at hand and minutes on a slow line; beyond this something hangs.
const INSTALL_LIMIT: Duration = Duration::from_mins(30);

const PROBE: &str = "import sys, ensurepip, venv; print('%d.%d.%d' % sys.version_info[:3])";
const LOAD: &str = "import botocore.session, hypercorn.asyncio, yaml, ministack.app";
const VERSION: &str = "import sys; print('%d.%d.%d' % sys.version_info[:3])";

/// A virtual environment with the emulator in it, or the place for one.
#[derive(Clone, Debug)]
pub(crate) struct Environment {
    folder: PathBuf,
}

impl Environment {
    pub(crate) fn at(folder: PathBuf) -> Self {
        Self { folder }
    }

    /// The Python of the environment.
    pub(crate) fn program(&self) -> PathBuf {
        if cfg!(windows) {
            self.folder.join("Scripts").join("python.exe")
        } else {
            self.folder.join("bin").join("python")
        }
    }

    /// Version of its Python, if everything this version of Zonké needs is installed.
    pub(crate) fn installed(&self) -> Option<String> {
        let mark = fs::read_to_string(self.folder.join(MARK)).ok()?;
        let (requirements, version) = mark.trim_end().split_once('\n')?;
        (requirements == digest([REQUIREMENTS]) && self.program().exists()).then(|| version.to_owned())
    }

    /// File that is locked while the environment is being made: several programs may share one.
    pub(crate) fn lock_file(&self) -> PathBuf {
        self.folder.with_extension("lock")
    }

    /// Makes the environment and installs the packages.
    pub(crate) async fn install(
        &self,
        python: Option<&Path>,
        progress: &(impl Fn(PracticeProgress) + Sync),
    ) -> Result<(), PracticeError> {
        let tell = |step, detail: &str, percent| {
            progress(PracticeProgress {
                step,
                detail: detail.to_owned(),
                percent: Some(percent),
            });
        };
        tell(PracticeStep::Python, "Looking for Python.", 5);
        let (program, version) = find(python).await?;
        tell(PracticeStep::Environment, "Making a private Python environment.", 15);
        let made = run(
            &program,
            &[
                OsString::from("-m"),
                "venv".into(),
                "--clear".into(),
                self.folder.clone().into(),
            ],
        )
        .await;
        let made = made.map_err(PracticeError::file(&program))?;
        if !made.status.success() {
            let detail = last_lines(&made);
            return Err(PracticeError::NoVenv {
                program: program.display().to_string(),
                detail,
            });
        }
        tell(
            PracticeStep::Packages,
            "Installing the emulator (about 20 MB to download, once).",
            30,
        );
        let requirements = self.folder.join("requirements.txt");
        fs::write(&requirements, REQUIREMENTS).map_err(PracticeError::file(&requirements))?;
        let pip = ["-m", "pip", "install", "--no-input", "--disable-pip-version-check", "-r"];
        let pip: Vec<OsString> = pip.into_iter().map(OsString::from).chain([requirements.into()]).collect();
        let installed = run(&self.program(), &pip)
            .await
            .map_err(PracticeError::file(self.program()))?;
        if !installed.status.success() {
            return Err(PracticeError::Install {
                detail: last_lines(&installed),
            });
        }
        // An installation that was cut off earlier, or a broken package, shows here and not in the middle of a deployment.
        let loaded = run(&self.program(), &["-I".into(), "-c".into(), LOAD.into()]).await;
        let loaded = loaded.map_err(PracticeError::file(self.program()))?;
        if !loaded.status.success() {
            return Err(PracticeError::Install {
                detail: last_lines(&loaded),
            });
        }
        let mark = self.folder.join(MARK);
        fs::write(&mark, format!("{}\n{version}\n", digest([REQUIREMENTS]))).map_err(PracticeError::file(&mark))
    }
}

/// The first Python that is new enough and can make environments, and its version.
async fn find(asked_for: Option<&Path>) -> Result<(PathBuf, String), PracticeError> {
    let candidates: Vec<PathBuf> = match asked_for {
        Some(path) => vec![path.to_owned()],
        None => [
            "python3",
            "python3.14",
            "python3.13",
            "python3.12",
            "python3.11",
            "python3.10",
            "python",
        ]
        .map(PathBuf::from)
        .into(),
    };
    let mut problem = None;
    for program in &candidates {
        let name = program.display().to_string();
        let Some(version) = output_of(program, VERSION).await else {
            continue;
        };
        if !new_enough(&version) {
            problem.get_or_insert(PracticeError::PythonTooOld { program: name, version });
            continue;
        }
        match run(program, &["-c".into(), PROBE.into()]).await {
            Ok(probe) if probe.status.success() => return Ok((program.clone(), version)),
            Ok(probe) => {
                let detail = last_lines(&probe);
                problem = Some(PracticeError::NoVenv { program: name, detail });
            }
            Err(_) => {}
        }
    }
    let looked_for = candidates
        .iter()
        .map(|program| program.display().to_string())
        .collect::<Vec<_>>()
        .join(", ");
    Err(problem.unwrap_or(PracticeError::NoPython { looked_for }))
}

async fn output_of(program: &Path, code: &str) -> Option<String> {
    let output = run(program, &["-c".into(), code.into()]).await.ok()?;
    let text = String::from_utf8(output.stdout).ok()?.trim().to_owned();
    (output.status.success() && !text.is_empty()).then_some(text)
}

fn new_enough(version: &str) -> bool {
    let mut numbers = version.split('.').map_while(|part| part.parse::<u32>().ok());
    numbers.next().zip(numbers.next()).is_some_and(|found| found >= OLDEST)
}

/// Runs Python with the user's settings for pip and the network, but with nothing of AWS and no other Python's paths.
async fn run(program: &Path, arguments: &[OsString]) -> std::io::Result<Output> {
    let mut command = Command::new(program);
    command
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    for (name, _) in env::vars_os() {
        let foreign = name
            .to_str()
            .is_some_and(|name| name.starts_with("AWS_") || name.starts_with("PYTHON"));
        if foreign || name == "VIRTUAL_ENV" {
            command.env_remove(name);
        }
    }
    command.env("PYTHONNOUSERSITE", "1");
    match timeout(INSTALL_LIMIT, command.output()).await {
        Ok(output) => output,
        Err(_) => Err(std::io::Error::new(
            std::io::ErrorKind::TimedOut,
            "it took more than 30 minutes",
        )),
    }
}

/// What a program said last, on one line.
fn last_lines(output: &Output) -> String {
    let text = [&output.stdout[..], &output.stderr[..]].map(String::from_utf8_lossy).concat();
    let lines: Vec<_> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    lines[lines.len().saturating_sub(4)..].join(" · ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_by_number() {
        assert!(new_enough("3.10.0"));
        assert!(new_enough("3.9.18") == (OLDEST <= (3, 9)));
        assert!(!new_enough("2.7.18"));
        assert!(!new_enough("nonsense"));
    }

    #[tokio::test]
    async fn without_python_the_error_says_what_to_install() {
        let error = find(Some(Path::new("/nonexistent/python3"))).await.unwrap_err();
        assert!(error.to_string().contains("Python 3.10"), "{error}");
        assert!(error.to_string().contains("/nonexistent/python3"), "{error}");
        assert!(error.hint().contains("apt install python3"), "{}", error.hint());
    }

    #[cfg(unix)]
    mod pretended {
        use std::os::unix::fs::PermissionsExt;

        use super::*;

        fn python(room: &Path, script: &str) -> PathBuf {
            let path = room.join("python3");
            fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
            path
        }

        #[tokio::test]
        async fn an_old_python_is_named_with_its_version() {
            let room = tempfile::tempdir().unwrap();
            let error = find(Some(&python(room.path(), "echo 3.8.10"))).await.unwrap_err();
            assert!(
                matches!(error, PracticeError::PythonTooOld { ref version, .. } if version == "3.8.10"),
                "{error}"
            );
        }

        #[tokio::test]
        async fn a_python_without_venv_names_the_package() {
            let room = tempfile::tempdir().unwrap();
            let script = "case \"$2\" in *ensurepip*) echo \"No module named 'ensurepip'\" >&2; exit 1;; esac; echo 3.11.2";
            let error = find(Some(&python(room.path(), script))).await.unwrap_err();
            assert!(matches!(error, PracticeError::NoVenv { .. }), "{error}");
            assert!(error.to_string().contains("ensurepip"), "{error}");
            assert!(error.hint().contains("python3-venv"), "{}", error.hint());
        }

        #[tokio::test]
        async fn pip_that_fails_is_quoted() {
            let room = tempfile::tempdir().unwrap();
            let script = "case \"$*\" in *'-m pip'*) echo 'Could not fetch URL' >&2; exit 1;; *'-m venv'*) mkdir -p \"$4/bin\"; \
                          cp \"$0\" \"$4/bin/python\";; *) echo 3.11.2;; esac";
            let program = python(room.path(), script);
            let error = Environment::at(room.path().join("venv"))
                .install(Some(&program), &|_| {})
                .await
                .unwrap_err();
            assert!(error.to_string().contains("Could not fetch URL"), "{error}");
            assert!(error.hint().contains("network"), "{}", error.hint());
        }
    }
}
