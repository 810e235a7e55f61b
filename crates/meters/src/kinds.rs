//! The kinds of figures. Each is made the first time that it is touched.

#![allow(clippy::expect_used, reason = "names and labels stand in `figures`, and a test makes each of them")]

use std::sync::OnceLock;
use std::time::{Duration, Instant};

use prometheus::core::Collector;
use prometheus::{GaugeVec, HistogramOpts, HistogramVec, IntCounterVec, IntGaugeVec, Opts};

/// What a figure is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// It only grows.
    Counter,
    /// It goes up and down.
    Gauge,
    /// How often it was at most so much.
    Histogram,
}

impl Kind {
    /// As Prometheus calls it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Kind::Counter => "counter",
            Kind::Gauge => "gauge",
            Kind::Histogram => "histogram",
        }
    }
}

/// A figure, whatever its kind.
pub trait Figure: Sync {
    /// What it is.
    fn kind(&self) -> Kind;
    /// Its name.
    fn name(&self) -> &'static str;
    /// What it says, in a sentence.
    fn help(&self) -> &'static str;
    /// The names of its labels.
    fn labels(&self) -> &[&'static str];
    /// What gives its rows.
    fn collector(&self) -> Box<dyn Collector>;
}

/// Name, sentence and labels of a figure with `N` labels.
#[derive(Debug)]
struct About<const N: usize> {
    name: &'static str,
    help: &'static str,
    labels: [&'static str; N],
}

macro_rules! figure {
    ($name:ident, $kind:ident) => {
        impl<const N: usize> Figure for $name<N> {
            fn kind(&self) -> Kind {
                Kind::$kind
            }
            fn name(&self) -> &'static str {
                self.about.name
            }
            fn help(&self) -> &'static str {
                self.about.help
            }
            fn labels(&self) -> &[&'static str] {
                &self.about.labels
            }
            fn collector(&self) -> Box<dyn Collector> {
                Box::new(self.rows().clone())
            }
        }
    };
}

/// What only grows.
#[derive(Debug)]
pub struct Counter<const N: usize> {
    about: About<N>,
    rows: OnceLock<IntCounterVec>,
}

figure!(Counter, Counter);

impl<const N: usize> Counter<N> {
    pub(crate) const fn new(name: &'static str, labels: [&'static str; N], help: &'static str) -> Self {
        Self { about: About { name, help, labels }, rows: OnceLock::new() }
    }

    fn rows(&self) -> &IntCounterVec {
        self.rows.get_or_init(|| {
            let rows = IntCounterVec::new(Opts::new(self.about.name, self.about.help), &self.about.labels)
                .expect("well-formed names");
            if N == 0 {
                // what has never happened is 0, and not absent
                rows.with_label_values::<&str>(&[]);
            }
            rows
        })
    }

    /// It happened once.
    pub fn add(&self, labels: [&'static str; N]) {
        self.add_many(labels, 1);
    }

    /// It happened `n` times.
    pub fn add_many(&self, labels: [&'static str; N], n: u64) {
        self.rows().with_label_values(&labels).inc_by(n);
    }
}

/// What goes up and down as the program runs.
#[derive(Debug)]
pub struct Gauge<const N: usize> {
    about: About<N>,
    rows: OnceLock<IntGaugeVec>,
}

figure!(Gauge, Gauge);

impl<const N: usize> Gauge<N> {
    pub(crate) const fn new(name: &'static str, labels: [&'static str; N], help: &'static str) -> Self {
        Self { about: About { name, help, labels }, rows: OnceLock::new() }
    }

    fn rows(&self) -> &IntGaugeVec {
        self.rows.get_or_init(|| {
            let rows = IntGaugeVec::new(Opts::new(self.about.name, self.about.help), &self.about.labels)
                .expect("well-formed names");
            if N == 0 {
                rows.with_label_values::<&str>(&[]);
            }
            rows
        })
    }

    /// Moves it by `n`, which may be negative.
    pub fn change(&self, labels: [&'static str; N], n: i64) {
        self.rows().with_label_values(&labels).add(n);
    }

    /// Counts one for as long as the answer lives.
    #[must_use]
    pub fn hold(&'static self, labels: [&'static str; N]) -> Held<N> {
        self.change(labels, 1);
        Held { gauge: self, labels }
    }
}

/// One of something that is there; gone when dropped.
#[derive(Debug)]
pub struct Held<const N: usize> {
    gauge: &'static Gauge<N>,
    labels: [&'static str; N],
}

impl<const N: usize> Drop for Held<N> {
    fn drop(&mut self) {
        self.gauge.change(self.labels, -1);
    }
}

/// What was found when somebody last looked: set as a whole, so that what is no longer there is not told any more.
#[derive(Debug)]
pub struct Level<const N: usize> {
    about: About<N>,
    rows: OnceLock<GaugeVec>,
}

figure!(Level, Gauge);

impl<const N: usize> Level<N> {
    pub(crate) const fn new(name: &'static str, labels: [&'static str; N], help: &'static str) -> Self {
        Self { about: About { name, help, labels }, rows: OnceLock::new() }
    }

    fn rows(&self) -> &GaugeVec {
        self.rows.get_or_init(|| {
            GaugeVec::new(Opts::new(self.about.name, self.about.help), &self.about.labels).expect("well-formed names")
        })
    }

    /// Replaces every row. An empty list: nobody knows.
    pub fn set(&self, rows: impl IntoIterator<Item = ([&'static str; N], f64)>) {
        let made = self.rows();
        made.reset();
        for (labels, value) in rows {
            made.with_label_values(&labels).set(value);
        }
    }
}

/// How often it was at most so much.
#[derive(Debug)]
pub struct Histogram<const N: usize> {
    about: About<N>,
    buckets: &'static [f64],
    rows: OnceLock<HistogramVec>,
}

figure!(Histogram, Histogram);

impl<const N: usize> Histogram<N> {
    pub(crate) const fn new(
        name: &'static str,
        labels: [&'static str; N],
        buckets: &'static [f64],
        help: &'static str,
    ) -> Self {
        Self { about: About { name, help, labels }, buckets, rows: OnceLock::new() }
    }

    fn rows(&self) -> &HistogramVec {
        self.rows.get_or_init(|| {
            let options = HistogramOpts::new(self.about.name, self.about.help).buckets(self.buckets.to_vec());
            let rows = HistogramVec::new(options, &self.about.labels).expect("well-formed names");
            if N == 0 {
                rows.with_label_values::<&str>(&[]);
            }
            rows
        })
    }

    /// It was this much.
    pub fn observe(&self, labels: [&'static str; N], value: f64) {
        self.rows().with_label_values(&labels).observe(value);
    }

    /// It took this long.
    pub fn took(&self, labels: [&'static str; N], time: Duration) {
        self.observe(labels, time.as_secs_f64());
    }

    /// It began then, and is done.
    pub fn since(&self, labels: [&'static str; N], began: Instant) {
        self.took(labels, began.elapsed());
    }
}
