//! The history of builds as visitors ask for it: which builds, in which order, on which page.
//!
//! Everything is answered from the history in memory, through an index that is made with it; nothing here knows HTTP beyond the query string.
//!
//! - [`query`] the parameters, checked
//! - [`bound`] dates and instants in them
//! - [`index`] the history in columns, in which they are looked for
//! - [`listing`] the builds that a query selects
//! - [`comparison`] what they look like as a whole
//! - [`summary`] what they amount to
//! - [`links`] the same query for another page
//! - [`csv`] the listing as a table

pub(crate) mod bound;
pub(crate) mod comparison;
pub(crate) mod csv;
pub(crate) mod index;
pub(crate) mod links;
pub(crate) mod listing;
pub(crate) mod query;
pub(crate) mod summary;

pub(crate) use index::Index;
pub(crate) use listing::Listing;
pub(crate) use query::HistoryQuery;
