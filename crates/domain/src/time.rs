//! Points in time as the product stores and shows them: RFC 3339, UTC, always three digits of a second.
//!
//! The fixed width makes the text sort as the time does, which DynamoDB's sort keys rely on.

use std::fmt;
use std::str::FromStr;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// `0000-01-01T00:00:00Z`. A year before it is written with a sign.
const YEAR_0_MS: i64 = -62_167_219_200_000;

/// A point in time with millisecond precision.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Time(Timestamp);

impl Time {
    /// Drops everything finer than a millisecond.
    #[must_use]
    pub fn new(timestamp: Timestamp) -> Self {
        let whole = Timestamp::from_millisecond(timestamp.as_millisecond());
        Self(whole.unwrap_or(timestamp))
    }

    /// The time this much later; the end of representable time if there is none.
    #[must_use]
    pub fn plus(self, duration: SignedDuration) -> Self {
        Self::new(self.0.saturating_add(duration).unwrap_or(Timestamp::MAX))
    }

    /// Whole seconds since the beginning of 1970, UTC.
    #[must_use]
    pub fn unix_seconds(self) -> i64 {
        self.0.as_second()
    }

    /// How long after `earlier` this is; negative if it is before.
    #[must_use]
    pub fn since(self, earlier: Self) -> SignedDuration {
        self.0.duration_since(earlier.0)
    }
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.3}", self.0)
    }
}

impl fmt::Debug for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl From<Time> for String {
    fn from(time: Time) -> Self {
        time.to_string()
    }
}

/// A text is no point in time that can be stored; the text is not repeated here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected a time such as 2026-11-22T08:00:00Z")]
pub struct InvalidTime;

impl FromStr for Time {
    type Err = InvalidTime;

    /// # Errors
    /// The text is no time with an offset, or one before the year 0: its sign would make it wider.
    fn from_str(text: &str) -> Result<Self, InvalidTime> {
        let timestamp: Timestamp = text.parse().map_err(|_| InvalidTime)?;
        let time = Self::new(timestamp);
        let has_four_digits = time.0.as_millisecond() >= YEAR_0_MS;
        has_four_digits.then_some(time).ok_or(InvalidTime)
    }
}

impl TryFrom<String> for Time {
    type Error = InvalidTime;

    fn try_from(text: String) -> Result<Self, InvalidTime> {
        text.parse()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_are_counted_from_1970() {
        let time: Time = "2026-11-22T08:00:00.999Z".parse().unwrap();
        assert_eq!(time.unix_seconds(), 1_795_334_400);
    }

    #[test]
    fn a_time_always_shows_three_digits_of_a_second() {
        for (given, shown) in [
            ("2026-11-22T08:00:00Z", "2026-11-22T08:00:00.000Z"),
            ("2026-11-22T08:00:00.5Z", "2026-11-22T08:00:00.500Z"),
            (
                "2026-11-22T09:00:00.123456+01:00",
                "2026-11-22T08:00:00.123Z",
            ),
        ] {
            assert_eq!(given.parse::<Time>().unwrap().to_string(), shown);
        }
    }

    #[test]
    fn a_time_later_by_a_while_is_that_while_after() {
        let time: Time = "2026-11-22T08:00:00Z".parse().unwrap();
        let later = time.plus(SignedDuration::from_millis(90_500));
        assert_eq!(later.to_string(), "2026-11-22T08:01:30.500Z");
        assert_eq!(later.since(time), SignedDuration::from_millis(90_500));
        assert_eq!(time.since(later), SignedDuration::from_millis(-90_500));
    }

    #[test]
    fn the_year_0_is_the_first_that_is_read() {
        let first = "0000-01-01T00:00:00.000Z";
        assert_eq!(first.parse::<Time>().unwrap().to_string(), first);
        assert_eq!("-000001-12-31T23:59:59Z".parse::<Time>(), Err(InvalidTime));
    }
}
