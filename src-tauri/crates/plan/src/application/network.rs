//! The network that everything stands in: one that is made, or one of the user's own.

use super::Application;
use crate::choices::{ExistingNetwork, Nat};

impl<'a> Application<'a> {
    /// The network of the user's own; none for one that is made.
    pub(crate) fn existing(&self) -> Option<&'a ExistingNetwork> {
        self.choices.network.as_ref()
    }

    /// The way out that is made; none in a network of the user's own, which has its own.
    pub(crate) fn nat(&self) -> Option<Nat> {
        self.existing().is_none().then_some(self.choices.nat)
    }

    /// Whether servers reach the internet, as far as the plan decides that.
    pub(crate) fn reaches_internet(&self) -> bool {
        self.nat() != Some(Nat::Endpoints)
    }
}
