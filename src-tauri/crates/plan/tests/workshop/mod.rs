//! A folder with everything a build sees, and stand-ins for the commands that would reach an account.

#![allow(
    dead_code,
    missing_docs,
    unreachable_pub,
    reason = "shared by several test programs, each of which uses a part"
)]
#![allow(clippy::unwrap_used, reason = "helpers of tests may panic")]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;
use zonke_plan::{Choices, Inputs, plan};

use crate::common;

/// A folder with everything a build sees.
pub struct Workshop {
    pub folder: TempDir,
}

impl Workshop {
    /// Unpacks the plan of the guestbook, next to a project without dependencies.
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let findings = common::guestbook();
        let choices = Choices::suggested(&findings);
        let made = plan(&Inputs {
            findings,
            choices,
            secret_keys: vec![],
            secrets_revision: "0".to_owned(),
            before: None,
        })
        .unwrap();
        let workshop = Self { folder };
        for file in &made.files {
            workshop.write(&format!("infra/{}", file.path), &file.text);
        }
        workshop.write("code/package.json", r#"{ "name": "guestbook" }"#);
        workshop.write("code/web/package.json", r#"{ "name": "web" }"#);
        workshop.write("code/api/package.json", r#"{ "name": "api" }"#);
        workshop.write("code/api/prisma/schema.prisma", "// schema");
        workshop.write("code/api/prisma/migrations/0_init/migration.sql", "-- nothing");
        workshop
    }

    pub fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    pub fn write(&self, path: &str, text: &str) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path(path)).unwrap_or_default()
    }

    /// Puts a stand-in for a command on the path. It writes down its arguments first.
    pub fn stand_in(&self, command: &str, script: &str) {
        let path = format!("bin/{command}");
        self.write(
            &path,
            &format!("#!/usr/bin/env bash\necho \"{command} $*\" >>\"$CALLS\"\n{script}\n"),
        );
        fs::set_permissions(self.path(&path), fs::Permissions::from_mode(0o755)).unwrap();
    }

    /// Runs a script of the zip as CodeBuild would.
    pub fn run(&self, script: &str, arguments: &[&Path], variables: &[(&str, &str)]) -> Output {
        let own = self.path("bin");
        let path = format!("{}:{}", own.display(), std::env::var("PATH").unwrap_or_default());
        Command::new("bash")
            .arg(self.path("infra").join(script))
            .args(arguments)
            .current_dir(self.folder.path())
            .env("PATH", path)
            .env("HOME", self.folder.path())
            .env("TMPDIR", self.folder.path())
            .env("CALLS", self.path("calls"))
            .env("CODEBUILD_SRC_DIR", self.path("infra"))
            .env("CODEBUILD_SRC_DIR_Code", self.path("code"))
            .env("CODEBUILD_SRC_DIR_UiFiles", self.path("ui"))
            .env("COMMIT", "0123456789abcdef")
            .env("APP", "guestbook")
            .env("ARTIFACT_BUCKET", "artifacts")
            .env(
                "REPOSITORY_URI",
                "111122223333.dkr.ecr.eu-west-1.amazonaws.com/zonke/guestbook",
            )
            .env("AWS_REGION", "eu-west-1")
            .envs(variables.iter().copied())
            .output()
            .unwrap()
    }

    pub fn calls(&self) -> Vec<String> {
        self.read("calls").lines().map(str::to_owned).collect()
    }
}

pub fn all(output: &Output) -> String {
    format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}
