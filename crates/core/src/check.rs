//! The limits of text and numbers (native-api §1 "Text limits"), written once for every crate.

use std::collections::HashSet;

use crate::{Id, Patch, Problems};

/// Characters a name may have.
pub const NAME_MAX: usize = 100;
/// Characters an address, title, region, code or the like may have.
pub const SHORT_MAX: usize = 255;
/// Characters a note or content may have.
pub const NOTE_MAX: usize = 10_000;
/// Characters a URL may have.
pub const URL_MAX: usize = 2_048;
/// Characters a phone number may have.
pub const PHONE_MAX: usize = 20;
const PHONE_MIN: usize = 5;
/// Ids an array may have.
pub const ARRAY_MAX: usize = 1_000;

/// The sex of a person of whom it is not said; 1 is male, 2 female.
pub const SEX_UNKNOWN: i16 = 3;

const EMPTY: &str = "不能为空";

/// A phone number as it is compared: its digits and `+` alone.
pub fn phone_key(phone: &str) -> String {
    phone.chars().filter(|c| c.is_ascii_digit() || *c == '+').collect()
}

impl Problems {
    /// A field that must have a value: on create it must be sent, on update it must not be cleared.
    pub fn required<T>(&mut self, field: &str, patch: &Patch<T>, creating: bool) {
        if patch.is_null() || (creating && patch.is_absent()) {
            self.push(field, EMPTY);
        }
    }

    /// A list that must not be empty when it is sent.
    pub fn not_empty<T>(&mut self, field: &str, patch: &Patch<Vec<T>>) {
        if patch.value().is_some_and(Vec::is_empty) {
            self.push(field, EMPTY);
        }
    }

    /// A list of at most 1,000 ids without repetition.
    pub fn ids<I: Id>(&mut self, field: &str, ids: &[I]) {
        let mut seen = HashSet::with_capacity(ids.len());
        if ids.len() > ARRAY_MAX {
            self.push(field, format!("最多{ARRAY_MAX}个"));
        } else if let Some(id) = ids.iter().find(|id| !seen.insert(**id)) {
            self.push(field, format!("不能重复:{id}"));
        }
    }

    /// A sex: 1 to 3.
    pub fn sex(&mut self, field: &str, patch: &Patch<i64>) {
        self.range_of(field, patch, 1, i64::from(SEX_UNKNOWN));
    }

    /// Text of at most `max` characters without control characters other than tab, CR and LF.
    pub fn text(&mut self, field: &str, patch: &Patch<String>, max: usize) {
        if let Some(text) = patch.value() {
            self.plain_text(field, text, max);
        }
    }

    /// The same for text that is not a patch, such as a search text.
    pub fn plain_text(&mut self, field: &str, text: &str, max: usize) {
        if text.chars().count() > max {
            self.push(field, format!("不能超过{max}个字符"));
        } else if text.chars().any(|c| c.is_control() && !matches!(c, '\t' | '\r' | '\n')) {
            self.push(field, "不能包含控制字符");
        }
    }

    /// A name: 1–100 characters, not only white space.
    pub fn name(&mut self, field: &str, patch: &Patch<String>) {
        self.text(field, patch, NAME_MAX);
        if patch.value().is_some_and(|name| name.trim().is_empty()) {
            self.push(field, EMPTY);
        }
    }

    /// A phone number: 5–20 of digits, `+`, `-` and space, with at least one digit.
    pub fn phone(&mut self, field: &str, patch: &Patch<String>) {
        let Some(phone) = patch.value() else { return };
        let fits = (PHONE_MIN..=PHONE_MAX).contains(&phone.chars().count())
            && phone.chars().all(|c| c.is_ascii_digit() || matches!(c, '+' | '-' | ' '))
            && phone.chars().any(|c| c.is_ascii_digit());
        if !fits {
            self.push(field, "应为5至20位的数字、+、-或空格");
        }
    }

