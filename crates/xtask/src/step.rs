//! Steps that are run one after another, and the table that tells how they went.

use std::time::{Duration, Instant};

use crate::process::Failure;

/// How a step ended that did not fail.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// It did its work and found nothing.
    Passed,
    /// It could not be done here; the text says why.
    Skipped(String),
}

/// The steps so far.
#[derive(Debug, Default)]
pub(crate) struct Steps {
    rows: Vec<Row>,
}

#[derive(Debug)]
struct Row {
    name: String,
    result: &'static str,
    elapsed: Duration,
    reason: Option<String>,
}

impl Steps {
    /// Runs one step and notes its result and its time.
    ///
    /// # Errors
    /// When the step fails; the table knows it already.
    pub(crate) fn run(
        &mut self,
        name: &str,
        step: impl FnOnce() -> Result<Outcome, Failure>,
    ) -> Result<(), Failure> {
        println!("\n== {name}");
        let begin = Instant::now();
        let result = step();
        let (word, reason) = match &result {
            Ok(Outcome::Passed) => ("ok", None),
            Ok(Outcome::Skipped(reason)) => ("skipped", Some(reason.clone())),
            Err(_) => ("FAILED", None),
        };
        self.rows.push(Row { name: name.to_owned(), result: word, elapsed: begin.elapsed(), reason });
        result.map(|_| ())
    }

    /// Prints the table, and below it what was skipped and why.
    pub(crate) fn print(&self) {
        println!("\n{:<8}  {:<8}  {:>8}", "step", "result", "seconds");
        for row in &self.rows {
            println!("{:<8}  {:<8}  {:>8.1}", row.name, row.result, row.elapsed.as_secs_f64());
        }
        for row in &self.rows {
            if let Some(reason) = &row.reason {
                println!("NOT RUN: {}: {reason}", row.name);
            }
        }
    }
}
