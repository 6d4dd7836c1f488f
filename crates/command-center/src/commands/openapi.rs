//! `openapi`: the description of the API.

use super::{Failure, print};

pub(super) fn run() -> Result<(), Failure> {
    print(&web::openapi::describe());
    Ok(())
}
