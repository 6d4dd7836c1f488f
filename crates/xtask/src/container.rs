//! Rules for the image and the service: what can be known of them without building or starting either.
//!
//! - [`dockerfile`] the instructions of a Dockerfile and its stages
//! - [`image`] rules for the image
//! - [`context`] what `.dockerignore` leaves of the workspace
//! - [`service`] rules for the composition, and for the example of its variables

pub mod context;
pub mod dockerfile;
pub mod image;
pub mod service;

use std::path::Path;
use std::{fs, io};

use crate::workspace;

/// Where the image is described.
pub const DOCKERFILE: &str = "docker/Dockerfile";
/// Where the service is.
pub const COMPOSE: &str = "docker/compose.yaml";
/// What an operator copies and fills.
pub const EXAMPLE: &str = "docker/.env.example";

/// Every rule of this module that the workspace under `root` breaks, one sentence each.
///
/// # Errors
/// When one of the files cannot be read.
pub fn problems(root: &Path) -> io::Result<Vec<String>> {
    let read = |name: &str| {
        fs::read_to_string(root.join(name))
            .map_err(|error| io::Error::new(error.kind(), format!("{name}: {error}")))
    };
    let paths = workspace::paths(root)?;
    let instructions = dockerfile::parse(&read(DOCKERFILE)?);
    let sources = workspace::files(root)?;
    let mut found = image::problems(&instructions);
    found.extend(context::problems(&instructions, &read(".dockerignore")?, &paths, &sources));
    let user = image::user(&instructions).unwrap_or_default();
    found.extend(service::problems(&read(COMPOSE)?, &user));
    found.extend(service::variable_problems(&read(COMPOSE)?, &read(EXAMPLE)?, &read("deploy.sh")?));
    Ok(found)
}
