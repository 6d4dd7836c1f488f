//! The expressions that the simulated Loki evaluates: what a reader of the log volume asks by default.
//!
//! They are compared without regard to blanks. Beside them the same sums over any window are understood.

/// Lines of the last hour by level.
pub const LEVELS_1H: &str = r#"sum by (detected_level) (count_over_time({service_name=~".+"}[1h]))"#;
/// Lines of the last day by level.
pub const LEVELS_24H: &str = r#"sum by (detected_level) (count_over_time({service_name=~".+"}[24h]))"#;
/// Lines of the last hour by service.
pub const SERVICES_1H: &str = r#"sum by (service_name) (count_over_time({service_name=~".+"}[1h]))"#;
/// Lines of the last day by service.
pub const SERVICES_24H: &str = r#"sum by (service_name) (count_over_time({service_name=~".+"}[24h]))"#;

/// Every expression.
pub const ALL: [&str; 4] = [LEVELS_1H, LEVELS_24H, SERVICES_1H, SERVICES_24H];
