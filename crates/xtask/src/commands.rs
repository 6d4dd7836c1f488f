//! The commands, one file each: `ci`, `test`, `tidy`, and `deny` which only `ci` calls.

pub(crate) mod ci;
mod deny;
pub(crate) mod test;
pub(crate) mod tidy;
