//! Whether a page that is not ours made the browser send its cookie (native-api §2).

use actix_web::http::header::{HeaderMap, ORIGIN, REFERER};

/// Whether a state-changing request with the session cookie may pass: its `Origin` (else `Referer`)
/// is the request's own, or one of the allowed. A client that sends neither is no browser page.
pub(crate) fn is_ours(headers: &HeaderMap, own: &str, allowed: &[String]) -> bool {
    let Some(header) = headers.get(ORIGIN).or_else(|| headers.get(REFERER)) else { return true };
    let Some(origin) = header.to_str().ok().and_then(origin_of) else { return false };
    same(&origin, own) || allowed.iter().any(|allowed| same(&origin, allowed))
}

/// Scheme, host and port of a URL; `None` for `null` and what is no URL.
fn origin_of(url: &str) -> Option<String> {
    let (scheme, rest) = url.split_once("://")?;
    let host = rest.split(['/', '?', '#']).next()?;
    (!host.is_empty() && !host.contains('@')).then(|| format!("{scheme}://{host}").to_ascii_lowercase())
}

/// The default port is as good as none.
fn same(one: &str, other: &str) -> bool {
    fn plain(origin: &str) -> &str {
        let port = if origin.starts_with("https://") { ":443" } else { ":80" };
        origin.strip_suffix(port).unwrap_or(origin)
    }
    plain(one) == plain(other)
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::http::header::{HeaderName, HeaderValue};

    fn passes(name: HeaderName, value: &str) -> bool {
        let mut headers = HeaderMap::new();
        headers.insert(name, HeaderValue::from_str(value).expect("a header value"));
        is_ours(&headers, "http://crm.example.com:8080", &["https://app.example.com".to_owned()])
    }

    #[test]
    fn only_ones_own_and_the_allowed_origins_pass() {
        assert!(is_ours(&HeaderMap::new(), "http://a", &[]));
        for good in [
            "http://crm.example.com:8080",
            "HTTP://CRM.example.com:8080",
            "https://app.example.com",
            "https://app.example.com:443",
        ] {
            assert!(passes(ORIGIN, good), "{good}");
        }
        for bad in [
            "null",
            "",
            "http://crm.example.com",
            "https://crm.example.com:8080",
            "http://evil.com",
            "https://app.example.com.evil.com",
            "http://crm.example.com:8080@evil.com",
        ] {
            assert!(!passes(ORIGIN, bad), "{bad}");
        }
        assert!(passes(REFERER, "http://crm.example.com:8080/page?x=1"));
        assert!(!passes(REFERER, "http://evil.com/http://crm.example.com:8080"));
    }
}
