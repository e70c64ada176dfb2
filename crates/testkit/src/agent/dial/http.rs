//! HTTP.

use std::io;

use super::super::connection::{Connection, Trust};
use super::super::http::{Reply, Request, Times, exchange_on};
use super::super::rules::{Rule, Times as TimeRules};
use super::super::spec::{Delivered, Spec, duration};
use super::super::url::Url;
use super::{Found, fine_micros, micros, ssl};

/// How many redirects are followed.
const MOST_REDIRECTS: usize = 10;

pub(super) fn dial(task: &Delivered, trust: &Trust) -> Found {
    let spec = &task.spec;
    let mut found = Found::new("http_dial_testing");
    found.point.tag("url", task.raw["url"].as_str().unwrap_or_default());
    found.point.tag("method", spec.method.clone());
    let Some(url) = Url::parse(&spec.url) else { return found.failed("no URL") };
    let (reply, times) = match followed(spec, url, trust, &mut found) {
        Ok(answered) => answered,
        Err(error) => return found.failed(error.to_string()),
    };
    tell(&mut found, &reply, times);
    for rule in &spec.success_when {
        judge(&mut found, rule, &reply, times);
    }
    found.answer = reply.text();
    found
}

/// The answer at the end of all redirects.
fn followed(
    spec: &Spec,
    mut url: Url,
    trust: &Trust,
    found: &mut Found,
) -> io::Result<(Reply, Times)> {
    let follows = spec.advance_options.request_options.as_ref().is_none_or(|o| o.follow_redirect);
    for _ in 0..MOST_REDIRECTS {
        let (reply, times) = once(spec, &url, trust, found)?;
        let next = matches!(reply.status, 301 | 302 | 303 | 307 | 308) && follows;
        match url.join(reply.header("location")).filter(|_| next) {
            Some(target) => url = target,
            None => return Ok((reply, times)),
        }
    }
    Err(io::Error::other("too many redirects"))
}

fn once(spec: &Spec, url: &Url, trust: &Trust, found: &mut Found) -> io::Result<(Reply, Times)> {
    let options = spec.advance_options.request_options.clone().unwrap_or_default();
    let body = &spec.advance_options.request_body;
    let mut headers: Vec<_> =
        options.headers.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    if !options.cookies.is_empty() {
        headers.push(("Cookie", &options.cookies));
    }
    if !body.body.is_empty() && body.body_type != "None" && !body.body_type.is_empty() {
        headers.push(("Content-Type", &body.body_type));
    }
    headers.push(("Accept-Encoding", "gzip"));
    let request = Request { method: &spec.method, headers, body: body.body.as_bytes() };
    let ignores = spec.advance_options.certificate.ignore_server_certificate_error;
    let connection = Connection::open(url, if ignores { &Trust::Anybody } else { trust })?;
    found.address(connection.peer);
    if let Some(certificate) = &connection.certificate {
        ssl::tell_certificate(&mut found.point, certificate);
    }
    exchange_on(connection, url, &request)
}

fn tell(found: &mut Found, reply: &Reply, times: Times) {
    let point = &mut found.point;
    point.tag("proto", "HTTP/1.1");
    point.tag("status_code_string", format!("{} {}", reply.status, reply.reason).trim());
    point.tag("status_code_class", format!("{}xx", reply.status / 100));
    point.field("status_code", i64::from(reply.status));
    point.field("response_time", micros(whole(times)));
    point.field("response_body_size", i64::try_from(reply.body.len()).unwrap_or(i64::MAX));
    point.field("response_dns", 0.0);
    point.field("response_connection", fine_micros(times.connect));
    point.field("response_ssl", fine_micros(times.tls));
    point.field("response_ttfb", fine_micros(times.first_byte));
    point.field("response_download", fine_micros(times.download));
}

fn whole(times: Times) -> std::time::Duration {
    times.connect + times.tls + times.first_byte + times.download
}

fn judge(found: &mut Found, rule: &Rule, reply: &Reply, times: Times) {
    let verdict = &mut found.verdict;
    for option in &rule.status_code {
        verdict.take(option.check("status code", &reply.status.to_string()));
    }
    for option in &rule.body {
        verdict.take(option.check("body", &reply.text()));
    }
    for (name, options) in &rule.header {
        for option in options {
            let value = reply.header(&name.to_ascii_lowercase());
            verdict.take(option.check(&format!("header {name}"), value));
        }
    }
    if let Some(TimeRules::Text(limit)) = &rule.response_time
        && let Some(limit) = duration(limit)
    {
        let took = whole(times);
        verdict.take((took > limit).then(|| format!("response time is {took:?}, above {limit:?}")));
    }
}
