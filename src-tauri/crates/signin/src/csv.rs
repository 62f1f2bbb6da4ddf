//! Access keys from the files that the AWS console offers for download.

use std::path::Path;

use zeroize::Zeroizing;

use crate::error::{Result, SignInError};
use crate::keys::AccessKeys;

/// Reads a downloaded CSV file: `Access key ID,Secret access key` (a new key) or `User name,…,Access key ID,Secret access
/// key,Console login link` (a new user). Columns are found by name, in any order.
///
/// # Errors
/// [`SignInError::Invalid`] when it is another file, or has several keys. Its contents are not in the error.
pub fn keys_from_csv(text: &str) -> Result<AccessKeys> {
    let mut rows = text
        .trim_start_matches('\u{feff}')
        .lines()
        .map(fields)
        .filter(|row| row.iter().any(|field| !field.is_empty()));
    let header = rows.next().unwrap_or_default();
    let column = |name: &str| header.iter().position(|field| field.eq_ignore_ascii_case(name));
    let (Some(id), Some(secret)) = (column("Access key ID"), column("Secret access key")) else {
        return Err(SignInError::invalid(
            "This file has no columns `Access key ID` and `Secret access key`.",
            "Drop the CSV file that the AWS console offers when an access key is made, or type the key.",
        ));
    };
    let keys: Vec<_> = rows.collect();
    let [row] = keys.as_slice() else {
        return Err(SignInError::invalid(
            format!("This file has {} access keys; exactly one is needed.", keys.len()),
            "Type the key you want to use, or leave only its line in the file.",
        ));
    };
    AccessKeys::typed(
        row.get(id).map_or("", String::as_str),
        row.get(secret).map_or("", String::as_str),
    )
}

/// The same for a file.
///
/// # Errors
/// The file cannot be read, or as for [`keys_from_csv`].
pub fn keys_from_csv_file(path: &Path) -> Result<AccessKeys> {
    // The console's files have a few hundred bytes; anything large is something else, and not worth reading.
    let size = std::fs::metadata(path).map_err(SignInError::file(path))?.len();
    let text = if size > 100_000 {
        Zeroizing::default()
    } else {
        Zeroizing::new(std::fs::read_to_string(path).map_err(SignInError::file(path))?)
    };
    keys_from_csv(&text)
}

/// The fields of one line; quoted fields may hold commas and doubled quotes.
fn fields(line: &str) -> Vec<String> {
    let mut fields = Vec::new();
    let mut field = String::new();
    let mut quoted = false;
    let mut chars = line.trim().chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' if quoted && chars.peek() == Some(&'"') => {
                field.push('"');
                chars.next();
            }
            '"' => quoted = !quoted,
            ',' if !quoted => fields.push(std::mem::take(&mut field).trim().to_owned()),
            _ => field.push(c),
        }
    }
    fields.push(field.trim().to_owned());
    fields
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_formats_of_the_console_are_read() {
        let new_key = "\u{feff}Access key ID,Secret access key\r\nAKIAEXAMPLE000000001,abc/def+ghi\r\n";
        let new_user = "User name,Password,Access key ID,Secret access key,Console login link\n\"ada, the first\",\"p\"\"w\",AKIAEXAMPLE000000002,\"jkl/mno=\",https://example.com\n\n";
        let keys = keys_from_csv(new_key).unwrap();
        assert_eq!(
            (keys.access_key_id.expose(), keys.secret_access_key.expose()),
            ("AKIAEXAMPLE000000001", "abc/def+ghi")
        );
        let keys = keys_from_csv(new_user).unwrap();
        assert_eq!(
            (keys.access_key_id.expose(), keys.secret_access_key.expose()),
            ("AKIAEXAMPLE000000002", "jkl/mno=")
        );
    }

    #[test]
    fn other_files_are_refused_without_quoting_them() {
        for text in [
            "",
            "canary,canary2\n",
            "Access key ID,Secret access key\n",
            "Access key ID,Secret access key\nAKIACANARY1,canary\nAKIACANARY2,canary\n",
            "Access key ID,Secret access key\nAKIACANARY1\n",
        ] {
            let error = keys_from_csv(text).unwrap_err();
            assert!(!format!("{error:?}").to_lowercase().contains("canary"), "{error:?}");
        }
    }
}
