//! Every state with every finding, and every rule at each of its boundaries.

mod course;
mod node;
mod region;

use super::*;
use crate::sample::{NOW, OWN, text};

fn quiet(kind: AlarmKind) -> Alarm {
    let subject = AlarmSubject::Node(text("reg_cg2britepb7e977fpm8g"));
    Alarm::quiet(AlarmId::from_bytes([1; 16]), OWN, kind, subject, NOW)
}

fn bad() -> Finding {
    Finding::Bad { reason: "silent", value: "since then".to_owned() }
}

#[test]
fn words_print_back_the_same() {
    for kind in AlarmKind::ALL {
        assert_eq!(kind.as_str().parse(), Ok(kind));
        assert!(kind.fire_after() > chrono::TimeDelta::zero());
        assert!(kind.resolve_after() > chrono::TimeDelta::zero());
    }
    for state in AlarmState::ALL {
        assert_eq!(state.as_str().parse(), Ok(state));
    }
    assert_eq!("Firing".parse::<AlarmState>(), Err(AlarmStateError));
    assert_eq!("node".parse::<AlarmKind>(), Err(AlarmKindError));
    let of = |kind| AlarmKind::ALL.into_iter().filter(|k| k.subject_kind() == kind).count();
    assert_eq!((of(SubjectKind::Node), of(SubjectKind::Region)), (3, 3));
}

#[test]
fn a_subject_is_told_by_its_identifier() {
    for (id, kind) in [
        ("reg_cg2britepb7e977fpm8g", SubjectKind::Node),
        ("0123456789abcdef0123456789abcdef", SubjectKind::Region),
    ] {
        let subject: AlarmSubject = text(id);
        assert_eq!((subject.to_string().as_str(), subject.kind()), (id, kind));
    }
    for other in ["", "reg_x", "0123456789ABCDEF0123456789abcdef"] {
        assert_eq!(other.parse::<AlarmSubject>(), Err(AlarmSubjectError), "{other}");
    }
}