    /// A URL: `http(s)://…`, or without a scheme (`www.baidu.com`, `/upload/a.png`).
    pub fn url(&mut self, field: &str, patch: &Patch<String>) {
        let Some(url) = patch.value() else { return };
        if url.chars().count() > URL_MAX {
            self.push(field, format!("不能超过{URL_MAX}个字符"));
        } else if !is_url(url) {
            self.push(field, "应为http(s)链接或不带协议的地址");
        }
    }

    /// A whole number between `min` and `max`, both allowed.
    pub fn range(&mut self, field: &str, number: i64, min: i64, max: i64) {
        if number >= min && number <= max {
            return;
        }
        let message = if max == i64::MAX {
            format!("应为不小于{min}的整数")
        } else {
            format!("应为{min}至{max}之间的整数")
        };
        self.push(field, message);
    }

    /// The same for a field of an update.
    pub fn range_of(&mut self, field: &str, patch: &Patch<i64>, min: i64, max: i64) {
        if let Some(number) = patch.value() {
            self.range(field, *number, min, max);
        }
    }
}

/// Browsers drop white space and control characters inside a scheme, so that `java\nscript:` runs:
/// none is allowed anywhere.
fn is_url(url: &str) -> bool {
    if url.is_empty() || url.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return false;
    }
    let lower = url.to_ascii_lowercase();
    if let Some(rest) = lower.strip_prefix("http://").or_else(|| lower.strip_prefix("https://")) {
        return !rest.is_empty() && !rest.starts_with(['/', '?', '#', ':']);
    }
    let head = lower.split(['/', '?', '#']).next().unwrap_or_default();
    match head.split_once(':') {
        None => true,
        // `host:port`; anything else before a colon is a scheme.
        Some((host, port)) => host.contains('.') && !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(check: impl Fn(&mut Problems, &Patch<String>), text: &str) -> bool {
        let mut problems = Problems::default();
        check(&mut problems, &Patch::Value(text.to_owned()));
        !problems.is_empty()
    }

    #[test]
    fn urls_of_the_samples_pass_and_other_schemes_do_not() {
        let bad = |url: &str| problem(|p, v| p.url("attach", v), url);
        for good in ["www.baidu.com", "/upload/a.png", "http://a.cn/x?y=javascript:1", "HTTPS://a.cn", "a.cn:8080/x"] {
            assert!(!bad(good), "{good}");
        }
        for evil in [
            "javascript:alert(1)",
            "JaVaScript:1",
            " javascript:1",
            "java\nscript:1",
            "data:text/html,x",
            "tel:12345",
            "ftp://a.cn",
            "http://",
            "http:///x",
        ] {
            assert!(bad(evil), "{evil:?}");
        }
        assert!(bad(&format!("http://{}", "a".repeat(URL_MAX))));
    }

    #[test]
    fn phones_have_five_to_twenty_characters_of_the_allowed_kind() {
        let bad = |phone: &str| problem(|p, v| p.phone("phoneNumber", v), phone);
        for good in ["12345", "+86 138-1234-5678", "01234567890123456789"] {
            assert!(!bad(good), "{good}");
        }
        for wrong in ["1234", "012345678901234567890", "1381234567a", "-----", "138１2345"] {
            assert!(bad(wrong), "{wrong}");
        }
        assert_eq!(phone_key("+86 138-1234"), "+861381234");
    }

    #[test]
    fn names_count_characters_not_bytes() {
        let bad = |name: &str| problem(|p, v| p.name("name", v), name);
        assert!(!bad(&"伟".repeat(100)));
        assert!(bad(&"伟".repeat(101)));
        assert!(bad("  "));
        assert!(bad("a\0b"));
    }

    #[test]
    fn the_first_finding_on_a_field_stands() {
        let mut problems = Problems::default();
        problems.push("a", "1");
        problems.push("a", "2");
        problems.push("b", "3");
        assert_eq!(problems.iter().map(|e| e.message.as_str()).collect::<Vec<_>>(), ["1", "3"]);
    }
}
