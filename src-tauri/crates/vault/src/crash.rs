//! What a crash leaves behind.

/// Keeps the operating system from writing this program's memory, and every secret in it, to a file when it crashes. The
/// programs it starts, such as the one that draws the page, inherit that; they may ask for it again.
///
/// On Windows nothing is written unless somebody has asked the system for it, and macOS writes only for who has made `/cores`
/// writable.
pub fn leave_no_core() {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
        let none = Rlimit {
            current: Some(0),
            ..getrlimit(Resource::Core)
        };
        let lowered = setrlimit(Resource::Core, none);
        debug_assert!(lowered.is_ok(), "lowering one's own limit is always allowed");
    }
}
