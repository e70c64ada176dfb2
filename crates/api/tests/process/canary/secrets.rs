//! The secrets of a register under test, and the search for them in whatever form.

use std::fmt::Write as _;

use aho_corasick::AhoCorasick;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use cadastre_testkit::dump::hex_digits;
use rustls_pki_types::PrivateKeyDer;
use rustls_pki_types::pem::PemObject as _;

/// How much is shown around a secret that was found.
const AROUND: usize = 100;

/// Everything that must not be seen.
pub struct Secrets {
    /// What all planted secrets have in common.
    mark: String,
    planted: usize,
    /// What else there is, and what it is.
    others: Vec<(String, Vec<u8>)>,
    keys: Vec<String>,
}

impl Secrets {
    /// None yet.
    pub fn new() -> Self {
        let mark = "c1d7a06e9b3f48528e64f0a95d2b7c83".to_owned();
        Self { mark, planted: 0, others: Vec::new(), keys: Vec::new() }
    }

    /// Another secret to be planted: visible characters, of which some are written otherwise in a
    /// URL, none in JSON.
    pub fn plant(&mut self) -> String {
        self.planted += 1;
        format!("Canary+{}/{}&=~", self.planted, self.mark)
    }

    /// A secret that somebody else made.
    pub fn add(&mut self, what: &str, text: &str) {
        // What stands before the last underscore of a token says whose it is and is no secret.
        let secret = if text.starts_with("cad_") { text.rsplit('_').next().unwrap() } else { text };
        self.others.push((what.to_owned(), secret.as_bytes().to_vec()));
    }

    /// A master key, in hexadecimal digits.
    pub fn add_master_key(&mut self, digits: &str) {
        self.others.push(("a master key".to_owned(), cadastre_testkit::dump::from_hex(digits)));
    }

    /// A private key as PEM text: what is secret of it, and each line of that.
    pub fn add_private_key(&mut self, pem: &str) {
        let PrivateKeyDer::Pkcs8(der) = PrivateKeyDer::from_pem_slice(pem.as_bytes()).unwrap()
        else {
            panic!("another form of key: {pem}")
        };
        // For P-256, what stands before the secret and says how long it is; behind it comes the
        // public key, which is in the certificate as well.
        let (start, length) = (36, 32);
        let secret = &der.secret_pkcs8_der()[start..start + length];
        assert_eq!(der.secret_pkcs8_der()[start - 2..start], [0x04, 0x20]);
        self.others.push(("a private key".to_owned(), secret.to_vec()));
        let lines: Vec<&str> = pem.lines().filter(|line| !line.starts_with("---")).collect();
        let ends = [&lines[0][start / 3 * 4..], &lines[1][..(start + length) / 3 * 4 - 64]];
        for line in ends {
            self.others.push(("a line of a private key".to_owned(), line.as_bytes().to_vec()));
        }
        self.keys.push(pem.trim().to_owned());
    }

    /// Whether this is a secret that is known.
    pub fn knows(&self, text: &str) -> bool {
        text.contains(&self.mark)
            || self.keys.iter().any(|key| key == text.trim())
            || self.others.iter().any(|(_, secret)| text.as_bytes().ends_with(secret))
    }

    /// A search for all of them.
    pub fn search(&self) -> Search {
        let planted = ("a planted secret".to_owned(), self.mark.as_bytes().to_vec());
        let all = self.others.iter().chain([&planted]);
        let needles = all.flat_map(|(what, secret)| {
            forms(secret).into_iter().map(move |(form, needle)| (format!("{what}, {form}"), needle))
        });
        let (names, needles): (Vec<_>, Vec<_>) = needles.unzip();
        assert!(needles.iter().all(|needle| needle.len() >= 8), "found by chance");
        Search { names, automaton: AhoCorasick::new(needles).unwrap() }
    }
}

/// A search for secrets.
pub struct Search {
    names: Vec<String>,
    automaton: AhoCorasick,
}

impl Search {
    /// What stands in the text, and what stands around it.
    pub fn find(&self, text: &[u8]) -> Option<String> {
        let found = self.automaton.find(text)?;
        let (from, to) = (found.start().saturating_sub(AROUND), found.end() + AROUND);
        let around = String::from_utf8_lossy(&text[from..to.min(text.len())]);
        Some(format!("{}: …{around}…", self.names[found.pattern()]))
    }
}

/// The forms in which a secret may come, alone or inside of something longer.
fn forms(secret: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    let hex = hex_digits(secret);
    let mut decimal = String::new();
    let mut percent = String::new();
    for byte in secret {
        write!(decimal, ", {byte}").unwrap();
        write!(percent, "%{byte:02X}").unwrap();
    }
    let mut forms = vec![
        ("as it is", secret.to_vec()),
        ("in capital hexadecimal digits", hex.to_uppercase().into_bytes()),
        ("in hexadecimal digits", hex.into_bytes()),
        ("as a list of numbers", decimal.as_bytes()[2..].to_vec()),
        ("with each byte percent-encoded", percent.into_bytes()),
    ];
    if let Ok(text) = std::str::from_utf8(secret) {
        let form = serde_urlencoded::to_string([("", text)]).unwrap();
        forms.push(("as in a URL", form.as_bytes()[1..].to_vec()));
        forms.push(("as printed for debugging", format!("{text:?}").trim_matches('"').into()));
    }
    for before in 0..3 {
        // Only what does not depend on what stands around.
        let (from, to) = ((before * 8usize).div_ceil(6), (before + secret.len()) * 8 / 6);
        let longer = [&vec![0; before], secret].concat();
        for engine in [STANDARD_NO_PAD, URL_SAFE_NO_PAD] {
            forms.push(("in Base64", engine.encode(&longer)[from..to].into()));
        }
    }
    forms
}

#[test]
fn a_secret_is_found_in_every_form() {
    let mut secrets = Secrets::new();
    let planted = secrets.plant();
    let certificate = crate::certificates::Authority::new("ca").issue("client", &[]);
    secrets.add_private_key(&certificate.key);
    secrets.add_master_key(&"7f".repeat(32));
    secrets.add("a token", "cad_0123456789abcdef0123456789abcdef_ThisIsTheSecretPartOfIt");
    let search = secrets.search();
    let key = PrivateKeyDer::from_pem_slice(certificate.key.as_bytes()).unwrap();
    let [head, second, ..] = certificate.key.lines().skip(1).collect::<Vec<_>>()[..] else {
        panic!("too few lines")
    };
    for text in [
        planted.as_bytes(),
        serde_urlencoded::to_string([("q", &planted)]).unwrap().as_bytes(),
        &[0x7f; 32],
        key.secret_der(),
        head.as_bytes(),
        second.as_bytes(),
        b"ThisIsTheSecretPartOfIt",
    ] {
        for around in ["", "x", "xy", "xyz"] {
            let text = [around.as_bytes(), text, around.as_bytes()].concat();
            let (hex, list) = (hex_digits(&text), format!("{text:?}"));
            let base64 = [STANDARD_NO_PAD.encode(&text), URL_SAFE_NO_PAD.encode(&text)];
            let [standard, url_safe] = base64;
            for form in [&hex, &hex.to_uppercase(), &list, &standard, &url_safe] {
                assert!(search.find(form.as_bytes()).is_some(), "{form}");
            }
            assert!(search.find(&text).is_some());
        }
    }
    for harmless in [certificate.pem.as_bytes(), &certificate.der, b"Canary+1/", &[0x7f; 31]] {
        assert_eq!(search.find(harmless), None);
    }
    assert_eq!(search.find(b"cad_0123456789abcdef0123456789abcdef_"), None);
}
