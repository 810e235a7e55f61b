//! The one table that is printed.

use std::time::Duration;

/// A figure, its floor, and how they compare.
#[derive(Debug, Clone)]
struct Line {
    what: String,
    figure: String,
    floor: String,
    ratio: String,
}

/// All of them, in order.
#[derive(Debug, Default)]
pub struct Table(Vec<Line>);

impl Table {
    /// A heading.
    pub fn head(&mut self, text: &str) {
        self.add(&format!("**{text}**"), "", "", "");
    }

    /// A figure that has no floor.
    pub fn plain(&mut self, what: &str, figure: &str) {
        self.add(what, figure, "", "");
    }

    /// A figure beside its floor.
    pub fn add(&mut self, what: &str, figure: &str, floor: &str, ratio: &str) {
        eprintln!("  {what}: {figure}  {floor}  {ratio}");
        let own = |text: &str| text.to_owned();
        self.0.push(Line { what: own(what), figure: own(figure), floor: own(floor), ratio: own(ratio) });
    }

    /// Prints it as Markdown.
    pub fn print(&self) {
        let width = |of: fn(&Line) -> &str| self.0.iter().map(|l| of(l).chars().count()).max().unwrap_or(0).max(6);
        let (a, b) = (width(|l| &l.what), width(|l| &l.figure));
        let (c, d) = (width(|l| &l.floor), width(|l| &l.ratio));
        let row = |w: &str, x: &str, y: &str, z: &str| println!("| {w:<a$} | {x:<b$} | {y:<c$} | {z:<d$} |");
        row("", "figure", "floor, same run", "of it");
        println!("| {} | {} | {} | {} |", "-".repeat(a), "-".repeat(b), "-".repeat(c), "-".repeat(d));
        for line in &self.0 {
            row(&line.what, &line.figure, &line.floor, &line.ratio);
        }
    }
}

/// The value at a share of a sorted list.
pub fn at(sorted: &[u64], share: f64) -> u64 {
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a place in a list")]
    let place = (sorted.len().saturating_sub(1) as f64 * share) as usize;
    sorted.get(place).copied().unwrap_or(0)
}

/// Microseconds as people read them.
pub fn millis(us: u64) -> String {
    format!("{:.2} ms", us as f64 / 1_000.0)
}

/// Median and 99th of a sorted list.
pub fn spread(sorted: &[u64]) -> String {
    format!("p50 {}, p99 {}", millis(at(sorted, 0.5)), millis(at(sorted, 0.99)))
}

/// Something per text, in microseconds.
pub fn each(spent: Duration, texts: usize) -> f64 {
    spent.as_secs_f64() * 1e6 / texts.max(1) as f64
}
