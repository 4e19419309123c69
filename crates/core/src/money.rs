//! Money to the cent, never through a float (native-api §1 "Money").

use std::fmt;
use std::iter::Sum;
use std::str::FromStr;

use serde::{Serialize, Serializer};

/// An amount of money: whole cents, not negative, at most 15 digits before the point.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "diesel", derive(diesel_derive_newtype::DieselNewType))]
pub struct Money(i64);

/// Why a text is not an amount of money.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    /// Not a plain decimal number.
    #[error("应为金额,例如112.00")]
    NotANumber,
    /// Below zero.
    #[error("不能为负数")]
    Negative,
    /// More than two decimals.
    #[error("最多两位小数")]
    TooPrecise,
    /// More than 15 digits before the point.
    #[error("整数部分最多15位")]
    TooLarge,
}

impl Money {
    /// The largest amount.
    pub const MAX: Money = Money(99_999_999_999_999_999);

    /// The amount of this many cents, if it is one.
    pub fn from_cents(cents: i64) -> Option<Self> {
        (0..=Self::MAX.0).contains(&cents).then_some(Self(cents))
    }

    /// The amount in cents.
    pub fn cents(self) -> i64 {
        self.0
    }
}

impl FromStr for Money {
    type Err = MoneyError;

    /// Reads `112`, `112.5` or `112.50`.
    fn from_str(text: &str) -> Result<Self, MoneyError> {
        let (negative, digits) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (whole, fraction) = match digits.split_once('.') {
            Some((_, "")) => return Err(MoneyError::NotANumber),
            Some(parts) => parts,
            None => (digits, ""),
        };
        let all_digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
        if whole.is_empty() || !all_digits(whole) || !all_digits(fraction) {
            return Err(MoneyError::NotANumber);
        }
        if negative {
            return Err(MoneyError::Negative);
        }
        if fraction.len() > 2 {
            return Err(MoneyError::TooPrecise);
        }
        if whole.trim_start_matches('0').len() > 15 {
            return Err(MoneyError::TooLarge);
        }
        format!("{whole}{fraction:0<2}").parse().map(Self).map_err(|_| MoneyError::TooLarge)
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        MoneySum::from(*self).fmt(f)
    }
}

impl Serialize for Money {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// A sum of amounts, exact far beyond 64-bit cents.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MoneySum(i128);

/// Cents per half of a sum: databases add 64-bit integers, so sums are taken of the high and of the
/// low part of each amount apart, neither of which can overflow.
const SPLIT: i64 = 1_000_000_000;

impl MoneySum {
    /// The divisor that splits cents into a high and a low part for summing in SQL.
    pub const SPLIT: i64 = SPLIT;

    /// The sum whose cents are `high * SPLIT + low`.
    pub fn from_parts(high: i64, low: i64) -> Self {
        Self(i128::from(high) * i128::from(SPLIT) + i128::from(low))
    }

    /// The sum in cents.
    pub fn cents(self) -> i128 {
        self.0
    }

    /// The sum of this many cents.
    pub fn from_cents(cents: i128) -> Self {
        Self(cents)
    }
}

impl From<Money> for MoneySum {
    fn from(money: Money) -> Self {
        Self(i128::from(money.0))
    }
}

impl Sum<Money> for MoneySum {
    fn sum<I: Iterator<Item = Money>>(amounts: I) -> Self {
        Self(amounts.map(|m| i128::from(m.0)).sum())
    }
}

impl fmt::Display for MoneySum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let cents = self.0.unsigned_abs();
        write!(f, "{sign}{}.{:02}", cents / 100, cents % 100)
    }
}

impl Serialize for MoneySum {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_not_money_says_why() {
        for (text, why) in [
            ("", MoneyError::NotANumber),
            (".5", MoneyError::NotANumber),
            ("5.", MoneyError::NotANumber),
            ("1e3", MoneyError::NotANumber),
            ("NaN", MoneyError::NotANumber),
            ("１２", MoneyError::NotANumber),
            ("+1", MoneyError::NotANumber),
            ("1,000", MoneyError::NotANumber),
            ("-1", MoneyError::Negative),
            ("0.001", MoneyError::TooPrecise),
            ("1000000000000000", MoneyError::TooLarge),
        ] {
            assert_eq!(text.parse::<Money>(), Err(why), "{text:?}");
        }
        assert_eq!("999999999999999.99".parse(), Ok(Money::MAX));
        assert_eq!("000112".parse(), Ok(Money(11_200)));
    }

    proptest! {
        #[test]
        fn an_amount_survives_text_and_back(cents in 0..=Money::MAX.0) {
            let money = Money(cents);
            prop_assert_eq!(money.to_string().parse(), Ok(money));
        }

        #[test]
        fn sums_in_two_halves_lose_nothing(cents in proptest::collection::vec(0..=Money::MAX.0, 0..300)) {
            let high: i64 = cents.iter().map(|c| c / SPLIT).sum();
            let low: i64 = cents.iter().map(|c| c % SPLIT).sum();
            let sum: MoneySum = cents.iter().map(|c| Money(*c)).sum();
            prop_assert_eq!(MoneySum::from_parts(high, low), sum);
        }
    }
}
