//! Writing files so that a crash, or another process, never meets half of one.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// Replaces `path` in one step. The new file has `like`'s permissions, or is readable for its owner alone.
pub(crate) fn replace(path: &Path, bytes: &[u8], like: Option<&fs::Metadata>) -> io::Result<()> {
    let folder = path
        .parent()
        .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "a file needs a folder"))?;
    let temporary = folder.join(format!(".zonke-{}.tmp", random_text(9)));
    let written = write_new(&temporary, bytes, like).and_then(|()| fs::rename(&temporary, path));
    if written.is_err() {
        // What is left of the attempt must not stay; the error of the attempt is the one that counts.
        drop(fs::remove_file(&temporary));
    }
    written
}

fn write_new(path: &Path, bytes: &[u8], like: Option<&fs::Metadata>) -> io::Result<()> {
    let mut options = File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    if let Some(like) = like {
        file.set_permissions(like.permissions())?;
    }
    file.write_all(bytes)?;
    file.sync_all()
}

/// `bytes` random bytes as text that is safe in a file name and in an address.
pub(crate) fn random_text(bytes: usize) -> String {
    let mut buffer = vec![0_u8; bytes];
    #[expect(
        clippy::expect_used,
        reason = "without random numbers from the operating system nothing here may go on"
    )]
    getrandom::fill(&mut buffer).expect("the operating system gives random numbers");
    URL_SAFE_NO_PAD.encode(buffer)
}
