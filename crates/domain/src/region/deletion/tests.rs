use super::*;
use crate::region::Status;
use crate::region::sample;

/// Every status, number of openings and force, against a table told in other words.
#[test]
fn every_case_is_as_designed() {
    for status in Status::ALL {
        let region = sample::region(status, sample::broken()).region;
        for (openings, force) in
            [0, 1, 2, usize::MAX].into_iter().flat_map(|n| [(n, false), (n, true)])
        {
            let expected = match (status, openings, force) {
                (Status::Enabled, _, _) => Err(DeletionRefusal::DisableFirst),
                (Status::Maintenance, _, _) => Err(DeletionRefusal::InMaintenance),
                (Status::Editing, _, _)
                | (Status::Disabled, 0, _)
                | (Status::Disabled, _, true) => Ok(()),
                (Status::Disabled, openings, false) => Err(DeletionRefusal::Open(openings)),
            };
            let decided = decide_deletion(&region, openings, force);
            assert_eq!(decided, expected, "{status} {openings} {force}");
        }
    }
}

#[test]
fn a_refusal_says_what_to_do_about_it() {
    let told = [
        (
            DeletionRefusal::DisableFirst,
            "a region that is enabled cannot be deleted; disable it first",
        ),
        (DeletionRefusal::InMaintenance, "a region in maintenance cannot be deleted"),
        (DeletionRefusal::Open(1), "the region is still open for 1 team"),
        (DeletionRefusal::Open(2), "the region is still open for 2 teams"),
    ];
    for (refusal, text) in told {
        assert_eq!(refusal.to_string(), text);
    }
}
