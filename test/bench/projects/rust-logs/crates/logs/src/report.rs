use std::fmt::Write;

use crate::summary::Summary;

/// The report as text, one line for each hour and each of the ten most frequent paths.
pub fn write(summary: &Summary) -> String {
    let mut text = String::new();
    let _ = writeln!(text, "{} clients", summary.clients());
    for (hour, counts) in &summary.hours {
        let rate = 100.0 * counts.failures as f64 / counts.requests as f64;
        let _ = writeln!(
            text,
            "{hour:02}:00  {:>8} requests  {:>10}  {rate:.1} % failed",
            counts.requests,
            size(counts.bytes),
        );
    }
    for (path, hits) in summary.top(10) {
        let _ = writeln!(text, "{hits:>8}  {path}");
    }
    text
}

fn size(bytes: u64) -> String {
    const UNITS: [&str; 4] = ["B", "kB", "MB", "GB"];
    let mut value = bytes as f64;
    let mut unit = 0;
    while value >= 1000.0 && unit + 1 < UNITS.len() {
        value /= 1000.0;
        unit += 1;
    }
    format!("{value:.1} {}", UNITS[unit])
}
