//! Times of AWS as milliseconds since the epoch.

use std::time::{Duration, SystemTime};

/// Time since the epoch; zero on a computer whose clock stands before it.
pub(crate) fn since_epoch() -> Duration {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default()
}

/// Now, milliseconds since the epoch.
pub(crate) fn now() -> f64 {
    (since_epoch().as_secs_f64() * 1000.0).round()
}

/// An AWS time, milliseconds since the epoch.
pub(crate) fn ms(time: &aws_smithy_types::DateTime) -> f64 {
    (time.as_secs_f64() * 1000.0).round()
}

/// Today in UTC, `YYYY-MM-DD`.
pub(crate) fn today() -> String {
    aws_smithy_types::DateTime::from_secs(i64::try_from(since_epoch().as_secs()).unwrap_or_default())
        .fmt(aws_smithy_types::date_time::Format::DateTime)
        .map(|moment| moment.chars().take(10).collect())
        .unwrap_or_default()
}
