//! What is written: every text follows from the name of the thing and the number of the edit, so a
//! mixture of two edits cannot pass for either, and no table of what was sent need be kept.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::material::MATERIAL;

/// Fields by the name they have on the wire; `None` is null.
pub type Fields = BTreeMap<&'static str, Option<String>>;

/// The fields of a region that its list shows.
pub const LISTED: [&str; 8] =
    ["region_alias", "url", "wsurl", "httpdomain", "tcpdomain", "status", "desc", "scope"];

/// The beginning of the names of regions that are enabled, and can therefore be opened.
pub const ENABLED: &str = "open";
/// The beginning of the names of regions that are not; these have certificates.
pub const CLOSED: &str = "tls";

/// How many characters of a wrong text are shown.
const SHOWN: usize = 40;

/// How often the words before a certificate repeat: rows fill more than one page of the database.
const REPEATED: usize = 40;

/// The region of this name after its edit with this number; 0 or 1 is its creation.
pub fn region(name: &str, serial: u32) -> Fields {
    let stamp = format!("{name}-{serial}");
    let enabled = name.starts_with(ENABLED);
    let odd = serial % 2 == 1;
    // Readers pass over what stands before the PEM text.
    let explained = |pem: &String| (!enabled).then(|| format!("{stamp}\n").repeat(REPEATED) + pem);
    let [ca, certificate, key] = &*MATERIAL;
    let status = if enabled {
        "1"
    } else if odd {
        "2"
    } else {
        "0"
    };
    BTreeMap::from([
        ("region_alias", Some(stamp.clone())),
        ("url", Some(format!("https://api.example.com/{stamp}"))),
        ("wsurl", Some(format!("wss://ws.example.com/{stamp}"))),
        ("httpdomain", Some(format!("{stamp}.example.com"))),
        ("tcpdomain", Some(format!("{stamp}.tcp.example.com:6060"))),
        ("status", Some(status.to_owned())),
        ("desc", Some(format!("described by {stamp}"))),
        ("scope", Some(if odd { "public" } else { "private" }.to_owned())),
        ("token", Some(format!("token of {stamp}"))),
        ("ssl_ca_cert", explained(ca)),
        ("cert_file", explained(certificate)),
        ("key_file", explained(key)),
    ])
}

/// The node with this code.
pub fn node(keycode: &str) -> Fields {
    let text = |what: &str| Some(format!("{what} of {keycode}"));
    BTreeMap::from([
        ("isp", text("isp")),
        ("country", text("country")),
        ("province", text("province")),
        ("city", text("city")),
        ("name", text("name")),
        ("company", text("company")),
        ("keycode", Some(keycode.to_owned())),
    ])
}

/// The fields as a body.
pub fn body(fields: &Fields) -> Value {
    let texts = fields.iter().map(|(name, text)| ((*name).to_owned(), text.clone().into()));
    Value::Object(texts.collect())
}

/// Where two sets of fields differ, for people; `None` when they do not.
pub fn differences(wanted: &Fields, found: &Fields) -> Option<String> {
    let differ = |(name, wanted): (&&str, &Option<String>)| {
        let found = found.get(*name).and_then(Option::as_deref);
        let wanted = wanted.as_deref();
        let (from, to) = (tail(wanted, found), tail(found, wanted));
        (wanted != found).then(|| format!("\n  {name}: wanted {from}, found {to}"))
    };
    let all: String = wanted.iter().filter_map(differ).collect();
    (!all.is_empty()).then_some(all)
}

/// What `text` goes on with where the other is no longer the same.
fn tail(text: Option<&str>, other: Option<&str>) -> String {
    let Some(text) = text else { return "null".to_owned() };
    let same = text.chars().zip(other.unwrap_or_default().chars()).take_while(|(a, b)| a == b);
    let start = same.count();
    let rest: String = text.chars().skip(start).take(SHOWN).collect();
    if start == 0 { format!("{rest:?}") } else { format!("...{rest:?}") }
}

/// The number of the edit that a region shows in its alias.
pub fn serial(name: &str, fields: &Fields) -> Option<u32> {
    fields.get("region_alias")?.as_ref()?.strip_prefix(name)?.strip_prefix('-')?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mixture_of_two_edits_is_neither() {
        let mut mixed = region("tls-1", 4);
        mixed.insert("key_file", region("tls-1", 5)["key_file"].clone());
        assert_eq!(serial("tls-1", &mixed), Some(4));
        assert!(differences(&region("tls-1", 4), &mixed).is_some());
        assert!(differences(&region("tls-1", 5), &mixed).is_some());
        assert_eq!(differences(&mixed, &mixed), None);
        mixed.insert("token", None);
        let found = differences(&region("tls-1", 4), &mixed).expect("a difference");
        assert!(found.ends_with("\n  token: wanted \"token of tls-1-4\", found null"), "{found}");
    }
}
