use super::{document::Document, problem::Problem};
pub fn render(_d: &Document, p: &[Problem], _c: bool) -> String {
    format!("{p:?}")
}
