//! What a phone number looks like to those who may not read it.

/// The most characters of a long number that show at its start, and at its end.
const SHOWN: (usize, usize) = (3, 4);
/// From this length on a number shows [`SHOWN`] of itself.
const LONG: usize = 11;

/// A phone number with its middle hidden: `138****1234`. One of fewer than eleven characters shows
/// only the first and the last fifth.
pub fn mask_phone(phone: &str) -> String {
    let length = phone.chars().count();
    let (head, tail) = if length >= LONG { SHOWN } else { (length / 5, length / 5) };
    let shown = |range: std::ops::Range<usize>| -> String {
        phone.chars().skip(range.start).take(range.end - range.start).collect()
    };
    format!("{}****{}", shown(0..head), shown(length - tail..length))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn at_least_half_of_a_short_number_and_the_middle_of_a_long_one_are_hidden() {
        assert_eq!(mask_phone("13812341234"), "138****1234");
        assert_eq!(mask_phone("+86 138-1234-5678"), "+86****5678");
        assert_eq!(mask_phone("12345"), "1****5");
        assert_eq!(mask_phone("0512345678"), "05****78");
        assert_eq!(mask_phone("1234"), "****");
        assert_eq!(mask_phone(""), "****");
    }
}
