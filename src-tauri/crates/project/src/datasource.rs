//! The text of a Prisma schema.

/// The inside of `datasource x { … }`, without comments.
pub(crate) fn block(text: &str, keyword: &str) -> Option<String> {
    let mut inside = false;
    let mut out = String::new();
    for line in text.lines() {
        let line = line
            .split("//")
            .next()
            .filter(|_| !line.contains("://"))
            .unwrap_or(line)
            .trim();
        if !inside {
            inside = line.starts_with(keyword) && line[keyword.len()..].starts_with(char::is_whitespace) && line.contains('{');
            continue;
        }
        if line.starts_with('}') {
            return Some(out);
        }
        out.push_str(line);
        out.push('\n');
    }
    None
}

pub(crate) fn setting(block: &str, key: &str) -> Option<String> {
    block.lines().find_map(|line| {
        let (name, value) = line.split_once('=')?;
        (name.trim() == key).then(|| value.trim().to_owned())
    })
}

pub(crate) fn env_name(value: &str) -> Option<String> {
    let inner = value.trim().strip_prefix("env(")?.split(')').next()?;
    Some(inner.trim().trim_matches(['"', '\'']).to_owned())
}

pub(crate) fn line_with(text: &str, key: &str, after: &str) -> Option<u32> {
    let start = text.lines().position(|l| l.trim_start().starts_with(after))?;
    let at = text
        .lines()
        .skip(start)
        .position(|l| l.split('=').next().is_some_and(|k| k.trim() == key) && l.contains('='))?;
    u32::try_from(start + at + 1).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_datasource_is_read_without_its_comments() {
        let block = block(
            "generator x {\n provider = \"a\"\n}\ndatasource db {\n provider = \"postgresql\" // main\n url = env(\"DB_URL\")\n}",
            "datasource",
        )
        .unwrap();
        assert_eq!(setting(&block, "provider").as_deref(), Some("\"postgresql\""));
        assert_eq!(setting(&block, "url").and_then(|u| env_name(&u)).as_deref(), Some("DB_URL"));
    }
}
