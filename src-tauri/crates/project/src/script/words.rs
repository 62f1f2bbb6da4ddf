//! Which questions a script can answer, told by the words in it before anything is parsed.

use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, MatchKind};
use memchr::memmem::Finder;

/// Which questions only a parse can answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a question of its own")]
pub(crate) struct Words {
    /// May read variables of the environment.
    pub(crate) environment: bool,
    /// May hold the address of an API, or name a file of settings that is loaded when the page starts.
    pub(crate) address: bool,
    /// Answers requests.
    pub(crate) controller: bool,
    /// Answers over web sockets.
    pub(crate) gateway: bool,
    /// May do something as soon as it is loaded.
    pub(crate) acts: bool,
}

impl Words {
    /// Looks for them.
    pub(crate) fn of(text: &str) -> Self {
        let bytes = text.as_bytes();
        let has = |finder: &Finder<'_>| finder.find(bytes).is_some();
        let find = &*FINDERS;
        let environment = whole(bytes, &find.env) || (has(&find.get) && find.settings.is_match(bytes));
        Self {
            environment,
            address: find.address.is_match(bytes),
            controller: has(&find.controller),
            gateway: has(&find.gateway),
            acts: environment || find.telling.is_match(bytes) || asks(bytes, &find.called) || acts(text),
        }
    }
}

/// What is looked for in every script, made ready once; lists are looked for in one pass.
struct Finders {
    env: Finder<'static>,
    get: Finder<'static>,
    /// What settings that a `get` reads are called.
    settings: AhoCorasick,
    /// How the path of an API starts, files of settings, and servers on the developer's own machine.
    address: AhoCorasick,
    controller: Finder<'static>,
    gateway: Finder<'static>,
    /// A call with a text.
    called: [Finder<'static>; 2],
    /// Words by which a program configures itself.
    telling: AhoCorasick,
}

static FINDERS: LazyLock<Finders> = LazyLock::new(|| Finders {
    env: Finder::new("env"),
    get: Finder::new(".get"),
    settings: any_of(&["onfig", "CONFIG", "Env", "ENV"]),
    address: any_of(&[
        "\"/api",
        "'/api",
        "`/api",
        "\"/graphql",
        "'/graphql",
        "`/graphql",
        "env.json",
        "onfig.json",
        "ettings.json",
        "://localhost:",
        "://127.0.0.1:",
    ]),
    controller: Finder::new("@Controller"),
    gateway: Finder::new("@WebSocketGateway"),
    called: ["('", "(\""].map(Finder::new),
    telling: any_of(&[
        "@Module",
        "NestFactory",
        "listen(",
        "forRoot",
        "onnect(",
        "onnection(",
        "DataSource",
        "PrismaClient",
        "useFactory",
        "provide:",
        "require(",
        "ENV",
    ]),
});

/// Looks for several words in one pass.
pub(crate) fn any_of(words: &[&str]) -> AhoCorasick {
    AhoCorasick::builder()
        // Only so does it compare many bytes at once.
        .match_kind(MatchKind::LeftmostFirst)
        .build(words)
        .expect("a few short words always fit")
}

/// Whether a word ends where the mark does, at least once: `env` and `envFile`, but not `environment`.
fn whole(bytes: &[u8], mark: &Finder<'_>) -> bool {
    mark.find_iter(bytes)
        .any(|at| !bytes.get(at + mark.needle().len()).is_some_and(u8::is_ascii_lowercase))
}

/// Whether something is asked for by a name in capitals, as variables are: `read('PORT')`.
fn asks(bytes: &[u8], called: &[Finder<'_>]) -> bool {
    let capital = |b: &u8| b.is_ascii_uppercase() || b.is_ascii_digit() || *b == b'_';
    called.iter().any(|open| {
        open.find_iter(bytes).any(|at| {
            let name = &bytes[at + 2..];
            let length = name.iter().take_while(|b| capital(b)).count();
            length > 2 && matches!(name.get(length), Some(b'\'' | b'"'))
        })
    })
}

/// Whether a line at the left edge does more than declare names. Classes, functions and constants only declare: they are looked
/// at when somebody asks for one of their names.
fn acts(text: &str) -> bool {
    // Imports may span lines; they were looked at before.
    let mut from = 0;
    for end in memchr::memchr_iter(b'\n', text.as_bytes()).chain([text.len()]) {
        if text.get(from..end).is_some_and(|line| !declares(line)) {
            return true;
        }
        from = end + 1;
    }
    false
}

/// Whether a line at the left edge only declares; indented lines belong to what came before.
fn declares(line: &str) -> bool {
    let Some(first) = line.bytes().next() else { return true };
    if matches!(
        first,
        b' ' | b'\t' | b'\r' | b'}' | b')' | b']' | b'/' | b'*' | b'@' | b'|' | b'>' | b'\'' | b'"'
    ) {
        return !line.starts_with("}(") && !line.starts_with(")(");
    }
    let line = line.trim_end();
    let after = ["export default ", "export "]
        .iter()
        .find_map(|p| line.strip_prefix(p))
        .unwrap_or(line);
    let declares = [
        "import ",
        "class ",
        "abstract class ",
        "function ",
        "function* ",
        "async function ",
        "interface ",
        "type ",
        "enum ",
        "declare ",
        "namespace ",
        "{",
        "*",
    ]
    .iter()
    .any(|p| after.starts_with(p));
    if declares {
        return true;
    }
    ["const ", "let ", "var "].iter().any(|p| after.starts_with(p)) || line.starts_with("export default ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_and_functions_do_nothing_when_loaded() {
        for quiet in [
            "import a from 'a';\n\n@Injectable()\nexport class A {\n  run() { go(); }\n}\n",
            "export const A = 'x';\nexport enum B { C }\n",
            "const a =\n  go();\nexport default make({});\n",
        ] {
            assert!(!Words::of(quiet).acts, "{quiet}");
        }
        for loud in [
            "start();\n",
            "export const a = read('PORT');\n",
            "@Module({})\nexport class A {}\n",
        ] {
            assert!(Words::of(loud).acts, "{loud}");
        }
    }
}
