//! How much of something a plan needs.

use super::Traffic;
use crate::application::Application;
use crate::choices::{Aurora, Nat};

/// Capacity of one instance of Aurora that this traffic needs on average.
///
/// Servers keep their connections open, and a database that somebody is connected to never pauses: with a server that runs all month
/// it costs the smallest capacity there is all month, although it may pause.
pub(super) fn average_capacity(app: &Application, aurora: Aurora, traffic: &Traffic) -> f64 {
    if aurora.pauses() && app.choices.servers.min == 0 {
        return 0.0;
    }
    aurora.min_acu.max(traffic.capacity).min(aurora.max_acu)
}

/// How servers reach what is outside, in words.
pub(super) fn way_out(app: &Application) -> String {
    match app.choices.nat {
        Nat::Gateway => "NAT gateway, so that servers reach the internet",
        Nat::GatewayPerZone => "Two NAT gateways, so that servers reach the internet",
        Nat::Instance => "NAT instance, so that servers reach the internet",
        Nat::Endpoints => "Endpoints, so that servers reach services of AWS",
    }
    .to_owned()
}

/// Machines that run when the lowest number of servers does.
pub(super) fn machines(app: &Application) -> u32 {
    app.choices.servers.min.div_ceil(app.instance().servers(app.choices.servers))
}
