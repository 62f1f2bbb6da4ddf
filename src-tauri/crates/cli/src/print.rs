//! Output. Results go to standard output, everything said about the way there to standard error.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "printing is the job of this module, and of no other"
)]

use serde::Serialize;

use crate::failure::Failure;

/// A line of the result.
pub(crate) fn line(text: impl AsRef<str>) {
    println!("{}", text.as_ref());
}

/// A line about the way to the result.
pub(crate) fn note(text: impl AsRef<str>) {
    eprintln!("{}", text.as_ref());
}

/// A result as JSON.
pub(crate) fn json(value: &impl Serialize) -> Result<(), Failure> {
    let text = serde_json::to_string_pretty(value)
        .map_err(|error| Failure::new(format!("the result could not be printed: {error}"), ""))?;
    println!("{text}");
    Ok(())
}

/// One event as one line of JSON.
pub(crate) fn json_line(value: &impl Serialize) -> Result<(), Failure> {
    let text =
        serde_json::to_string(value).map_err(|error| Failure::new(format!("an event could not be printed: {error}"), ""))?;
    println!("{text}");
    Ok(())
}

/// Why the command ends without success.
pub(crate) fn failure(failure: &Failure) {
    eprintln!("error: {}", failure.message);
    if !failure.hint.is_empty() {
        eprintln!("  {}", failure.hint);
    }
}
