//! What is asked and what is answered.

use std::fmt;

use crm_core::{Instant, MoneySum, OrganizationId, TimeRange};
use diesel::Queryable;

/// Which records count.
#[derive(Clone, Debug, Default)]
pub struct StatsFilter {
    /// Those of these organizations; all, with and without organization, when empty.
    pub organizations: Vec<OrganizationId>,
    /// Those whose record time, or of contracts sign time, lies in this range.
    pub range: TimeRange,
}

/// The contracts of one organization.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signed {
    /// Which organization; `None` for contracts without one.
    pub organization_id: Option<OrganizationId>,
    /// What they are worth together; contracts without an amount count as nothing.
    pub amount: MoneySum,
    /// How many they are.
    pub count: i64,
    /// When the earliest was signed.
    pub earliest: Instant,
}

/// The demands of one organization.
#[derive(Clone, Debug, PartialEq, Eq, Queryable)]
pub struct Demanded {
    /// Which organization; `None` for demands without one.
    pub organization_id: Option<OrganizationId>,
    /// How many they are.
    pub count: i64,
    /// The record time of the earliest.
    pub earliest: Instant,
}

/// The follow-ups on potentials of one organization.
#[derive(Clone, Debug, PartialEq, Eq, Queryable)]
pub struct Followed {
    /// Which organization; `None` for those without one.
    pub organization_id: Option<OrganizationId>,
    /// How many they are.
    pub count: i64,
    /// The record time of the earliest.
    pub earliest: Instant,
}

/// The satisfaction records of one organization.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Satisfied {
    /// Which organization; `None` for records without one.
    pub organization_id: Option<OrganizationId>,
    /// How many they are.
    pub count: i64,
    /// The mean of their values.
    pub average: Average,
    /// The worst value.
    pub min: i16,
    /// The best value.
    pub max: i16,
}

/// A mean to two decimals, rounded half away from zero; worked out with whole numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Average {
    hundredths: i128,
}

impl Average {
    /// The mean of `count` values that add up to `sum`; zero of none.
    pub fn of(sum: i64, count: i64) -> Self {
        let (sum, count) = (i128::from(sum), i128::from(count));
        if count <= 0 {
            return Self { hundredths: 0 };
        }
        // |sum| * 100 / count + 1/2, over the common denominator.
        let magnitude = (sum.abs() * 200 + count) / (2 * count);
        Self { hundredths: sum.signum() * magnitude }
    }
}

impl fmt::Display for Average {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.hundredths < 0 { "-" } else { "" };
        let magnitude = self.hundredths.unsigned_abs();
        write!(f, "{sign}{}.{:02}", magnitude / 100, magnitude % 100)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn averages_round_half_away_from_zero() {
        for (sum, count, shown) in [
            (13, 4, "3.25"),
            (1, 8, "0.13"),
            (-1, 8, "-0.13"),
            (1, 3, "0.33"),
            (2, 3, "0.67"),
            (-2, 3, "-0.67"),
            (1, 200, "0.01"),
            (-1, 200, "-0.01"),
            (1, 201, "0.00"),
            (-1, 201, "0.00"),
            (0, 7, "0.00"),
            (-10, 1, "-10.00"),
            (-9, 10, "-0.90"),
            (0, 0, "0.00"),
        ] {
            assert_eq!(Average::of(sum, count).to_string(), shown, "{sum}/{count}");
        }
    }

    proptest! {
        #[test]
        fn an_average_is_off_by_half_a_hundredth_at_most(sum in -1_000_000i64..1_000_000, count in 1i64..100_000) {
            let off = i128::from(sum) * 100 - Average::of(sum, count).hundredths * i128::from(count);
            prop_assert!(off.abs() * 2 <= i128::from(count));
            prop_assert_eq!(Average::of(-sum, count).hundredths, -Average::of(sum, count).hundredths);
        }
    }
}
