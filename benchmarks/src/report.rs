//! Results as one line of JSON.

use std::fmt::Write;

/// An object of numbers and texts, in the order they were added.
#[derive(Debug, Default)]
pub struct Report {
    fields: String,
}

impl Report {
    /// Adds a number.
    #[must_use]
    pub fn number(mut self, name: &str, value: f64) -> Self {
        let comma = if self.fields.is_empty() { "" } else { ", " };
        let _ = write!(self.fields, "{comma}\"{name}\": {value:.4}");
        self
    }

    /// Adds a text of plain letters.
    #[must_use]
    pub fn text(mut self, name: &str, value: &str) -> Self {
        let comma = if self.fields.is_empty() { "" } else { ", " };
        let _ = write!(self.fields, "{comma}\"{name}\": \"{value}\"");
        self
    }

    /// Prints it.
    pub fn print(self) {
        println!("{{{}}}", self.fields);
    }
}

/// The value that `share` of the sorted `values` do not exceed; 0 where there are none.
#[must_use]
pub fn percentile(values: &mut [f64], share: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    let last = values.len().saturating_sub(1);
    values
        .get((last as f64 * share).round() as usize)
        .copied()
        .unwrap_or(0.0)
}
