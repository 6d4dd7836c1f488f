//! What a visitor asks of the history.

use snapshot::history::{BuildId, BuildStatus};

use super::bound::Bound;
use crate::parameters::{self, BadParameter, Strictness};

/// The most builds on a page.
pub(crate) const PER_PAGE_MAX: u32 = 200;
/// How many builds a page has unless told.
pub(crate) const PER_PAGE: u32 = 50;
/// The most drones in one filter.
const DRONES_MAX: usize = 32;

/// A checked question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct HistoryQuery {
    /// Any of these drones, in any case; none = all. They may be names of nobody.
    pub(crate) drones: Vec<String>,
    /// Any of these, in the order of [`BuildStatus::ALL`]; none = all.
    pub(crate) statuses: Vec<BuildStatus>,
    /// A part of the package's name, or its beginning when it has a slash.
    pub(crate) package: Option<String>,
    /// Finished at this or later.
    pub(crate) from: Option<Bound>,
    /// Finished before the end of this.
    pub(crate) to: Option<Bound>,
    /// By what the builds are ordered.
    pub(crate) sort: Sort,
    /// In which direction.
    pub(crate) order: Order,
    /// Which page, from 1.
    pub(crate) page: u32,
    /// How many builds on a page, 1 to 200.
    pub(crate) per_page: u32,
    /// Nothing newer than this build.
    pub(crate) as_of: Option<BuildId>,
    /// In which form.
    pub(crate) format: Format,
}

/// By what builds are ordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Sort {
    /// When they finished.
    #[default]
    FinishedAt,
    /// How long they took; those of unknown length are last.
    Duration,
}

/// In which direction builds are ordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Order {
    /// The smallest first.
    Asc,
    /// The largest first.
    #[default]
    Desc,
}

/// In which form builds are delivered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Format {
    /// One page of them in a document.
    #[default]
    Json,
    /// All of them in a table.
    Csv,
}

impl HistoryQuery {
    /// Reads a query string.
    ///
    /// # Errors
    /// Names the first parameter that cannot be used and what is allowed.
    pub(crate) fn parse(query: &str, strictness: Strictness) -> Result<Self, BadParameter> {
        let mut parsed = Self::default();
        let mut given = Vec::new();
        for (name, value) in parameters::pairs(query)? {
            let known = name.and_then(|name| Parameter::ALL.into_iter().find(|p| p.name() == name));
            let known = known.filter(|p| strictness == Strictness::Api || *p != Parameter::Format);
            let Some(parameter) = known else {
                match strictness {
                    Strictness::Api => return Err(BadParameter { parameter: None, message: UNKNOWN }),
                    Strictness::Page => continue,
                }
            };
            let value = value.ok_or(parameter.refused())?;
            if value.is_empty() && strictness == Strictness::Page {
                continue;
            }
            if given.contains(&parameter) && !matches!(parameter, Parameter::Drone | Parameter::Status) {
                let message = "only drone and status may be given more than once";
                return Err(BadParameter { parameter: Some(parameter.name()), message });
            }
            given.push(parameter);
            parsed.set(parameter, &value).ok_or(parameter.refused())?;
        }
        if let (Some(from), Some(to)) = (parsed.from, parsed.to)
            && from.is_later_than(to)
        {
            return Err(BadParameter { parameter: Some("from"), message: "from must not be later than to" });
        }
        parsed.statuses.sort_unstable_by_key(|status| BuildStatus::ALL.iter().position(|s| s == status));
        parsed.statuses.dedup();
        Ok(parsed)
    }

    /// Whether every build is asked for, so that an empty answer means that there is none.
    pub(crate) fn is_unfiltered(&self) -> bool {
        let Self { drones, statuses, package, from, to, .. } = self;
        drones.is_empty() && statuses.is_empty() && package.is_none() && from.is_none() && to.is_none()
    }

    fn set(&mut self, parameter: Parameter, value: &str) -> Option<()> {
        match parameter {
            Parameter::Page => self.page = whole_number(value, u32::MAX)?,
            Parameter::PerPage => self.per_page = whole_number(value, PER_PAGE_MAX)?,
            Parameter::Drone => self.add_drone(value)?,
            Parameter::Status => self.statuses.push(BuildStatus::parse(value)?),
            Parameter::Package => self.package = Some(package(value)?),
            Parameter::From => self.from = Some(Bound::parse(value)?),
            Parameter::To => self.to = Some(Bound::parse(value)?),
            Parameter::Sort => self.sort = Sort::parse(value)?,
            Parameter::Order => self.order = Order::parse(value)?,
            Parameter::AsOf => self.as_of = Some(BuildId::parse(value)?),
            Parameter::Format => self.format = Format::parse(value)?,
        }
        Some(())
    }

