//! The settings of a `DataKit` as TOML (dialing contract, section 3).

use std::fmt::Write as _;

use cadastre_domain::duration::GoDuration;

use crate::service::nodes::setup::Setup;

/// The shortest and the longest interval that an agent accepts, in nanoseconds; any other means a
/// minute.
const INTERVALS: std::ops::RangeInclusive<i64> = 10_000_000_000..=86_400_000_000_000;

/// An interval of pulls that an agent accepts, as it was written.
pub(super) fn interval(text: &str) -> Result<String, &'static str> {
    let parsed = text.parse::<GoDuration>().ok();
    let accepted = parsed.is_some_and(|interval| INTERVALS.contains(&interval.as_nanos()));
    if accepted { Ok(text.to_owned()) } else { Err("give 10s to 24h, as 1m") }
}

/// What is written into the file of the input.
pub(super) fn of(setup: &Setup, server: &str, interval: &str) -> String {
    let Setup { node, key } = setup;
    let profile = &node.profile;
    let mut text = String::new();
    // Writing into a text cannot fail.
    let _ = writeln!(
        text,
        "# The node {} ({}; {}, {}; {}) of the register.\n\
         # There is a secret in here: nobody but DataKit is to read the file.",
        profile.keycode.as_ref(),
        profile.name.as_ref(),
        profile.country.as_ref(),
        profile.city.as_ref(),
        profile.isp.as_ref(),
    );
    if !node.is_enabled {
        text.push_str("# The node is disabled: its agents are told to stop until it is enabled.\n");
    }
    let ak = key.pair.id.to_string();
    let values = [
        ("server", server),
        ("region_id", node.id.as_ref()),
        ("ak", ak.as_str()),
        ("sk", key.pair.secret.reveal()),
        ("pull_interval", interval),
    ];
    text.push_str("[[inputs.dialtesting]]\n");
    for (name, value) in values {
        // Nothing in these texts has to be escaped but what a URL may hold.
        let value = value.replace('\\', "\\\\").replace('"', "\\\"");
        let _ = writeln!(text, "  {name} = \"{value}\"");
    }
    text.push_str(NOTES);
    text
}

/// What people ask next.
const NOTES: &str = r#"
  # Where targets are inside your own network, DataKit refuses them: it dials no loopback, private
  # and link-local address unless this list names other ones to refuse. Those of the line below are
  # never used, so that it dials all.
  # disabled_internal_network_cidr_list = ["192.0.2.0/24"]

  # With several DataKits in an election, only the leader dials. Without, each of them dials all.
  # election = true

  # Tags that all results of this machine carry.
  # [inputs.dialtesting.tags]
  #   rack = "r1"
"#;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interval_is_one_that_agents_accept() {
        for text in ["10s", "1m", "24h", "1h30m"] {
            assert_eq!(interval(text).as_deref(), Ok(text));
        }
        for text in ["9s", "24h1s", "0s", "-1m", "1", "", "1d", "x"] {
            assert!(interval(text).is_err(), "{text}");
        }
    }
}
