//! Why a service refuses or fails, and the stable code of each reason.

use crate::Problems;

/// Why a service method did not do what it was asked.
///
/// All domain crates share this one type: they refuse for the same few reasons, and callers treat
/// the reasons, not the crates, differently. The text of every variant but [`Error::Internal`] is
/// Chinese and fit to be shown to a person.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// One or more fields of the input are wrong; nothing was written.
    #[error("参数错误:{}", .0.iter().map(|e| format!("{} {}", e.field, e.message)).collect::<Vec<_>>().join(";"))]
    Invalid(Problems),
    /// There is no such session.
    #[error("未登录或登录已失效")]
    Unauthenticated,
    /// The session was not used for too long, or is too old.
    #[error("登录已过期,请重新登录")]
    SessionExpired,
    /// A newer sign-in of the same person ended the session.
    #[error("你的帐号已在其他地方登录,本地已经下线")]
    SessionReplaced,
    /// Phone number, password or account is not right; which of them is not told.
    #[error("手机号或密码错误")]
    InvalidCredentials,
    /// The caller's role or rights do not allow this.
    #[error("没有权限执行此操作")]
    Forbidden,
    /// The caller must set a new password first.
    #[error("请先修改初始密码")]
    PasswordChangeRequired,
    /// There is no such record, or the caller may not see it.
    #[error("{0}不存在")]
    NotFound(&'static str),
    /// The state of the data does not allow this now.
    #[error("{message}")]
    Conflict {
        /// The field that is in conflict, as the native contract spells it.
        field: &'static str,
        /// What is in conflict, in Chinese.
        message: String,
    },
    /// The record has changed since the caller read it.
    #[error("记录已被他人修改,请刷新后重试")]
    Stale,
    /// Too many attempts.
    #[error("操作过于频繁,请稍后再试")]
    TooManyRequests {
        /// Seconds until it is worth trying again.
        retry_after: u32,
    },
    /// The database did not answer in time; whether a write was done is unknown only if it was already being committed.
    #[error("服务暂时不可用,请稍后再试")]
    Unavailable,
    /// A defect or a failure nobody foresaw. The source is for the log, never for the caller.
    #[error("服务器内部错误")]
    Internal(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl Error {
    /// A [`Error::Conflict`] about `field`.
    pub fn conflict(field: &'static str, message: impl Into<String>) -> Self {
        Self::Conflict { field, message: message.into() }
    }

    /// A [`Error::Invalid`] about one field.
    pub fn invalid(field: &str, message: impl Into<String>) -> Self {
        let mut problems = Problems::default();
        problems.push(field, message);
        Self::Invalid(problems)
    }

    /// A [`Error::Internal`] that says only this in the log.
    pub fn internal(what: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Internal(what.into())
    }

    /// The stable code of this reason.
    pub fn code(&self) -> Code {
        match self {
            Self::Invalid(_) => Code::ValidationFailed,
            Self::Unauthenticated => Code::Unauthenticated,
            Self::SessionExpired => Code::SessionExpired,
            Self::SessionReplaced => Code::SessionReplaced,
            Self::InvalidCredentials => Code::InvalidCredentials,
            Self::Forbidden => Code::Forbidden,
            Self::PasswordChangeRequired => Code::PasswordChangeRequired,
            Self::NotFound(_) => Code::NotFound,
            Self::Conflict { .. } => Code::Conflict,
            Self::Stale => Code::Stale,
            Self::TooManyRequests { .. } => Code::TooManyRequests,
            Self::Unavailable => Code::Unavailable,
            Self::Internal(_) => Code::Internal,
        }
    }
}

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $text:literal,)*) => {
        /// The stable machine codes of native-api §1 "Failure".
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Code {
            $($(#[$doc])* $name,)*
        }

        impl Code {
            /// Every code.
            pub const ALL: &[Code] = &[$(Code::$name,)*];

            /// The code as clients read it.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $text,)*
                }
            }
        }
    };
}

codes! {
    /// A field is wrong.
    ValidationFailed = "validation_failed",
    /// The request cannot be read at all.
    MalformedRequest = "malformed_request",
    /// No session.
    Unauthenticated = "unauthenticated",
    /// Sign-in refused.
    InvalidCredentials = "invalid_credentials",
    /// Ended by a newer sign-in.
    SessionReplaced = "session_replaced",
    /// Ended by age or idleness.
    SessionExpired = "session_expired",
    /// Not allowed.
    Forbidden = "forbidden",
    /// A new password must be set first.
    PasswordChangeRequired = "password_change_required",
    /// No such record or path.
    NotFound = "not_found",
    /// The path has no such method.
    MethodNotAllowed = "method_not_allowed",
    /// The state of the data is against it.
    Conflict = "conflict",
    /// Changed by somebody else meanwhile.
    Stale = "stale",
    /// The body is too large.
    PayloadTooLarge = "payload_too_large",
    /// The body is of a kind that is not read here.
    UnsupportedMediaType = "unsupported_media_type",
    /// Too many attempts.
    TooManyRequests = "too_many_requests",
    /// Try again in a moment.
    Unavailable = "unavailable",
    /// A defect.
    Internal = "internal",
}

/// What a database failure means to the caller. Whoever knows a constraint says so before it comes
/// here; what is left is either a database that is away or too busy, or a defect.
#[cfg(feature = "diesel")]
impl From<diesel::result::Error> for Error {
    fn from(error: diesel::result::Error) -> Self {
        use diesel::result::{DatabaseErrorKind as Kind, Error as Diesel};

        // Neither engine's driver tells these apart by kind; the texts are the engines' own.
        const AWAY: &[&str] = &[
            "database is locked",
            "database table is locked",
            "database or disk is full",
            "disk I/O error",
            "unable to open database",
            "attempt to write a readonly database",
            "No space left on device",
            "could not extend file",
            "canceling statement due to",
            "deadlock detected",
            "terminating connection",
            "the database system is",
            "server closed the connection",
            "connection to server",
            "no connection to the server",
            "could not receive data from server",
            "SSL connection has been closed",
        ];
        let away = match &error {
            Diesel::DatabaseError(
                Kind::ClosedConnection
                | Kind::UnableToSendCommand
                | Kind::SerializationFailure
                | Kind::ReadOnlyTransaction,
                _,
            )
            | Diesel::BrokenTransactionManager => true,
            Diesel::DatabaseError(_, info) => AWAY.iter().any(|text| info.message().contains(text)),
            _ => false,
        };
        if away { Self::Unavailable } else { Self::Internal(Box::new(error)) }
    }
}
