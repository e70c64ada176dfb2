//! The two faces seen alike: where each creates something, with what, and how it refuses.

use cadastre_domain::role::Role;
use serde_json::{Value, json};

use crate::raw::Peer;
use crate::support::{Answer, Call, Register, registers};

/// One of the faces on which things are created.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Face {
    /// Regions are created here.
    Rainbond,
    /// Nodes are created here.
    Dialing,
}

impl Face {
    /// All faces.
    pub const ALL: [Self; 2] = [Self::Rainbond, Self::Dialing];

    /// Where something is created.
    pub const fn path(self) -> &'static str {
        match self {
            Self::Rainbond => "/openapi/v1/regions",
            Self::Dialing => "/api/v1/dialing_region/regist",
        }
    }

    /// The header of the key.
    pub const fn key_header(self) -> &'static str {
        match self {
            Self::Rainbond => "authorization",
            Self::Dialing => "df-api-key",
        }
    }

    /// The status of the answer to a creation.
    pub const fn created(self) -> u16 {
        match self {
            Self::Rainbond => 201,
            Self::Dialing => 200,
        }
    }

    /// Every field that takes text.
    pub const fn texts(self) -> &'static [&'static str] {
        match self {
            Self::Rainbond => &[
                "region_id",
                "region_name",
                "region_alias",
                "url",
                "token",
                "wsurl",
                "httpdomain",
                "tcpdomain",
                "scope",
                "ssl_ca_cert",
                "cert_file",
                "key_file",
                "status",
                "desc",
                "enterprise_id",
            ],
            Self::Dialing => &["isp", "country", "province", "city", "name", "company", "keycode"],
        }
    }

    /// A body that is accepted. No two things may have the same `name`.
    pub fn body(self, name: &str) -> Value {
        match self {
            Self::Rainbond => json!({
                "region_name": name, "region_alias": "first", "url": "https://rbd-api-api:8443",
                "wsurl": "ws://rbd-api-websocket:6060", "httpdomain": "h.example.com",
                "tcpdomain": "1.2.3.4",
            }),
            Self::Dialing => json!({
                "internal": true, "isp": "telecom", "country": "China", "keycode": name,
            }),
        }
    }

    /// Checks that this is a refusal in the shape of the face.
    pub fn check_refusal(self, answer: &Answer, what: &str) {
        assert_eq!(answer.header("content-type"), "application/json", "{what} {answer:?}");
        let body = answer.json();
        let keys = body.as_object().unwrap().keys().map(String::as_str).collect::<Vec<_>>();
        let well = match (self, keys.as_slice()) {
            (Self::Dialing, keys) => {
                keys == ["code", "content", "errorCode", "message", "success", "traceId"]
                    && body["code"] == answer.status()
                    && body["content"] == json!({})
                    && body["success"] == false
            }
            (_, ["detail", "err", "code", "error_type"]) => body["code"] == 20400,
            (_, ["detail", "code", "msg", "msg_show", "error_type"]) => {
                body["code"] == answer.status()
            }
            (_, keys) => keys == ["code", "msg", "msg_show", "data"] || keys == ["msg"],
        };
        assert!(well, "{what} {answer:?}");
    }
}

/// One face of one register, with a key that may create things there.
pub struct Site<'a> {
    /// The register.
    pub register: &'a Register,
    /// The face.
    pub face: Face,
    /// The key.
    pub key: String,
}

/// Every face of this register.
pub fn sites(register: &Register) -> [Site<'_>; 2] {
    Face::ALL.map(|face| {
        let key = register.token(Role::Admin, register.enterprise, &[]);
        Site { register, face, key }
    })
}

/// Runs `check` for every face on every database, each with a register that is empty.
pub fn each_site(check: impl Fn(&Site)) {
    for register in registers() {
        for site in sites(&register) {
            check(&site);
        }
    }
}

impl Site<'_> {
    /// What is tested, for messages.
    pub fn name(&self) -> String {
        format!("{} {:?}", self.register.name, self.face)
    }

    /// A request to create something, without a body.
    pub fn post(&self) -> Call {
        self.register.request("POST", self.face.path()).header(self.face.key_header(), &self.key)
    }

    /// The answer to a body that claims to be JSON.
    pub fn post_json(&self, body: impl Into<Vec<u8>>) -> Answer {
        self.post().body("application/json", body).send()
    }

    /// The answer to a good request for something of this name.
    pub fn create(&self, name: &str) -> Answer {
        self.post().json(&self.face.body(name)).send()
    }

    /// The beginning of a request to create something, by hand: everything before the body.
    pub fn head(&self, headers: &str) -> String {
        let (path, header, key) = (self.face.path(), self.face.key_header(), &self.key);
        format!("POST {path} HTTP/1.1\r\nHost: register\r\n{header}: {key}\r\n{headers}\r\n")
    }

    /// The answer to bytes on a connection of their own, after which nothing more is sent.
    pub fn exchange(&self, parts: &[&[u8]]) -> Option<Answer> {
        let mut peer = Peer::of(self.register);
        for part in parts {
            peer.send(part);
        }
        peer.finish();
        peer.answer()
    }

    /// The names of everything that was created, the oldest first.
    pub fn stored(&self) -> Vec<String> {
        let enterprise = self.register.enterprise;
        let face = self.face;
        let names = self.register.app.store.read(move |tx| match face {
            Face::Rainbond => {
                let regions = tx.list_regions(enterprise)?;
                Ok(regions.into_iter().map(|region| region.name.into()).collect())
            }
            Face::Dialing => {
                let nodes = tx.list_nodes(enterprise)?;
                Ok(nodes.into_iter().map(|node| node.profile.keycode.into()).collect())
            }
        });
        names.map_err(|error: cadastre_storage::StorageError| error).unwrap()
    }

    /// Checks that this is a refusal with one of these statuses in the face's shape, that nothing
    /// was stored so far, and that the server still answers.
    pub fn check_refused(&self, answer: &Answer, statuses: &[u16], what: &str) {
        let what = format!("{}: {what}", self.name());
        assert!(statuses.contains(&answer.status()), "{what} {answer:?}");
        self.face.check_refusal(answer, &what);
        self.check_untouched(&what);
    }

    /// Checks that nothing was stored so far, and that the server still answers.
    pub fn check_untouched(&self, what: &str) {
        assert_eq!(self.stored(), [] as [&str; 0], "{what}");
        let alive = self.register.request("GET", "/livez").send();
        assert_eq!((alive.status(), alive.text.as_str()), (200, "alive\n"), "{what}");
    }

    /// Checks that a good request is still served, whatever came before.
    pub fn check_serves(&self, name: &str) {
        let answer = self.create(name);
        assert_eq!(answer.status(), self.face.created(), "{} {answer:?}", self.name());
        assert!(self.stored().iter().any(|stored| stored == name), "{}", self.name());
    }
}
