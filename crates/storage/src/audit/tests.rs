use cadastre_domain::audit::{Actor, Outcome};
use proptest::prelude::*;
use proptest::sample::Index;

use super::*;
use crate::safe::Key;

fn keys(first: u8) -> RegisterKeys {
    let key = |offset| Key::new(vec![first + offset; 32]);
    RegisterKeys::new([].into(), key(0), key(1), true)
}

fn entry(reason: &str, seconds: u32) -> Entry {
    let actor = Actor {
        origin: Origin::Request { address: None, id: "r".to_owned() },
        operation: "edit_region",
        token_id: None,
        user_id: None,
        enterprise_id: None,
    };
    let at = DateTime::<Utc>::UNIX_EPOCH + chrono::TimeDelta::seconds(seconds.into());
    Entry::refused(&actor, at, Outcome::Refused, reason.to_owned())
}

/// A chain and what the register remembers of its end.
#[derive(Clone, Debug, PartialEq)]
struct Stored {
    records: Vec<AuditRecord>,
    sequence: i64,
    hash: Vec<u8>,
    seal: Vec<u8>,
}

fn stored(reasons: &[String], keys: &RegisterKeys) -> Stored {
    let (mut records, mut hash) = (Vec::<AuditRecord>::new(), vec![0; 32]);
    for (sequence, reason) in (1..).zip(reasons) {
        let record = AuditRecord::new(&entry(reason, 1), sequence, &hash, keys);
        hash.clone_from(&record.hash);
        records.push(record);
    }
    let sequence = records.last().map_or(0, |record| record.sequence);
    let last = ChainLink { sequence, hash: hash.clone() };
    let seal = seal(&ChainEnds { archived: ChainLink::start(), last }, keys).to_vec();
    Stored { records, sequence, hash, seal }
}

fn verify(stored: &Stored, keys: &RegisterKeys) -> Verification {
    let mut chain = Chain::after(&ChainLink::start(), keys);
    for record in &stored.records {
        if let Err(broken) = chain.follow(record) {
            return broken;
        }
    }
    let last = ChainLink { sequence: stored.sequence, hash: stored.hash.clone() };
    chain.finish(&ChainEnds { archived: ChainLink::start(), last }, &stored.seal)
}

/// One thing that somebody does by hand.
#[derive(Clone, Debug)]
enum Edit {
    Remove(Index),
    Swap(Index, Index),
    Copy(Index, Index),
    Renumber(Index, i64),
    Text(Index, u8, String),
    Null(Index, u8),
    Shift(Index, i64),
    Hash(Index, Vec<u8>),
    Cut(Index, bool),
    CloseGaps,
}

fn edit() -> impl Strategy<Value = Edit> {
    let at = any::<Index>;
    prop_oneof![
        at().prop_map(Edit::Remove),
        (at(), at()).prop_map(|(one, other)| Edit::Swap(one, other)),
        (at(), at()).prop_map(|(from, to)| Edit::Copy(from, to)),
        (at(), -1..20_i64).prop_map(|(at, to)| Edit::Renumber(at, to)),
        (at(), any::<u8>(), ".{0,3}").prop_map(|(at, field, text)| Edit::Text(at, field, text)),
        (at(), any::<u8>()).prop_map(|(at, field)| Edit::Null(at, field)),
        (at(), any::<i32>()).prop_map(|(at, by)| Edit::Shift(at, by.into())),
        (at(), prop::collection::vec(any::<u8>(), 0..40)).prop_map(|(at, h)| Edit::Hash(at, h)),
        (at(), any::<bool>()).prop_map(|(at, with_end)| Edit::Cut(at, with_end)),
        Just(Edit::CloseGaps),
    ]
}

fn words(record: &mut AuditRecord) -> [&mut String; 5] {
    let AuditRecord { origin, operation, outcome, changes, revealed, .. } = record;
    [origin, operation, outcome, changes, revealed]
}

fn texts(record: &mut AuditRecord) -> [&mut Option<String>; 7] {
    let AuditRecord {
        enterprise_id,
        token_id,
        address,
        request_id,
        object_kind,
        object_id,
        reason,
        ..
    } = record;
    [enterprise_id, token_id, address, request_id, object_kind, object_id, reason]
}

fn apply(stored: &mut Stored, edit: Edit) {
    let count = stored.records.len();
    let records = &mut stored.records;
    match edit {
        _ if count == 0 => {}
        Edit::Remove(at) => drop(records.remove(at.index(count))),
        Edit::Swap(one, other) => records.swap(one.index(count), other.index(count)),
        Edit::Copy(from, to) => {
            records.insert(to.index(count + 1), records[from.index(count)].clone());
        }
        Edit::Renumber(at, to) => records[at.index(count)].sequence = to,
        Edit::Text(at, field, text) => match usize::from(field) % 12 {
            field @ 0..5 => *words(&mut records[at.index(count)])[field] = text,
            field => *texts(&mut records[at.index(count)])[field - 5] = Some(text),
        },
        Edit::Null(at, field) => {
            *texts(&mut records[at.index(count)])[usize::from(field) % 7] = None;
        }
        Edit::Shift(at, by) => {
            let record = &mut records[at.index(count)];
            record.at += chrono::TimeDelta::microseconds(by);
            record.user_id = Some(by);
        }
        Edit::Hash(at, hash) => records[at.index(count)].hash = hash,
        Edit::Cut(at, with_end) => {
            records.truncate(at.index(count));
            if let Some(last) = records.last().filter(|_| with_end) {
                (stored.sequence, stored.hash) = (last.sequence, last.hash.clone());
            }
        }
        Edit::CloseGaps => (1..).zip(records).for_each(|(n, record)| record.sequence = n),
    }
}

proptest! {
    #[test]
    fn a_chain_is_sound_until_anything_is_changed(
        reasons in prop::collection::vec(".{0,3}", 0..6),
        edits in prop::collection::vec(edit(), 1..4),
    ) {
        let keys = keys(1);
        let good = stored(&reasons, &keys);
        prop_assert_eq!(verify(&good, &keys), Verification::Sound(good.sequence));
        let mut bad = good.clone();
        for edit in edits {
            apply(&mut bad, edit);
        }
        let is_broken = matches!(verify(&bad, &keys), Verification::Broken(..));
        prop_assert_eq!(is_broken, bad != good, "{:?}", bad);
    }

    #[test]
    fn nobody_without_the_key_makes_a_chain(reasons in prop::collection::vec(".{0,3}", 0..4)) {
        let forged = stored(&reasons, &keys(7));
        prop_assert!(matches!(verify(&forged, &keys(1)), Verification::Broken(..)));
    }

    #[test]
    fn a_text_in_another_field_gives_another_code(one in 0..7_usize, other in 0..7_usize) {
        let keys = keys(1);
        let mut record = AuditRecord::new(&entry("", 1), 1, &[0; 32], &keys);
        record.reason = None;
        let code = |field: usize| {
            let mut record = record.clone();
            *texts(&mut record)[field] = Some("text".to_owned());
            record.link(&[0; 32], &keys)
        };
        prop_assert_eq!(code(one) == code(other), one == other);
    }
}
