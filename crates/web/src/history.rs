//! The history of builds as visitors ask for it: which builds, in which order, on which page.
//!
//! Everything is answered from the history in memory; nothing here knows HTTP beyond the query string.
//!
//! - [`query`] the parameters, checked
//! - [`bound`] dates and instants in them
//! - [`listing`] the builds that a query selects
//! - [`summary`] what they amount to
//! - [`links`] the same query for another page
//! - [`csv`] the listing as a table

pub(crate) mod bound;
pub(crate) mod csv;
pub(crate) mod links;
pub(crate) mod listing;
pub(crate) mod query;
pub(crate) mod summary;

pub(crate) use listing::Listing;
pub(crate) use query::HistoryQuery;
