//! The table of one engine, as it stands in docs/performance.md: for each size a column of figures, and beside it one of their floors.

use std::time::Duration;

/// A figure and its floor; either may be empty.
#[derive(Debug, Clone, Default)]
struct Pair {
    figure: String,
    floor: String,
}

#[derive(Debug)]
struct Row {
    what: String,
    pairs: Vec<Pair>,
}

/// All rows, in the order in which they were first told.
#[derive(Debug)]
pub struct Table {
    engine: &'static str,
    wanted: &'static [(&'static str, &'static str)],
    sizes: Vec<u32>,
    rows: Vec<Row>,
}

impl Table {
    /// An empty one; `wanted`: how the names of rows begin, and what is wanted of them.
    pub fn new(engine: &'static str, wanted: &'static [(&'static str, &'static str)]) -> Table {
        Table { engine, wanted, sizes: Vec::new(), rows: Vec::new() }
    }

    /// What follows is of a database of so many conversations.
    pub fn begin(&mut self, size: u32) {
        eprintln!("{}, {} conversations", self.engine, grouped(size.into()));
        self.sizes.push(size);
    }

    /// A figure that has no floor.
    pub fn plain(&mut self, what: &str, figure: &str) {
        self.add(what, figure, "");
    }

    /// A figure beside its floor.
    pub fn add(&mut self, what: &str, figure: &str, floor: &str) {
        eprintln!("  {what}: {figure} | {floor}");
        let place = self.rows.iter().position(|row| row.what == what).unwrap_or_else(|| {
            self.rows.push(Row { what: what.to_owned(), pairs: Vec::new() });
            self.rows.len() - 1
        });
        let pairs = &mut self.rows[place].pairs;
        // a size at which this was not measured leaves a gap
        pairs.resize(self.sizes.len() - 1, Pair::default());
        pairs.push(Pair { figure: figure.to_owned(), floor: floor.to_owned() });
    }

    /// Times beside those of their floor: median and 99th, and how many times as long they are.
    pub fn times(&mut self, what: &str, took: &[u64], floor: &[u64]) {
        let longer = |share| at(took, share) as f64 / at(floor, share).max(1) as f64;
        let floor = format!("{} ({:.1}x, {:.1}x)", spread(floor), longer(0.5), longer(0.99));
        self.add(what, &spread(took), &floor);
    }

    /// As Markdown.
    pub fn markdown(&self) -> String {
        let mut head = vec![self.engine.to_owned()];
        for size in &self.sizes {
            head.extend([format!("{} conversations", grouped((*size).into())), "floor".to_owned()]);
        }
        head.extend((!self.wanted.is_empty()).then(|| "wanted".to_owned()));
        let mut text = line(&head) + &line(&vec!["---".to_owned(); head.len()]);
        for row in &self.rows {
            let mut cells = vec![row.what.clone()];
            for n in 0..self.sizes.len() {
                let pair = row.pairs.get(n).cloned().unwrap_or_default();
                cells.extend([pair.figure, pair.floor]);
            }
            if !self.wanted.is_empty() {
                let wanted = self.wanted.iter().find(|(start, _)| row.what.starts_with(start));
                cells.push(wanted.map(|(_, text)| *text).unwrap_or_default().to_owned());
            }
            text += &line(&cells);
        }
        text
    }
}

fn line(cells: &[String]) -> String {
    let cells: String =
        cells.iter().map(|cell| if cell.is_empty() { " |".to_owned() } else { format!(" {cell} |") }).collect();
    format!("|{cells}\n")
}

/// With commas between thousands.
pub fn grouped(n: u64) -> String {
    let digits = n.to_string();
    let parts: Vec<&str> =
        digits.as_bytes().rchunks(3).rev().filter_map(|part| std::str::from_utf8(part).ok()).collect();
    parts.join(",")
}

/// The value at a share of a sorted list.
fn at(sorted: &[u64], share: f64) -> u64 {
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a place in a list")]
    let place = (sorted.len().saturating_sub(1) as f64 * share) as usize;
    sorted.get(place).copied().unwrap_or(0)
}

/// Microseconds as people read them.
pub fn millis(us: u64) -> String {
    format!("{} ms", short(us))
}

/// Three digits are what a measurement is worth.
fn short(us: u64) -> String {
    let ms = us as f64 / 1_000.0;
    if ms < 10.0 { format!("{ms:.2}") } else { format!("{ms:.1}") }
}

/// Median and 99th of a sorted list.
pub fn spread(sorted: &[u64]) -> String {
    format!("{}, {} ms", short(at(sorted, 0.5)), short(at(sorted, 0.99)))
}

/// Something per text, in microseconds.
pub fn each(spent: Duration, texts: usize) -> f64 {
    spent.as_secs_f64() * 1e6 / texts.max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::Table;

    #[test]
    fn each_size_has_its_figure_beside_its_floor_and_what_was_not_measured_is_a_gap() {
        let mut table = Table::new("SQLite", &[("first page", "p99 10 ms")]);
        table.begin(10_000);
        table.plain("start, empty", "46 ms");
        table.times("first page of all", &[1_000, 2_500], &[500, 12_340]);
        table.begin(1_000_000);
        table.times("first page of all", &[], &[]);
        table.add("against the smallest", "1.33x", "2.40x");
        let expected = "\
| SQLite | 10,000 conversations | floor | 1,000,000 conversations | floor | wanted |
| --- | --- | --- | --- | --- | --- |
| start, empty | 46 ms | | | | |
| first page of all | 1.00, 1.00 ms | 0.50, 0.50 ms (2.0x, 2.0x) | 0.00, 0.00 ms | 0.00, 0.00 ms (0.0x, 0.0x) | p99 10 ms |
| against the smallest | | | 1.33x | 2.40x | |
";
        assert_eq!(table.markdown(), expected);
    }
}
