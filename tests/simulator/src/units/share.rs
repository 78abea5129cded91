//! Units, and what they were spent on.

use std::iter::Sum;
use std::ops::Add;

use serde::{Serialize, Serializer};

/// Capacity units; halves exist.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Units {
    halves: u64,
}

impl Units {
    pub const fn whole(units: u64) -> Self {
        Self { halves: units * 2 }
    }

    pub const fn halves(halves: u64) -> Self {
        Self { halves }
    }

    pub const fn in_halves(self) -> u64 {
        self.halves
    }
}

impl Add for Units {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self { halves: self.halves + other.halves }
    }
}

impl Sum for Units {
    fn sum<I: Iterator<Item = Self>>(units: I) -> Self {
        units.fold(Self::default(), Add::add)
    }
}

impl std::fmt::Display for Units {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let half = if self.halves.is_multiple_of(2) { "" } else { ".5" };
        f.pad(&format!("{}{half}", self.halves / 2))
    }
}

impl Serialize for Units {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.halves.is_multiple_of(2) {
            serializer.serialize_u64(self.halves / 2)
        } else {
            serializer.serialize_f64(f64::from(u32::try_from(self.halves).unwrap_or(u32::MAX)) / 2.0)
        }
    }
}

/// What was spent on one item, or on one query, in the table or in one index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Share {
    /// The values of the item's key, or of the partition that was asked for.
    pub key: Vec<String>,
    /// None is the table itself.
    pub index: Option<String>,
    /// The partition key under which it lies there.
    pub partition: String,
    pub read: Units,
    pub write: Units,
}

impl Share {
    /// Nothing yet.
    pub(super) fn on_table(key: Vec<String>) -> Self {
        let partition = key.first().cloned().unwrap_or_default();
        Self { key, index: None, partition, read: Units::default(), write: Units::default() }
    }
}

/// What one request cost.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Spent {
    pub read_units: Units,
    pub write_units: Units,
    #[serde(skip)]
    pub shares: Vec<Share>,
}

impl Spent {
    pub(crate) fn of(shares: Vec<Share>) -> Self {
        Self {
            read_units: shares.iter().map(|share| share.read).sum(),
            write_units: shares.iter().map(|share| share.write).sum(),
            shares,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_numbers() {
        for (halves, text) in [(0, "0"), (1, "0.5"), (2, "1"), (7, "3.5")] {
            let units = Units::halves(halves);
            assert_eq!(units.to_string(), text);
            assert_eq!(serde_json::to_string(&units).expect("a number"), text);
        }
        assert_eq!(Units::halves(1) + Units::whole(3), Units::halves(7));
    }
}
