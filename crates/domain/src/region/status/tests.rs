//! Every pair of statuses, and every status in every role it plays.

use proptest::prelude::*;

use super::*;

/// The table of the design: rows are the present status, columns the one asked for, both in the
/// order of [`Status::ALL`]. `s` same, `y` yes, `r` if ready, `-` no.
const TABLE: [&str; 4] = ["sry-", "-syy", "yrs-", "-rys"];

#[test]
fn every_pair_of_statuses_is_as_designed() {
    for (from, row) in Status::ALL.into_iter().zip(TABLE) {
        for (to, cell) in Status::ALL.into_iter().zip(row.chars()) {
            let expected = match cell {
                's' => Ok(Passage::Same),
                'y' => Ok(Passage::Free),
                'r' => Ok(Passage::IfReady),
                _ => Err(TransitionError { from, to }),
            };
            assert_eq!(from.passage(to), expected, "{from} to {to}");
        }
    }
}

#[test]
fn a_refusal_names_from_to_and_what_is_allowed() {
    let refusal = TransitionError { from: Status::Enabled, to: Status::Editing };
    assert_eq!(
        refusal.to_string(),
        "a region that is enabled cannot become editing; allowed: disabled, maintenance"
    );
}

#[test]
fn what_each_status_means_is_as_designed() {
    let seen = Status::ALL.map(Status::seen_by_its_teams);
    let opened = Status::ALL.map(Status::can_be_opened);
    assert_eq!(seen, [false, true, false, true]);
    assert_eq!(opened, [false, true, false, false]);
    assert_eq!(
        Status::ALL.map(Status::opening_use),
        [OpeningUse::Kept, OpeningUse::Usable, OpeningUse::NotUsable, OpeningUse::Marked]
    );
    assert_eq!(
        Status::ALL.map(Status::dialling),
        [Dialling::Off, Dialling::On, Dialling::Off, Dialling::Muted]
    );
    assert_eq!(
        Status::ALL.map(Status::deletion),
        [Deletion::Allowed, Deletion::DisableFirst, Deletion::IfNotOpen, Deletion::Refused]
    );
}

#[test]
fn every_status_prints_back_the_same() {
    for status in Status::ALL {
        assert_eq!(status.to_string().parse(), Ok(status));
    }
}

#[test]
fn uses_and_dialling_have_words_of_their_own() {
    let uses = Status::ALL.map(|status| status.opening_use().as_str());
    assert_eq!(uses, ["kept", "usable", "not_usable", "marked"]);
    let dialling = Status::ALL.map(|status| status.dialling().as_str());
    assert_eq!(dialling, ["off", "on", "off", "muted"]);
}

proptest! {
    #[test]
    fn no_text_panics(text in "(enabled|Enabled|.*)") {
        if let Ok(status) = text.parse::<Status>() {
            prop_assert_eq!(status.as_str(), text);
        }
    }
}
