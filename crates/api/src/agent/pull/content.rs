//! The answer to a pull. There is never a null in it: agents that read one stop for good (dialing
//! contract, section 3.2).

use std::collections::BTreeMap;
use std::io::Write as _;

use actix_web::HttpRequest;
use actix_web::http::header;
use actix_web::web::Bytes;
use cadastre_domain::node::Node;
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Map, Value, json};

use crate::error::Error;
use crate::kept;
use crate::service::pulls::News;
use crate::service::tasks::delivery::agent_region;

/// From how many bytes on it is worth to compress an answer: below, it fits into one packet.
const WORTH: usize = 1400;

/// An answer that is ready to be sent.
pub(super) struct Answer {
    pub(super) body: Bytes,
    pub(super) is_gzip: bool,
}

/// The answer when nothing is new.
pub(super) fn nothing_new(node: &Node) -> Result<Bytes, Error> {
    kept::json(&json!({ "content": { "region": agent_region(node) } }))
}

/// The answer with what is new. A class without tasks has no key.
pub(super) fn render(region: &Value, news: News, gzip: bool) -> Result<Answer, Error> {
    let mut classes: BTreeMap<_, Vec<Value>> = BTreeMap::new();
    for (class, task) in news.tasks {
        classes.entry(class).or_default().push(task.into());
    }
    let mut content = Map::new();
    content.insert("region".to_owned(), region.clone());
    for (class, tasks) in classes {
        content.insert(class.agent_key().to_owned(), tasks.into());
    }
    if !news.variables.is_empty() {
        let variables = Value::from(news.variables).to_string();
        content.insert("variables".to_owned(), variables.into());
    }
    let body = kept::json(&json!({ "content": content }))?;
    if !gzip || body.len() < WORTH {
        return Ok(Answer { body, is_gzip: false });
    }
    Ok(Answer { body: compressed(&body)?, is_gzip: true })
}

fn compressed(body: &[u8]) -> Result<Bytes, Error> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    let written = encoder.write_all(body).and_then(|()| encoder.finish());
    written.map(Bytes::from).map_err(|error| Error::Internal(error.to_string().into()))
}

/// Whether the answer may be compressed.
pub(super) fn accepts_gzip(request: &HttpRequest) -> bool {
    let values = request.headers().get_all(header::ACCEPT_ENCODING);
    let codings = values.flat_map(|value| value.to_str().unwrap_or_default().split(','));
    codings.into_iter().any(is_gzip)
}

fn is_gzip(coding: &str) -> bool {
    let mut parts = coding.split(';').map(str::trim);
    let name = parts.next().unwrap_or_default();
    let refused = |part: &str| {
        part.strip_prefix("q=").and_then(|q| q.parse::<f32>().ok()).is_some_and(|q| q <= 0.0)
    };
    name.eq_ignore_ascii_case("gzip") && !parts.any(refused)
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use cadastre_domain::task::TaskClass;
    use flate2::read::GzDecoder;

    use super::*;

    fn rendered(news: News, gzip: bool) -> (Value, bool) {
        let answer = render(&json!({"name": "n"}), news, gzip).expect("it can be rendered");
        let mut body = Vec::new();
        if answer.is_gzip {
            GzDecoder::new(&*answer.body).read_to_end(&mut body).expect("gzip");
        } else {
            body.extend_from_slice(&answer.body);
        }
        (serde_json::from_slice(&body).expect("JSON"), answer.is_gzip)
    }

    #[test]
    fn tasks_come_by_class_as_strings_and_variables_as_one_string() {
        let news = News {
            tasks: vec![
                (TaskClass::Tcp, "{\"a\":1}".to_owned()),
                (TaskClass::Http, "{}".to_owned()),
                (TaskClass::Tcp, "{\"a\":2}".to_owned()),
            ],
            variables: vec![json!({"uuid": "var_1"})],
        };
        let content = json!({
            "region": {"name": "n"},
            "HTTP": ["{}"],
            "TCP": ["{\"a\":1}", "{\"a\":2}"],
            "variables": "[{\"uuid\":\"var_1\"}]",
        });
        assert_eq!(rendered(news, true), (json!({ "content": content }), false));
        let content = json!({"region": {"name": "n"}});
        assert_eq!(rendered(News::default(), true), (json!({ "content": content }), false));
    }

    #[test]
    fn only_what_is_large_is_compressed_and_only_when_that_is_accepted() {
        let news = || {
            let tasks = vec![(TaskClass::Http, "x".repeat(2000))];
            News { tasks, variables: Vec::new() }
        };
        let (plain, compressed) = (rendered(news(), false), rendered(news(), true));
        assert_eq!(plain.0, compressed.0);
        assert_eq!((plain.1, compressed.1), (false, true));
    }

    #[test]
    fn gzip_is_accepted_when_it_is_named_and_not_refused() {
        for (coding, expected) in [
            ("gzip", true),
            (" GZIP ; q=0.5", true),
            ("gzip;q=0", false),
            ("gzip; q=0.0", false),
            ("deflate", false),
            ("", false),
            ("xgzip", false),
        ] {
            assert_eq!(is_gzip(coding), expected, "{coding}");
        }
    }
}
