//! Why a request failed, and the one table from reasons to HTTP statuses.

use actix_web::http::StatusCode;
use crm_core::{Code, Error, FieldError};

/// Why a request failed.
#[derive(Debug)]
pub enum Failure {
    /// A service refused or failed.
    Domain(Error),
    /// The request cannot be read.
    Malformed(&'static str),
    /// There is no such path.
    NoSuchPath,
    /// The path has no such method; these it has.
    MethodNotAllowed(String),
    /// The body is larger than is read here.
    PayloadTooLarge,
    /// The body is of a kind that is not read here.
    UnsupportedMediaType,
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Domain(error)
    }
}

impl Failure {
    /// The stable code.
    pub fn code(&self) -> Code {
        match self {
            Self::Domain(error) => error.code(),
            Self::Malformed(_) => Code::MalformedRequest,
            Self::NoSuchPath => Code::NotFound,
            Self::MethodNotAllowed(_) => Code::MethodNotAllowed,
            Self::PayloadTooLarge => Code::PayloadTooLarge,
            Self::UnsupportedMediaType => Code::UnsupportedMediaType,
        }
    }

    /// What a person reads, in Chinese.
    pub fn message(&self) -> String {
        match self {
            Self::Domain(error) => error.to_string(),
            Self::Malformed(what) => format!("请求格式错误:{what}"),
            Self::NoSuchPath => "接口不存在".to_owned(),
            Self::MethodNotAllowed(_) => "不支持该请求方法".to_owned(),
            Self::PayloadTooLarge => "请求体过大".to_owned(),
            Self::UnsupportedMediaType => "不支持该Content-Type".to_owned(),
        }
    }

    /// The fields at fault.
    pub fn fields(&self) -> Vec<FieldError> {
        match self {
            Self::Domain(Error::Invalid(problems)) => problems.iter().cloned().collect(),
            Self::Domain(Error::Conflict { field, message }) => {
                vec![FieldError { field: (*field).to_owned(), message: message.clone() }]
            }
            _ => Vec::new(),
        }
    }

    /// Seconds until it is worth trying again.
    pub fn retry_after(&self) -> Option<u32> {
        match self {
            Self::Domain(Error::TooManyRequests { retry_after }) => Some(*retry_after),
            Self::Domain(Error::Unavailable) => Some(1),
            _ => None,
        }
    }
}

/// The HTTP status of each code.
pub fn status(code: Code) -> StatusCode {
    match code {
        Code::ValidationFailed | Code::MalformedRequest => StatusCode::BAD_REQUEST,
        Code::Unauthenticated | Code::InvalidCredentials | Code::SessionReplaced | Code::SessionExpired => {
            StatusCode::UNAUTHORIZED
        }
        Code::Forbidden | Code::PasswordChangeRequired => StatusCode::FORBIDDEN,
        Code::NotFound => StatusCode::NOT_FOUND,
        Code::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
        Code::Conflict | Code::Stale => StatusCode::CONFLICT,
        Code::PayloadTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        Code::UnsupportedMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
        Code::TooManyRequests => StatusCode::TOO_MANY_REQUESTS,
        Code::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        Code::Internal => StatusCode::INTERNAL_SERVER_ERROR,
    }
}
