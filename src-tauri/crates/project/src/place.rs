//! Relative paths in `/` spelling, where `.` is the inspected folder.

/// The folder a path lies in.
pub(crate) fn parent(path: &str) -> &str {
    path.rsplit_once('/').map_or(".", |(folder, _)| folder)
}

/// The last part of a path.
pub(crate) fn file_name(path: &str) -> &str {
    path.rsplit_once('/').map_or(path, |(_, name)| name)
}

/// Joins and normalizes; `None` when the result would leave the inspected folder.
pub(crate) fn join(base: &str, path: &str) -> Option<String> {
    let mut parts: Vec<&str> = Vec::new();
    let absolute = path.starts_with('/');
    let from = if absolute { "" } else { base };
    for part in from.split('/').chain(path.split('/')) {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            other => parts.push(other),
        }
    }
    Some(if parts.is_empty() { ".".to_owned() } else { parts.join("/") })
}

/// Whether a path is a folder or lies in it.
pub(crate) fn inside(path: &str, folder: &str) -> bool {
    folder == "." || path == folder || path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
}

/// A path as seen from a folder; climbs with `..` where necessary.
pub(crate) fn relative(path: &str, folder: &str) -> String {
    let split = |p: &str| {
        p.split('/')
            .filter(|s| !s.is_empty() && *s != ".")
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    let (to, from) = (split(path), split(folder));
    let common = to.iter().zip(&from).take_while(|(a, b)| a == b).count();
    let parts: Vec<String> = from[common..]
        .iter()
        .map(|_| "..".to_owned())
        .chain(to[common..].iter().cloned())
        .collect();
    if parts.is_empty() { ".".to_owned() } else { parts.join("/") }
}

/// The folder and its parents, from the inside out, ending with `.`.
pub(crate) fn ancestors(folder: &str) -> Vec<String> {
    let mut all = Vec::new();
    let mut at = folder;
    while at != "." {
        all.push(at.to_owned());
        at = parent(at);
    }
    all.push(".".to_owned());
    all
}
