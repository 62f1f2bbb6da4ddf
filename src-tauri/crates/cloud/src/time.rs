//! Times of AWS as milliseconds since the epoch.

use std::time::SystemTime;

/// Now, milliseconds since the epoch.
pub(crate) fn now() -> f64 {
    SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .map_or(0.0, |d| (d.as_secs_f64() * 1000.0).round())
}

/// An AWS time, milliseconds since the epoch.
pub(crate) fn ms(time: &aws_smithy_types::DateTime) -> f64 {
    (time.as_secs_f64() * 1000.0).round()
}
