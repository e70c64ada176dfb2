//! What every answer tells a browser, so that it does nothing with it but hand it to who asked.

use actix_web::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderMap, HeaderName, HeaderValue, REFERRER_POLICY,
    STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};

/// The headers of every answer.
const ALWAYS: [(HeaderName, &str); 5] = [
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (X_FRAME_OPTIONS, "DENY"),
    (CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'"),
    (REFERRER_POLICY, "no-referrer"),
    // Answers depend on who asks, and may hold secrets.
    (CACHE_CONTROL, "no-store"),
];

/// A year. Not for other hosts of the same domain, which are none of our business.
const ALWAYS_TLS: &str = "max-age=31536000";

/// Adds what a handler has not said in its own way.
pub fn add(headers: &mut HeaderMap, tls: bool) {
    for (name, value) in ALWAYS {
        set(headers, name, value);
    }
    if tls {
        set(headers, STRICT_TRANSPORT_SECURITY, ALWAYS_TLS);
    }
}

fn set(headers: &mut HeaderMap, name: HeaderName, value: &'static str) {
    if !headers.contains_key(&name) {
        headers.insert(name, HeaderValue::from_static(value));
    }
}

#[cfg(test)]
mod tests {
    use super::{HeaderMap, HeaderValue, X_FRAME_OPTIONS, add};

    #[test]
    fn what_a_handler_said_stays() {
        let mut headers = HeaderMap::new();
        headers.insert(X_FRAME_OPTIONS, HeaderValue::from_static("SAMEORIGIN"));
        add(&mut headers, true);
        let said: Vec<_> = headers.get_all(X_FRAME_OPTIONS).collect();
        assert_eq!(said, ["SAMEORIGIN"]);
        assert_eq!(headers.len(), 6);
    }
}
