//! What the numbers of a sheet mean: amounts, counts, telephone numbers, or days since 1900.

use chrono::{Duration, NaiveDate, NaiveDateTime};

use super::Cell;

/// The largest whole number a spreadsheet holds exactly.
const EXACT: f64 = 1e15;

/// A number as a person typed it. Spreadsheets keep fifteen digits: what a binary number has beyond
/// them is noise (`0.30000000000000004`), and a telephone number shown as `1.38E+10` is whole.
pub(super) fn number(value: f64) -> Cell {
    if value == 0.0 {
        return Cell::Text("0".to_owned());
    }
    if !value.is_finite() || value.abs() >= EXACT || value.abs() < 1e-15 {
        return Cell::Bad(value.to_string(), "数字超过15位,表格已丢失精度,请将该列设为文本格式");
    }
    let scientific = format!("{value:.14e}");
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or_default();
    let (sign, mantissa) = mantissa.strip_prefix('-').map_or(("", mantissa), |rest| ("-", rest));
    let digits: String = mantissa.chars().filter(char::is_ascii_digit).collect();
    let digits = digits.trim_end_matches('0');
    let point = usize::try_from(exponent + 1);
    let text = match point {
        Ok(point) if point >= digits.len() => format!("{digits}{}", "0".repeat(point - digits.len())),
        Ok(point) if point > 0 => {
            let (whole, fraction) = digits.split_at_checked(point).unwrap_or((digits, ""));
            format!("{whole}.{fraction}")
        }
        _ => format!("0.{}{digits}", "0".repeat(usize::try_from(-exponent - 1).unwrap_or_default())),
    };
    Cell::Text(format!("{sign}{text}"))
}

/// A number whose format says that it is a moment; whole days are written as dates.
pub(super) fn moment(value: f64, from_1904: bool) -> Cell {
    let bad = || Cell::Bad(value.to_string(), "不是有效的日期");
    if !(0.0..2_958_466.0).contains(&value) {
        return bad();
    }
    // Day 60 of the calendar from 1900 is a 29 February that never was; days before it count from one
    // day later.
    let epoch = match (from_1904, value < 60.0) {
        (true, _) => NaiveDate::from_ymd_opt(1904, 1, 1),
        (false, true) => NaiveDate::from_ymd_opt(1899, 12, 31),
        (false, false) => NaiveDate::from_ymd_opt(1899, 12, 30),
    };
    let seconds = (value * 86_400.0).round();
    let whole: Option<i64> = format!("{seconds:.0}").parse().ok();
    let at: Option<NaiveDateTime> = epoch
        .and_then(|epoch| epoch.and_hms_opt(0, 0, 0))
        .zip(whole)
        .and_then(|(start, seconds)| start.checked_add_signed(Duration::try_seconds(seconds)?));
    match at {
        Some(at) if at.time() == chrono::NaiveTime::MIN => Cell::Text(at.format("%Y-%m-%d").to_string()),
        Some(at) => Cell::Text(at.format("%Y-%m-%d %H:%M:%S").to_string()),
        None => bad(),
    }
}

/// Whether a built-in number format shows a date.
pub(super) fn is_date_id(id: u32) -> bool {
    matches!(id, 14..=22 | 27..=36 | 45..=47 | 50..=58)
}

/// Whether a format code shows a date: it has a `y`, `m`, `d`, `h` or `s` outside quotes, brackets and
/// escapes.
pub(super) fn is_date_code(code: &str) -> bool {
    let mut characters = code.chars();
    while let Some(character) = characters.next() {
        match character {
            '"' => while characters.next().is_some_and(|next| next != '"') {},
            // `[h]`, a duration, counts; `[Red]` and `[$-804]` do not.
            '[' => {
                let inside: String = characters.by_ref().take_while(|next| *next != ']').collect();
                if !inside.is_empty() && inside.chars().all(|c| matches!(c.to_ascii_lowercase(), 'h' | 'm' | 's')) {
                    return true;
                }
            }
            '\\' | '_' | '*' => drop(characters.next()),
            ';' => return false,
            other if matches!(other.to_ascii_lowercase(), 'y' | 'm' | 'd' | 'h' | 's') => return true,
            _ => {}
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(cell: Cell) -> String {
        match cell {
            Cell::Text(text) => text,
            Cell::Bad(shown, why) => panic!("{shown}: {why}"),
        }
    }

    #[test]
    fn numbers_are_what_was_typed() {
        for (value, shown) in [
            (13_800_138_000.0, "13800138000"),
            (1.38e10, "13800000000"),
            (0.1 + 0.2, "0.3"),
            (112.1, "112.1"),
            (-12.5, "-12.5"),
            (1e-5, "0.00001"),
            (999_999_999_999_999.0, "999999999999999"),
            (9_999_999_999_999.99, "9999999999999.99"),
            (100.0, "100"),
            (0.05, "0.05"),
            (1.0, "1"),
        ] {
            assert_eq!(text(number(value)), shown, "{value}");
        }
        for lost in [1e15, 1.23e17, f64::NAN, f64::INFINITY] {
            assert!(matches!(number(lost), Cell::Bad(..)), "{lost}");
        }
    }

    #[test]
    fn days_are_those_the_spreadsheet_shows() {
        assert_eq!(text(moment(44_562.0, false)), "2022-01-01");
        assert_eq!(text(moment(44_562.604_166_666_7, false)), "2022-01-01 14:30:00");
        assert_eq!(text(moment(43_100.0, true)), "2022-01-01");
        assert_eq!(text(moment(1.0, false)), "1900-01-01");
        assert_eq!(text(moment(61.0, false)), "1900-03-01");
        assert!(matches!(moment(-1.0, false), Cell::Bad(..)));
    }

    #[test]
    fn formats_of_dates_are_told_from_those_of_numbers() {
        for date in ["yyyy-mm-dd", "yyyy\"年\"m\"月\"d\"日\"", "[$-804]yyyy/m/d", "h:mm", "[h]:mm:ss"] {
            assert!(is_date_code(date), "{date}");
        }
        for number in ["General", "0.00", "#,##0.00;[Red]-#,##0.00", "\"day\"0", "0\\d", "@", "_-* #,##0"] {
            assert!(!is_date_code(number), "{number}");
        }
    }
}
