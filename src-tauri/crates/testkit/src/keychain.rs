//! The keychain of a Linux desktop for real: gnome-keyring on a message bus of its own.

use std::ffi::OsStr;
use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use crate::Sandbox;

/// How a program finds the keychain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeychainState {
    /// Open, as after logging in.
    Unlocked,
    /// Closed, and nobody is there to open it.
    Locked,
    /// There is none.
    Missing,
}

/// Names the process of the keychain, for a test that stops or ends it.
pub const KEYCHAIN_PID: &str = "ZONKE_TEST_KEYCHAIN_PID";

/// Names the folder of the sandbox, for a test that was started once more inside.
const INSIDE: &str = "ZONKE_TEST_INSIDE";

/// The folder of the sandbox, if this is the second run of a test that [`Sandbox::run_inside`] has started; that one checks.
pub fn inside() -> Option<PathBuf> {
    std::env::var_os(INSIDE).map(PathBuf::from)
}

/// No services that start by themselves: what answers is what the test has started.
const BUS: &str = r#"<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN" "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:tmpdir=/tmp</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
"#;

/// Starts the keychain, waits until it answers on the bus, and runs the rest of its arguments. The library opens the keychain
/// once per process, so it has to be there before.
const SCRIPT: &str = r#"
state=$1
shift
case $state in
  Unlocked) printf %s 'of the test' | gnome-keyring-daemon --foreground --unlock --components=secrets >/dev/null 2>&1 & ;;
  Locked) gnome-keyring-daemon --foreground --components=secrets >/dev/null 2>&1 & ;;
esac
export ZONKE_TEST_KEYCHAIN_PID=$!
tries=0
while [ "$state" != Missing ]; do
  dbus-send --session --print-reply --dest=org.freedesktop.DBus / \
    org.freedesktop.DBus.NameHasOwner string:org.freedesktop.secrets | grep -q true && break
  tries=$((tries + 1))
  [ $tries -lt 400 ] || { echo 'gnome-keyring did not come onto the bus' >&2; exit 70; }
  sleep 0.05
done
"$@"
status=$?
[ -z "$ZONKE_TEST_KEYCHAIN_PID" ] || kill -KILL "$ZONKE_TEST_KEYCHAIN_PID" 2>/dev/null
exit $status
"#;

impl Sandbox {
    /// A command that runs in this sandbox with a message bus and a keychain of its own. What is kept stays in the sandbox: a
    /// later command finds it.
    ///
    /// # Panics
    /// If dbus or gnome-keyring is not installed: a test of the keychain must not pass without one.
    pub fn command_with_keychain(&self, state: KeychainState, program: impl AsRef<OsStr>) -> Command {
        let path = std::env::var_os("PATH").unwrap_or_default();
        for needed in ["dbus-run-session", "dbus-send", "gnome-keyring-daemon"] {
            let there = std::env::split_paths(&path).any(|folder| folder.join(needed).is_file());
            assert!(
                there,
                "`{needed}` is missing: install the packages dbus and gnome-keyring to test the keychain"
            );
        }
        #[cfg(unix)]
        {
            // The keychain refuses a folder that others may enter.
            let private: fs::Permissions = std::os::unix::fs::PermissionsExt::from_mode(0o700);
            fs::set_permissions(self.path().join("run"), private).expect("close the folder of the sandbox");
        }
        let bus = self.path().join("bus.conf");
        fs::write(&bus, BUS).expect("write the settings of the message bus");
        let mut command = self.command("dbus-run-session");
        command
            .arg("--config-file")
            .arg(bus)
            .args(["--", "sh", "-c", SCRIPT, "sh"])
            .arg(format!("{state:?}"))
            .arg(program);
        command
    }

    /// Runs `test` of this test program once more, in this sandbox and with a message bus and a keychain of its own, and prints
    /// what it said. The library under test finds its home folder and its keychain in the environment of its process, which a
    /// test cannot change for itself.
    ///
    /// # Panics
    /// If the test fails inside, or is not there.
    #[expect(clippy::print_stdout, reason = "what a test printed inside is read where it was started")]
    pub fn run_inside(&self, test: &str, state: KeychainState) {
        let output = self
            .command_with_keychain(state, std::env::current_exe().expect("the path of this program"))
            .args([test, "--exact", "--nocapture"])
            .env(INSIDE, self.path())
            .stdin(Stdio::null())
            .output()
            .expect("start a message bus");
        let words = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let said = words(&output.stdout) + &words(&output.stderr);
        assert!(
            output.status.success() && said.contains("1 passed"),
            "{test} with the keychain {state:?}: {}\n{said}",
            output.status
        );
        print!("{said}");
    }
}
