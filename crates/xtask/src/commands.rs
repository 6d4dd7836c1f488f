//! The commands, one file each: `ci`, `test`, `tidy`, `fuzz`, `bench`, `eta` and `soak`, and `deny` which only `ci` calls.

pub(crate) mod bench;
pub(crate) mod ci;
mod deny;
pub(crate) mod eta;
pub(crate) mod fuzz;
pub(crate) mod soak;
pub(crate) mod test;
pub(crate) mod tidy;
