//! The zips: always the same bytes for the same content, because their names and versions tell whether something changed.

use std::fmt::Write as _;
use std::io::{Cursor, Read, Write as _};

use sha2::{Digest, Sha256};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipArchive, ZipWriter};

use crate::artifacts;
use crate::error::PlanError;
use crate::plan::{AccountFacts, Inputs, PlannedFile};

/// Largest file that is read out of a zip, in bytes. Ours are far smaller; a zip from elsewhere must not fill the memory.
const MAX_FILE: u64 = 4 * 1024 * 1024;

/// Packs files in this order, all with the same date and rights.
pub(crate) fn pack<'a>(files: impl IntoIterator<Item = (&'a str, &'a str)>) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        // The earliest date that a zip can hold: a real one would make every zip different.
        .last_modified_time(DateTime::DEFAULT)
        .unix_permissions(0o644);
    for (name, text) in files {
        // Writing to memory fails only beyond the limits of the format, 65,535 files or 4 GB.
        if zip.start_file(name, options).is_err() || zip.write_all(text.as_bytes()).is_err() {
            return Vec::new();
        }
    }
    zip.finish().map(Cursor::into_inner).unwrap_or_default()
}

/// The migration runner as a Lambda package, and its key in the artifact bucket, which names its content.
pub fn migrator_zip() -> (String, Vec<u8>) {
    let bytes = pack(artifacts::MIGRATOR.iter().copied());
    (format!("tools/migrator-{}.zip", sum(&bytes)), bytes)
}

/// Names a content: eight bytes of its digest are enough to tell versions apart.
pub(crate) fn sum(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().take(8).fold(String::new(), |mut hash, byte| {
        let _ = write!(hash, "{byte:02x}");
        hash
    })
}

/// Packs the files of a plan.
pub(crate) fn pack_files(files: &[PlannedFile]) -> Vec<u8> {
    pack(files.iter().map(|f| (f.path.as_str(), f.text.as_str())))
}

fn text_of(zip: &[u8], file: &str) -> Result<String, PlanError> {
    let mut archive = ZipArchive::new(Cursor::new(zip)).map_err(|e| PlanError::archive("infra.zip", e))?;
    let entry = archive.by_name(file).map_err(|e| PlanError::archive(file, e))?;
    if entry.size() > MAX_FILE {
        return Err(PlanError::archive(file, format!("it is larger than {MAX_FILE} bytes")));
    }
    let mut text = String::new();
    entry
        .take(MAX_FILE)
        .read_to_string(&mut text)
        .map_err(|e| PlanError::archive(file, e))?;
    Ok(text)
}

/// Reads back what an `infra.zip` was planned from.
///
/// # Errors
/// [`PlanError::Archive`] if this is no zip, or not one of ours.
pub fn read_inputs(infra_zip: &[u8]) -> Result<Inputs, PlanError> {
    let text = text_of(infra_zip, artifacts::INPUTS_FILE)?;
    serde_json::from_str(&text).map_err(|e| PlanError::archive(artifacts::INPUTS_FILE, e))
}

/// Reads back the account's answers that an `infra.zip` was made with.
///
/// # Errors
/// [`PlanError::Archive`] if this is no zip of ours, or one that was made without an account.
pub fn read_account_facts(infra_zip: &[u8]) -> Result<AccountFacts, PlanError> {
    let text = text_of(infra_zip, artifacts::ACCOUNT_FILE)?;
    serde_json::from_str(&text).map_err(|e| PlanError::archive(artifacts::ACCOUNT_FILE, e))
}
