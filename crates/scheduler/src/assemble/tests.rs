//! The assembler, tried with reports as backends really send them: one file a topic.

mod activity;
mod announcement;
mod builder;
mod cost;
mod drones;
mod expected;
mod freshness;
mod handed_out;
mod history;
mod hosts;
mod names;
mod reconfigure;
mod sessions;
mod trends;
mod waiting;
