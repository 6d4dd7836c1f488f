//! How values are written.

use jiff::Timestamp;
use serde::{Serialize, Serializer};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{KnownFormat, ObjectBuilder, RefOr, Schema, SchemaFormat, Type},
};

/// An instant: RFC 3339, UTC, whole seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Instant(pub(crate) Timestamp);

/// A map in the order of its entries.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Entries<'a, V>(pub(crate) &'a [(&'static str, V)]);

/// A number with one decimal, given in tenths.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Tenths(pub(crate) u32);

/// A number with up to two decimals, given in hundredths.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Hundredths(pub(crate) u32);

// === impl ToSchema ===

impl PartialSchema for Instant {
    fn schema() -> RefOr<Schema> {
        let format = SchemaFormat::KnownFormat(KnownFormat::DateTime);
        ObjectBuilder::new().schema_type(Type::String).format(Some(format)).into()
    }
}

impl PartialSchema for Tenths {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new().schema_type(Type::Number).minimum(Some(0)).into()
    }
}

impl PartialSchema for Hundredths {
    fn schema() -> RefOr<Schema> {
        Tenths::schema()
    }
}

impl ToSchema for Instant {}
impl ToSchema for Tenths {}
impl ToSchema for Hundredths {}

// === impl Serialize ===

impl Serialize for Instant {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("{:.0}", self.0))
    }
}

impl<V: Serialize> Serialize for Entries<'_, V> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (name, value)))
    }
}

impl Serialize for Tenths {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(f64::from(self.0) / 10.0)
    }
}

impl Serialize for Hundredths {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(f64::from(self.0) / 100.0)
    }
}
