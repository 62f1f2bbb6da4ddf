//! What the importer understands, one behavior at a time, on projects that the tests write themselves.

#[cfg(test)]
mod checkout;
#[cfg(test)]
mod choices;
#[cfg(test)]
mod contract;
#[cfg(test)]
mod data;
#[cfg(test)]
mod entry_file;
#[cfg(test)]
mod extremes;
#[cfg(test)]
mod front_end;
#[cfg(test)]
mod install;
#[cfg(test)]
mod listening;
#[cfg(test)]
mod overriding;
#[cfg(test)]
mod reach;
#[cfg(test)]
mod remembering;
#[cfg(test)]
mod robustness;
mod routes;
#[cfg(test)]
mod settings;
#[cfg(test)]
mod support;
