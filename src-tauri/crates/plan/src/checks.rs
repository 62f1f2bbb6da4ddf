//! What must hold for every plan, as statements that are evaluated on the model.

use crate::application::Application;
use crate::model::Template;
use crate::plan::Check;

pub(crate) fn check(_app: &Application, _templates: &[Template]) -> Vec<Check> {
    Vec::new()
}
