//! Texts that a spreadsheet would take for formulas are written with an apostrophe before them, and
//! read back without it.
//!
//! A file that is exported here is opened in a spreadsheet by somebody else than who typed the names
//! in it: `=HYPERLINK(…)` as a name must stay a name. A plain negative number (`-12.5`) is no danger
//! and stays as it is. A phone number such as `+86 138 0013 8000` is guarded too: without the
//! apostrophe a spreadsheet would make a number of it and drop the `+`.

/// The text as it is written into a cell whose text a program may take for a formula.
pub(crate) fn guarded(text: &str) -> std::borrow::Cow<'_, str> {
    if needs_guard(text) { format!("'{text}").into() } else { text.into() }
}

/// The text as it was before [`guarded`].
pub(crate) fn unguarded(text: &str) -> &str {
    match text.strip_prefix('\'') {
        Some(rest) if needs_guard(text) => rest,
        _ => text,
    }
}

/// Whether the text, apostrophes before it aside, could run as a formula. Those are looked through
/// so that a text that itself begins `'=` can be told from a guarded `=`.
pub(crate) fn needs_guard(text: &str) -> bool {
    let bare = text.trim_start_matches('\'');
    if is_negative_number(bare) {
        return false;
    }
    let mut hidden = false;
    for character in bare.chars() {
        match character {
            '=' | '+' | '-' | '@' | '＝' | '＋' | '－' | '＠' => return true,
            '\t' | '\r' | '\n' => hidden = true,
            other if is_unseen(other) => {}
            _ => break,
        }
    }
    hidden
}

/// White space and characters that show nothing: programs skip them before a formula.
fn is_unseen(character: char) -> bool {
    character.is_whitespace()
        || character.is_control()
        || matches!(character, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\'')
}

fn is_negative_number(text: &str) -> bool {
    let Some(digits) = text.strip_prefix('-') else { return false };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let is_digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    is_digits(whole) && is_digits(fraction) && digits.len() <= 15
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_could_run_is_guarded_and_what_cannot_is_not() {
        for evil in [
            "=1+1",
            "+1",
            "-1+1",
            "@SUM(A1)",
            " =1",
            "\t=1",
            "\r=1",
            "\tx",
            "\u{feff}=1",
            "\u{200b}\u{0}=1",
            "＝1",
            "'=1",
            "''@x",
            "+86 138 0013 8000",
            "--1",
            "-1-1",
            "-",
            "' =1",
        ] {
            assert_eq!(guarded(evil), format!("'{evil}"), "{evil:?}");
        }
        for plain in ["", "1", "-1", "-12.5", "王", "'", "'a", "a=1", "1+1", "''", "138-0013"] {
            assert_eq!(guarded(plain), plain, "{plain:?}");
        }
    }

    proptest! {
        #[test]
        fn a_guarded_text_reads_back(text in "['=+@\\-\\t\r 1a\u{feff}\u{200b}＝.]{0,6}") {
            let written = guarded(&text);
            prop_assert_eq!(unguarded(&written), text.as_str());
        }

        #[test]
        fn nothing_guarded_starts_like_a_formula(text in "\\PC{0,6}|[ =+@\\-\t]{0,5}.{0,3}") {
            let written = guarded(&text).into_owned();
            let bare = written.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
            prop_assert!(!bare.starts_with(['=', '+', '@']), "{written:?}");
            prop_assert!(!bare.starts_with('-') || is_negative_number(bare), "{written:?}");
        }
    }
}
