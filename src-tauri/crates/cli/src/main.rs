//! The `zonke` command.
fn main() {}
