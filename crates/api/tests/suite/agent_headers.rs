//! What is signed, and about which node.

use cadastre_domain::node::{Authorization, SecretKey, SignedRequest, content_md5};
use cadastre_testkit::sample::text;

use crate::agent_fixture::{Agent, Site, check_refused};
use crate::raw::Peer;
use crate::support::{Answer, Register, registers};

const DATE: &str = "Sun, 05 Mar 2023 16:05:31 GMT";

/// The answer to a pull with these headers, signed as if those that are no text were a zero.
fn pull(register: &Register, agent: &Agent, headers: [&[u8]; 3]) -> Answer {
    let signed = headers.map(|header| std::str::from_utf8(header).unwrap_or("\0"));
    let [content_md5, content_type, date] = signed;
    let request = SignedRequest { method: "GET", content_md5, content_type, date };
    let signature = request.sign(&text::<SecretKey>(&agent.sk));
    let authorization = Authorization { key: text(&agent.ak), signature }.to_string();
    let line = format!("GET /v1/task/pull?region_id={} HTTP/1.1\r\nHost: x\r\n", agent.node);
    let mut bytes = line.into_bytes();
    let names = ["Content-MD5", "Content-Type", "Date"].into_iter().zip(headers);
    for (name, value) in names.chain([("Authorization", authorization.as_bytes())]) {
        if !value.is_empty() {
            bytes.extend([name.as_bytes(), b": ", value, b"\r\n"].concat());
        }
    }
    bytes.extend(b"\r\n");
    let mut peer = Peer::of(register);
    peer.send(bytes);
    peer.answer().unwrap()
}

#[test]
fn a_signature_over_what_is_no_text_says_nothing_and_stops_nobody() {
    for register in registers() {
        let site = Site::new(&register);
        let (agent, other) = (site.node("one"), site.node("two"));
        let (md5, date) = (content_md5(b""), DATE.as_bytes());
        let md5 = md5.as_bytes();
        let bad: [[&[u8]; 3]; 4] = [
            [md5, b"", b"\xff"],
            [md5, b"\xff", date],
            [b"\xff", b"", date],
            [md5, b"", b"Sun, 5 M\xe4r"],
        ];
        for headers in bad {
            let answer = pull(&register, &agent, headers);
            check_refused(&answer, 401, "kodo.InvalidSignature", register.name);
        }
        assert_eq!(pull(&register, &agent, [md5, b"", b"a\tb"]).status(), 200);
        assert_eq!(pull(&register, &other, [md5, b"", date]).status(), 200);
        register.app.contacts.write(&register.app.store).unwrap();
        let beside = register.beside();
        for (agent, told) in [(&agent, "ab"), (&other, DATE)] {
            let there = Site { register: &beside, admin: site.admin.clone() };
            assert_eq!(there.shown(agent)["liveness"]["clock"]["text"], told, "{}", register.name);
        }
    }
}

#[test]
fn whoever_names_no_node_is_told_so_and_a_stranger_nothing() {
    for register in registers() {
        let site = Site::new(&register);
        let (agent, other) = (site.node("one"), site.node("two"));
        for query in ["", "?since=0", "?region_id=", "?region_id=&since=0"] {
            let path = format!("/v1/task/pull{query}");
            let answer = agent.signed(&register, "GET", &path, b"").send();
            check_refused(&answer, 400, "kodo.InvalidParameter", query);
            let mut forged = agent.clone();
            forged.sk = "x".repeat(40);
            let answer = forged.signed(&register, "GET", &path, b"").send();
            check_refused(&answer, 401, "kodo.InvalidSignature", query);
        }
        let mut answers = Vec::new();
        for node in [other.node.as_str(), "reg_00000000000000000000", "x"] {
            let path = format!("/v1/task/pull?region_id={node}");
            let answer = agent.signed(&register, "GET", &path, b"").send();
            check_refused(&answer, 403, "kodo.AccessDenied", node);
            answers.push(answer.text);
        }
        answers.dedup();
        assert_eq!(answers.len(), 1, "nobody learns which nodes there are: {answers:?}");
    }
}
