//! Moments as columns: a UTC timestamp without a zone.

use chrono::{NaiveDate, NaiveDateTime};
use diesel::backend::Backend;
use diesel::deserialize::{self, FromSql};
use diesel::pg::Pg;
use diesel::serialize::{self, Output, ToSql};
use diesel::sql_types::{Text, Timestamp};
use diesel::sqlite::Sqlite;

use super::Instant;

impl<DB: Backend> ToSql<Timestamp, DB> for Instant
where
    NaiveDateTime: ToSql<Timestamp, DB>,
{
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
        self.0.to_sql(out)
    }
}

impl FromSql<Timestamp, Pg> for Instant {
    fn from_sql(value: <Pg as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
        <NaiveDateTime as FromSql<Timestamp, Pg>>::from_sql(value).map(Self)
    }
}

impl FromSql<Timestamp, Sqlite> for Instant {
    /// A text that diesel would try one pattern after the other on.
    fn from_sql(value: <Sqlite as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
        let text = <String as FromSql<Text, Sqlite>>::from_sql(value)?;
        match read_written(&text) {
            Some(at) => Ok(Self(at)),
            None => Ok(Self(NaiveDateTime::parse_from_str(&text, "%Y-%m-%d %H:%M:%S%.f")?)),
        }
    }
}

/// The time that [`written`](super::written) wrote like this, with a space between day and time; `None` for any other text.
fn read_written(text: &str) -> Option<NaiveDateTime> {
    if !super::is_shaped(text, "0000-00-00 00:00:00") {
        return None;
    }
    let number = |from: usize, to: usize| text.get(from..to)?.parse::<u32>().ok();
    let year = i32::try_from(number(0, 4)?).ok()?;
    let date = NaiveDate::from_ymd_opt(year, number(5, 7)?, number(8, 10)?)?;
    date.and_hms_opt(number(11, 13)?, number(14, 16)?, number(17, 19)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::written;

    #[test]
    fn a_column_is_read_as_it_was_written_and_no_other_text_is() {
        for seconds in [-30_610_224_000, -1, 0, 951_782_400, 1_700_000_059, 253_402_300_799] {
            let at = Instant::from_unix(seconds).utc();
            assert_eq!(read_written(&written(at, ' ')), Some(at), "{at}");
        }
        for text in ["", "2026-02-29 00:00:00", "2026-01-01 24:00:00", "2026-01-01T00:00:00", "2026-01-01 00:00:00.5"] {
            assert_eq!(read_written(text), None, "{text}");
        }
    }
}
