//! What a request says of one field.

/// What a request says of one field: nothing, "clear it", or a value.
///
/// On create [`Patch::Absent`] and [`Patch::Null`] both leave the field at its default.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Patch<T> {
    /// Not sent: the field stays as it is.
    #[default]
    Absent,
    /// Sent as `null`, or as an empty string: the field is cleared.
    Null,
    /// Sent: the field takes this value.
    Value(T),
}

impl<T> Patch<T> {
    /// The field after the patch, for a field that may be empty.
    pub fn apply(self, current: Option<T>) -> Option<T> {
        match self {
            Self::Absent => current,
            Self::Null => None,
            Self::Value(value) => Some(value),
        }
    }

    /// The field after the patch, for a field that always has a value: clearing gives `default`.
    pub fn apply_or(self, current: Option<T>, default: T) -> T {
        self.apply(current).unwrap_or(default)
    }

    /// The value sent, if one was.
    pub fn value(&self) -> Option<&T> {
        match self {
            Self::Value(value) => Some(value),
            Self::Absent | Self::Null => None,
        }
    }

    /// The value sent, if one was.
    pub fn into_value(self) -> Option<T> {
        self.apply(None)
    }

    /// Whether the request did not mention the field.
    pub fn is_absent(&self) -> bool {
        matches!(self, Self::Absent)
    }

    /// Whether the request clears the field.
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// The same statement about a value made from this one.
    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> Patch<U> {
        match self {
            Self::Absent => Patch::Absent,
            Self::Null => Patch::Null,
            Self::Value(value) => Patch::Value(f(value)),
        }
    }
}

impl Patch<i64> {
    /// The field after the patch, for a small number whose range has been checked; `default` for one out of
    /// any small range.
    pub fn apply_small(self, current: i16, default: i16) -> i16 {
        self.map(|number| i16::try_from(number).unwrap_or(default)).apply_or(Some(current), default)
    }
}

impl<T> From<T> for Patch<T> {
    fn from(value: T) -> Self {
        Self::Value(value)
    }
}
