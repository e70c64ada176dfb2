//! What an agent asks and tells the host in `post_url` (dialing contract, sections 3.4 and 3.5).

use serde_json::Value;

use super::connection::Trust;
use super::http::{Reply, Request, exchange};
use super::url::Url;

/// Whether a token is not refused: all but a clear refusal in JSON counts as valid.
pub(super) fn accepts_token(post_url: &str, trust: &Trust) -> bool {
    let Some(url) = Url::parse(post_url) else { return false };
    let Some(token) = url.parameter("token").map(str::to_owned) else { return false };
    let url = url.at(&format!("/v1/check/token/{token}"), "");
    let request = Request { method: "GET", headers: vec![("Accept-Encoding", "gzip")], body: b"" };
    exchange(&url, trust, &request).map_or(true, |reply| !is_refusal(&reply))
}

fn is_refusal(reply: &Reply) -> bool {
    if reply.status == 200 || reply.status / 100 == 5 {
        return false;
    }
    let Ok(answer) = serde_json::from_slice::<Value>(&reply.body) else { return false };
    let has_code = answer["errorCode"].as_str().is_some_and(|code| !code.is_empty());
    answer["code"] != 200 && has_code
}

/// Posts one line; the status of the answer. There is no second try.
pub(super) fn post(post_url: &str, trust: &Trust, line: &str) -> Option<u16> {
    let url = Url::parse(post_url)?;
    let path = format!("{}/v1/write/logging", url.path.trim_end_matches('/'));
    let url = url.at(&path, &url.query);
    let package = format!("dk_{}", xid::new());
    let headers = vec![
        ("Content-Type", "application/line-protocol"),
        ("X-Pkg-Id", package.as_str()),
        ("X-Points", "1"),
        ("X-Sub-Category", "dialtesting"),
        ("Accept-Encoding", "gzip"),
    ];
    let request = Request { method: "POST", headers, body: line.as_bytes() };
    exchange(&url, trust, &request).ok().map(|reply| reply.status)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_clear_refusal_ends_a_task() {
        let refused = r#"{"code": 403, "errorCode": "kodo.InvalidToken"}"#;
        for (status, body, is_refused) in [
            (200, refused, false),
            (403, refused, true),
            (404, refused, true),
            (500, refused, false),
            (403, r#"{"code": 200, "errorCode": "x"}"#, false),
            (403, r#"{"code": 403, "errorCode": ""}"#, false),
            (403, "{}", false),
            (404, "not found", false),
        ] {
            let (reason, headers) = (String::new(), Vec::new());
            let reply = Reply { status, reason, headers, body: body.as_bytes().to_vec() };
            assert_eq!(is_refusal(&reply), is_refused, "{status} {body}");
        }
    }
}
