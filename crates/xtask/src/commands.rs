//! The commands, one file each: `ci`, `test`, `tidy`, `bench` and `eta`, and `deny` which only `ci` calls.

pub(crate) mod bench;
pub(crate) mod ci;
mod deny;
pub(crate) mod eta;
pub(crate) mod test;
pub(crate) mod tidy;
