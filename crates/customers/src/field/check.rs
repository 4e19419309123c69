//! What may be in a field of each kind.

use crm_core::{NOTE_MAX, Problems, SHORT_MAX, Zone};

use super::{Field, FieldKind, Given, texts, to_json};

/// Characters a number may have.
const NUMBER_MAX: usize = 30;

const NOT_TEXT: &str = "应为文本";
const NOT_NUMBER: &str = "应为数字,最多30个字符";

/// What is given for a field as it is stored; `None` when it is empty.
///
/// # Errors
/// What is wrong with it, in Chinese.
pub(super) fn to_stored(field: &Field, given: &Given, has: Option<&str>) -> Result<Option<String>, String> {
    match field.kind() {
        FieldKind::Input => text(given, SHORT_MAX),
        FieldKind::Textarea => text(given, NOTE_MAX),
        FieldKind::Select => selected(field, given, has),
        FieldKind::Date => date(given),
        FieldKind::Number => number(given),
    }
}

fn text(given: &Given, max: usize) -> Result<Option<String>, String> {
    let Given::Text(text) = given else { return Err(NOT_TEXT.to_owned()) };
    let mut problems = Problems::default();
    problems.plain_text("", text, max);
    match problems.iter().next() {
        Some(problem) => Err(problem.message.clone()),
        None => Ok(some(text)),
    }
}

/// All must be among the field's options, but what the customer has already may stay.
fn selected(field: &Field, given: &Given, has: Option<&str>) -> Result<Option<String>, String> {
    let given = match given {
        Given::Text(text) if text.is_empty() => return Ok(None),
        Given::Text(text) => std::slice::from_ref(text),
        Given::Texts(texts) => texts,
        Given::Number(_) => return Err(NOT_TEXT.to_owned()),
    };
    let (options, has) = (field.options(), has.map(texts).unwrap_or_default());
    for (number, option) in given.iter().enumerate() {
        if !options.contains(option) && !has.contains(option) {
            return Err(format!("没有这个选项:{option}"));
        }
        if given.iter().take(number).any(|before| before == option) {
            return Err(format!("不能重复:{option}"));
        }
    }
    Ok(if given.is_empty() { None } else { Some(to_json(given)) })
}

fn date(given: &Given) -> Result<Option<String>, String> {
    let Given::Text(text) = given else { return Err(NOT_TEXT.to_owned()) };
    if text.is_empty() {
        return Ok(None);
    }
    match Zone::parse_calendar_date(text) {
        // The day is stored as one always writes it; a time of day is no date.
        Ok(date) if date.to_string() == *text => Ok(some(text)),
        Ok(_) => Err(crm_core::TimeError::NotADate.to_string()),
        Err(error) => Err(error.to_string()),
    }
}

fn number(given: &Given) -> Result<Option<String>, String> {
    let (Given::Text(text) | Given::Number(text)) = given else { return Err(NOT_NUMBER.to_owned()) };
    if text.is_empty() {
        return Ok(None);
    }
    if text.len() <= NUMBER_MAX && is_decimal(text) { Ok(some(text)) } else { Err(NOT_NUMBER.to_owned()) }
}

/// A decimal number as JSON writes it, but for exponents: so it can be answered as it was sent.
fn is_decimal(text: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let plain = text.strip_prefix('-').unwrap_or(text);
    let (whole, rest) = plain.split_once('.').map_or((plain, None), |(whole, rest)| (whole, Some(rest)));
    digits(whole) && (whole == "0" || !whole.starts_with('0')) && rest.is_none_or(digits)
}

fn some(text: &str) -> Option<String> {
    Some(text.to_owned()).filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_decimal_is_what_json_can_show_as_it_was_sent() {
        for good in ["0", "-0", "7", "-12.50", "0.1", "10", "123456789012345678901234567890"] {
            assert!(is_decimal(good), "{good}");
        }
        for bad in ["", "-", "+1", ".5", "5.", "007", "1e5", "1,5", "１", " 1", "--1", "1.2.3", "NaN"] {
            assert!(!is_decimal(bad), "{bad}");
        }
    }
}