    fn add_drone(&mut self, value: &str) -> Option<()> {
        let folded = value.to_lowercase();
        let length = value.chars().count();
        if length == 0 || length > 40 || self.drones.len() >= DRONES_MAX {
            return None;
        }
        if !self.drones.iter().any(|drone| drone.to_lowercase() == folded) {
            self.drones.push(value.to_owned());
        }
        Some(())
    }
}

const UNKNOWN: &str = "known parameters are page, per_page, drone, status, package, from, to, sort, order, \
                       as_of and format";

/// Every parameter of the document, and what it must be.
pub(crate) fn parameters() -> impl Iterator<Item = BadParameter> {
    Parameter::ALL.into_iter().map(Parameter::refused)
}

/// The parameters by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Parameter {
    Page,
    PerPage,
    Drone,
    Status,
    Package,
    From,
    To,
    Sort,
    Order,
    AsOf,
    Format,
}

impl Parameter {
    const ALL: [Self; 11] = [
        Self::Page,
        Self::PerPage,
        Self::Drone,
        Self::Status,
        Self::Package,
        Self::From,
        Self::To,
        Self::Sort,
        Self::Order,
        Self::AsOf,
        Self::Format,
    ];

    const fn name(self) -> &'static str {
        match self {
            Self::Page => "page",
            Self::PerPage => "per_page",
            Self::Drone => "drone",
            Self::Status => "status",
            Self::Package => "package",
            Self::From => "from",
            Self::To => "to",
            Self::Sort => "sort",
            Self::Order => "order",
            Self::AsOf => "as_of",
            Self::Format => "format",
        }
    }

    const fn refused(self) -> BadParameter {
        let message = match self {
            Self::Page => "page must be a whole number from 1",
            Self::PerPage => "per_page must be a whole number from 1 to 200",
            Self::Drone => "drone must be a name of 1 to 40 characters, given at most 32 times",
            Self::Status => {
                "status must be success, failed, missing_binary, upload_failed, masked or returned"
            }
            Self::Package => "package must be 2 to 100 letters, digits, +, -, ., / or _",
            Self::From => FROM,
            Self::To => TO,
            Self::Sort => "sort must be finished_at or duration",
            Self::Order => "order must be asc or desc",
            Self::AsOf => "as_of must be the id of a build",
            Self::Format => "format must be json or csv",
        };
        BadParameter { parameter: Some(self.name()), message }
    }
}

const FROM: &str = "from must be a date such as 2026-02-23 or an instant such as 2026-02-23T14:30:00Z";
const TO: &str = "to must be a date such as 2026-02-23 or an instant such as 2026-02-23T14:30:00Z";

fn whole_number(text: &str, max: u32) -> Option<u32> {
    let is_plain = text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|n| is_plain && (1..=max).contains(n))
}

fn package(text: &str) -> Option<String> {
    let text = text.trim();
    let is_plain = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-./_".contains(&byte));
    (is_plain && (2..=100).contains(&text.len())).then(|| text.to_owned())
}

// === impl HistoryQuery ===

impl Default for HistoryQuery {
    fn default() -> Self {
        Self {
            drones: Vec::new(),
            statuses: Vec::new(),
            package: None,
            from: None,
            to: None,
            sort: Sort::default(),
            order: Order::default(),
            page: 1,
            per_page: PER_PAGE,
            as_of: None,
            format: Format::default(),
        }
    }
}

// === impl Sort, Order, Format ===

impl Sort {
    fn parse(text: &str) -> Option<Self> {
        [Self::FinishedAt, Self::Duration].into_iter().find(|sort| sort.as_str() == text)
    }

    /// The word in queries and documents.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::FinishedAt => "finished_at",
            Self::Duration => "duration",
        }
    }
}

impl Order {
    fn parse(text: &str) -> Option<Self> {
        [Self::Asc, Self::Desc].into_iter().find(|order| order.as_str() == text)
    }

    /// The word in queries and documents.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Asc => "asc",
            Self::Desc => "desc",
        }
    }
}

impl Format {
    fn parse(text: &str) -> Option<Self> {
        match text {
            "json" => Some(Self::Json),
            "csv" => Some(Self::Csv),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests;
