//! The published cases of results, A27 to A35.

use serde_json::{Value, json};

use super::{NODE, World, of, task, worlds};

/// The example of section 3.5 of the dialing contract.
const EXAMPLE: &str = concat!(
    r#"http_dial_testing,city=Shahrak,country=Afghanistan,datakit_version=1.84.1,"#,
    r#"dest_ip=127.0.0.1,df_label=["team:net"\,"x"],env=t,internal=false,isp=telecom,method=GET,"#,
    r#"name=dial_a,node_name=test,owner=custom,proto=HTTP/1.1,rack=r1,status=OK,"#,
    r#"status_code_class=2xx,status_code_string=200\ OK,team=net,"#,
    r#"url=http://127.0.0.1:18081/target/dial_a config_vars="[]","#,
    r#"message="{\"request_body\":{},\"request_header\":{},\"status\":\"OK\"}","#,
    r#"response_body_size=11i,response_connection=161.796,response_dns=0,"#,
    r#"response_download=284.323,response_ssl=0,response_time=1848i,response_ttfb=1564.186,"#,
    r#"seq_number=1i,status_code=200i,success=1i,"#,
    r#"task="{\"url\":\"http://127.0.0.1:18081/target/dial_a\",\"method\":\"GET\"}" "#,
    "1795306140710624107\n",
);

fn send(world: &World, path: &str, body: &str) -> (u16, String) {
    let call = world.call(path, body).header("x-points", "1");
    let call = call.header("x-pkg-id", "dk_dc13571ksdu9bno0u8u0");
    let answer = call.header("x-sub-category", "dialtesting").send();
    (answer.status(), answer.text)
}

#[test]
fn a27_the_example_is_kept_with_all_that_it_tells() {
    for world in worlds() {
        let path = format!("/pre/v1/write/logging?token={}", world.token);
        assert_eq!(send(&world, &path, EXAMPLE), (204, String::new()));
        let expected = json!({
            "at": "2026-11-22T00:09:00.710624107Z", "time_ns": 1_795_306_140_710_624_107_i64,
            "received_at": "2026-11-22T08:06:55.298602Z",
            "enterprise_id": world.register.enterprise.to_string(),
            "node": null, "task_id": null, "region_id": null,
            "measurement": "http_dial_testing", "class": "http", "status": "OK", "success": 1,
            "response_time_us": 1848, "dns_us": 0, "connect_us": 162, "tls_us": 0,
            "first_byte_us": 1564, "download_us": 284, "status_code": 200,
            "packet_loss_percent": null, "fail_reason": null, "certificate_expires_at": null,
            "agent_version": "1.84.1",
            "tags": {
                "city": "Shahrak", "country": "Afghanistan", "datakit_version": "1.84.1",
                "dest_ip": "127.0.0.1", "df_label": "[\"team:net\",\"x\"]", "env": "t",
                "internal": "false", "isp": "telecom", "method": "GET", "name": "dial_a",
                "node_name": "test", "owner": "custom", "proto": "HTTP/1.1", "rack": "r1",
                "status_code_class": "2xx", "status_code_string": "200 OK", "team": "net",
                "url": "http://127.0.0.1:18081/target/dial_a",
            },
        });
        assert_eq!(world.results(""), [expected], "{}", world.register.name);
    }
}

#[test]
fn a_path_of_node_and_task_tells_whose_results_they_are() {
    for world in worlds() {
        assert_eq!(send(&world, &world.path(), EXAMPLE).0, 204);
        let found = world.results("");
        let node = json!({
            "id": NODE, "name": "Hangzhou telecom", "country": "China", "province": "Zhejiang",
            "city": "Hangzhou", "isp": "telecom", "internal": true,
        });
        assert_eq!(of(&found, &["node", "task_id"]), json!([[node, task().to_string()]]));
    }
}

#[test]
fn a30_a_wrong_token_is_refused_and_nothing_kept() {
    for world in worlds() {
        let wrong = "tkn_00000000000000000000000000000000";
        for path in [
            format!("/pre/v1/write/logging?token={wrong}"),
            format!("/dial/{NODE}/{}/v1/write/logging?token={wrong}", task()),
            "/v1/write/logging?token=".to_owned(),
            "/v1/write/logging".to_owned(),
            format!("/v1/write/logging?token=&token={}", world.token),
        ] {
            let (status, body) = send(&world, &path, EXAMPLE);
            let body: Value = serde_json::from_str(&body).unwrap();
            let expected = json!({
                "code": 403, "error_code": "kodo.InvalidToken", "errorCode": "kodo.InvalidToken",
                "message": "the token is not accepted",
            });
            assert_eq!((status, body), (403, expected), "{path}");
        }
        assert_eq!(world.results(""), [json!(null); 0]);
    }
}

#[test]
fn a32_a_broken_line_is_refused_with_all_of_its_body() {
    for world in worlds() {
        let path = format!("/v1/write/logging?token={}", world.token);
        let broken = "http_dial_testing,name success\n";
        for body in [broken.to_owned(), format!("{EXAMPLE}{broken}"), format!("{broken}{EXAMPLE}")]
        {
            let (status, answer) = send(&world, &path, &body);
            let answer: Value = serde_json::from_str(&answer).unwrap();
            assert_eq!((status, &answer["errorCode"]), (400, &json!("kodo.InvalidLineProtocol")));
        }
        let (_, answer) = send(&world, &path, broken);
        assert!(answer.contains("line 1, column 23: "), "{answer}");
        assert!(!answer.contains("success"), "{answer}");
        assert_eq!(world.results(""), [json!(null); 0]);
    }
}

#[test]
fn a33_to_a35_odd_texts_and_newer_classes_are_kept() {
    for world in worlds() {
        let path = format!("/v1/write/logging?token={}", world.token);
        for body in [
            "tcp_dial_testing,name=t,status=FAIL success=-1i,message=\"a \\\"b\\\" \\\\ c\nd\" 1795306141711546074\n",
            "multi_dial_testing,name=m,status=OK,uuid=reg_cg2britepb7e977fpm8g success=1i,last_step=0i,response_time=4274i,steps=\"[{\\\"type\\\":\\\"http\\\"}]\" 1795306144718000000\n",
            "ssl_dial_testing,name=s,status=OK success=1i,tls_handshake_time=900i 1795306145718000000\n",
            "new_dial_testing,status=RETRY_OK success=1i,response_time=5i 1795306146718000000\n",
        ] {
            assert_eq!(send(&world, &path, body), (204, String::new()), "{body}");
        }
        let found = world.results("");
        let fields = ["measurement", "class", "status", "success", "response_time_us"];
        let expected = json!([
            ["new_dial_testing", null, "RETRY_OK", 1, 5],
            ["ssl_dial_testing", "ssl", "OK", 1, 900],
            ["multi_dial_testing", "multi", "OK", 1, 4274],
            ["tcp_dial_testing", "tcp", "FAIL", -1, null],
        ]);
        assert_eq!(of(&found, &fields), expected, "{}", world.register.name);
        assert!(!found.iter().any(|item| item.to_string().contains("a \\\\\"b")), "{found:?}");
    }
}
