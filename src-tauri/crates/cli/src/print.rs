//! Output. Results go to standard output, everything said about the way there to standard error.
use std::io::{Write, stderr, stdout};

use serde::Serialize;

use crate::failure::Failure;

/// A line of the result.
pub(crate) fn line(text: impl AsRef<str>) {
    write(stdout().lock(), text.as_ref());
}

/// A line about the way to the result.
pub(crate) fn note(text: impl AsRef<str>) {
    write(stderr().lock(), text.as_ref());
}

/// A result as JSON.
pub(crate) fn json(value: &impl Serialize) -> Result<(), Failure> {
    let text = serde_json::to_string_pretty(value)
        .map_err(|error| Failure::new(format!("the result could not be printed: {error}"), ""))?;
    write(stdout().lock(), &text);
    Ok(())
}

/// One event as one line of JSON.
pub(crate) fn json_line(value: &impl Serialize) -> Result<(), Failure> {
    let text =
        serde_json::to_string(value).map_err(|error| Failure::new(format!("an event could not be printed: {error}"), ""))?;
    write(stdout().lock(), &text);
    Ok(())
}

/// Why the command ends without success.
pub(crate) fn failure(failure: &Failure) {
    note(format!("error: {}", failure.message));
    if !failure.hint.is_empty() {
        note(format!("  {}", failure.hint));
    }
}

/// Writes a line. Who reads may stop reading, as `head` does: there is nobody left to tell anything then, and a deployment that
/// this process still has to hand over must not stop half way because of that.
fn write(mut stream: impl Write, text: &str) {
    drop(writeln!(stream, "{text}").and_then(|()| stream.flush()));
}

#[cfg(test)]
mod tests {
    use std::io::{Error, ErrorKind};

    use super::*;

    struct Closed;

    impl Write for Closed {
        fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
            Err(Error::from(ErrorKind::BrokenPipe))
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Err(Error::from(ErrorKind::BrokenPipe))
        }
    }

    #[test]
    fn a_reader_that_went_away_is_no_error() {
        write(Closed, "nobody reads this");
        let mut read = Vec::new();
        write(&mut read, "somebody reads this");
        assert_eq!(
            read,
            b"somebody reads this
"
        );
    }
}
