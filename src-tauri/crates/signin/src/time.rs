//! Times as milliseconds since the epoch, the unit of everything that crosses to the user interface.

use std::time::{Duration, SystemTime};

/// Now, in milliseconds since the epoch.
pub fn now() -> f64 {
    of(SystemTime::now())
}

/// A time of the standard library.
pub(crate) fn of(time: SystemTime) -> f64 {
    time.duration_since(SystemTime::UNIX_EPOCH)
        .map_or(0.0, |d| (d.as_secs_f64() * 1000.0).round())
}

/// Back to a time of the standard library.
pub(crate) fn system(ms: f64) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::try_from_secs_f64(ms / 1000.0).unwrap_or_default()
}
