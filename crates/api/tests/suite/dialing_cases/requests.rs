//! Requests of cases: on top of each other, and signed as an agent does it.

use cadastre_domain::node::{Authorization, SecretKey, SignedRequest, content_md5};
use cadastre_testkit::sample::text;
use chrono::TimeDelta;
use serde_json::{Value, json};

use super::case;
use super::world::World;
use crate::support::{Answer, Call};

/// A result as an agent sent it, in an example of the published protocol.
const RESULT: &str = concat!(
    r#"http_dial_testing,city=Shahrak,country=Afghanistan,datakit_version=1.84.1,"#,
    r#"dest_ip=127.0.0.1,df_label=["team:net"\,"x"],env=t,internal=false,isp=telecom,method=GET,"#,
    r#"name=dial_a,node_name=test,owner=custom,proto=HTTP/1.1,rack=r1,status=OK,"#,
    r#"status_code_class=2xx,status_code_string=200\ OK,team=net,"#,
    r#"url=http://127.0.0.1:18081/target/dial_a config_vars="[]","#,
    r#"message="{\"request_body\":{},\"request_header\":{},\"status\":\"OK\"}","#,
    r#"response_body_size=11i,response_connection=161.796,response_dns=0,"#,
    r#"response_download=284.323,response_ssl=0,response_time=1848i,response_ttfb=1564.186,"#,
    r#"seq_number=1i,status_code=200i,success=1i,"#,
    r#"task="{\"url\":\"http://127.0.0.1:18081/target/dial_a\",\"method\":\"GET\","#,
    r#"\"success_when_logic\":\"and\",\"success_when\":[{\"status_code\":[{\"is\":\"200\"}]}]}""#,
    " 1795306140710624107\n",
);

/// The request of a case, with that of the other case on which it builds.
pub fn resolved(of: &Value) -> Value {
    let own = &of["request"];
    let mut request = match own["same_as"].as_str() {
        Some(id) => resolved(&case(id)),
        None => json!({}),
    };
    for (key, value) in own.as_object().unwrap() {
        match key.as_str() {
            "add_headers" => {
                for (name, value) in value.as_object().unwrap() {
                    request["headers"][name] = value.clone();
                }
            }
            "token" => {
                let path = request["path"].as_str().unwrap();
                request["path"] = json!(path.replace("{{token}}", value.as_str().unwrap()));
            }
            "raw_ref" => request["raw"] = json!(RESULT),
            "method" | "path" | "headers" | "json" | "raw" | "sign" | "mutate" | "repeat"
            | "date_offset_s" => request[key] = value.clone(),
            // The one was looked at above, the other says how the whole case is run.
            "same_as" | "both_keys" => {}
            other => panic!("say here what {other} means"),
        }
    }
    request
}

impl World<'_> {
    /// Sends a request of a case.
    pub fn send(&mut self, request: &Value) -> Answer {
        let (method, path) =
            (request["method"].as_str().unwrap(), request["path"].as_str().unwrap());
        let path = self.fill(path);
        let mut call = self.register.request(method, &path);
        if path.starts_with("/api/") {
            call = call.api_key(&self.named("key_a"));
        }
        if request["sign"] == true {
            call = self.signed(call, method, request["date_offset_s"].as_i64().unwrap_or(0));
        }
        if !request["json"].is_null() {
            call = call.body("application/json", self.fill(&request["json"].to_string()));
        } else if let Some(raw) = request["raw"].as_str() {
            call = if path.starts_with("/api/") {
                call.body("application/json", raw)
            } else {
                call.plain_body(raw)
            };
        }
        for (name, value) in request["headers"].as_object().into_iter().flatten() {
            let mut value = self.fill(value.as_str().unwrap());
            if name == "Authorization" && request["mutate"] == "signature" {
                let changed = if value.ends_with("A=") { "B=" } else { "A=" };
                value.replace_range(value.len() - 2.., changed);
            }
            call = call.header(name.to_ascii_lowercase().leak(), &value);
        }
        call.send()
    }

    /// Signed with the key of the node, as an agent does it: without a type of the body.
    fn signed(&mut self, call: Call, method: &str, offset: i64) -> Call {
        let secret: SecretKey = text(&self.named("sk"));
        let now = self.register.app.clock.now() + TimeDelta::seconds(offset);
        let date = now.format("%a, %d %b %Y %H:%M:%S GMT").to_string();
        let md5 = content_md5(b"");
        let request = SignedRequest { method, content_md5: &md5, content_type: "", date: &date };
        let signature = request.sign(&secret);
        let authorization = Authorization { key: text(&self.named("ak")), signature };
        call.header("content-md5", &md5)
            .header("date", &date)
            .header("authorization", &authorization.to_string())
    }
}
