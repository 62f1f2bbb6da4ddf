//! Prints what the importer says about one folder, as JSON.
#![expect(clippy::print_stdout, reason = "printing is all this program is for")]

use std::path::Path;

fn main() {
    let folder = std::env::args().nth(1).unwrap_or_else(|| ".".to_owned());
    match zonke_project::inspect(Path::new(&folder)) {
        Ok(findings) => println!("{}", serde_json::to_string_pretty(&findings).unwrap_or_default()),
        Err(error) => println!("{error}"),
    }
}
