use proptest::prelude::*;

use super::super::key::hex;
use super::*;

const PLACE: Place<'_> = Place { table: "regions", row: "r-1", column: "schlüssel" };

fn key(first: u8) -> (MasterKey, KeyId) {
    let bytes: Vec<u8> = (first..first + 32).collect();
    let key = MasterKey::from_hex(hex(&bytes).as_bytes()).expect("64 digits");
    let id = key.id();
    (key, id)
}

#[test]
fn the_format_is_what_another_implementation_computes() {
    let (key, id) = key(0);
    assert_eq!(id.as_ref(), "a33be7d03f13f9c3");
    let nonce = std::array::from_fn(|i| 100 + u8::try_from(i).expect("24 bytes"));
    for (plain, sealed) in [
        (
            "",
            "016465666768696a6b6c6d6e6f707172737475767778797a7b\
             9895a7389ff2260f638e651d24d8d093",
        ),
        (
            "-----BEGIN PRIVATE KEY-----",
            "016465666768696a6b6c6d6e6f707172737475767778797a7b\
             515ed49dd26cccc5ce7ebd6ff426eb880ffe723aa175e79da17849\
             2649a564bbaad1f65538196d582ec5af",
        ),
    ] {
        let bytes = seal_under(&nonce, &key, &id, PLACE, plain.as_bytes()).expect("seals");
        assert_eq!(hex(&bytes), sealed);
        assert_eq!(&**open(&key, &id, PLACE, &bytes).expect("opens"), plain.as_bytes());
    }
}

#[test]
fn a_value_sealed_twice_gives_two_texts() {
    let (key, id) = key(0);
    let seal = || seal(&key, &id, PLACE, b"the same").expect("seals");
    assert_ne!(seal(), seal());
}

#[test]
fn a_value_opens_only_where_it_was_sealed() {
    let (key, id) = key(0);
    let (other_key, other_id) = self::key(1);
    let sealed = seal(&key, &id, PLACE, b"secret").expect("seals");
    assert!(open(&key, &id, PLACE, &sealed).is_ok());
    for place in [
        Place { table: "teams", ..PLACE },
        Place { row: "r-2", ..PLACE },
        Place { column: "token", ..PLACE },
        Place { table: "regionsr", row: "-1", ..PLACE },
        Place { row: "r-1schl", column: "üssel", ..PLACE },
        Place { table: "", row: "", column: "" },
    ] {
        let opened = open(&key, &id, place, &sealed);
        assert!(matches!(opened, Err(VaultError::DoesNotOpen)), "{place:?}");
    }
    for (key, id) in [(&other_key, &id), (&key, &other_id), (&other_key, &other_id)] {
        assert!(matches!(open(key, id, PLACE, &sealed), Err(VaultError::DoesNotOpen)));
    }
}

#[test]
fn no_bit_may_change_and_no_byte_be_missing() {
    let (key, id) = key(0);
    let sealed = seal(&key, &id, PLACE, b"secret").expect("seals");
    let is_refused =
        |text: &[u8]| matches!(open(&key, &id, PLACE, text), Err(VaultError::DoesNotOpen));
    for bit in 0..8 * sealed.len() {
        let mut changed = sealed.clone();
        changed[bit / 8] ^= 1 << (bit % 8);
        assert!(is_refused(&changed), "bit {bit}");
    }
    for cut in 0..sealed.len() {
        assert!(is_refused(&sealed[..cut]), "the first {cut} bytes");
        assert!(is_refused(&sealed[cut + 1..]), "without the first {} bytes", cut + 1);
    }
    assert!(is_refused(&[&sealed[..], &[0]].concat()));
}

proptest! {
    #[test]
    fn what_was_sealed_opens_and_is_41_bytes_longer(plain: Vec<u8>, table: String, row: String) {
        let (key, id) = key(7);
        let place = Place { table: &table, row: &row, column: "c" };
        let sealed = seal(&key, &id, place, &plain).expect("seals");
        prop_assert_eq!(sealed.len(), plain.len() + 41);
        prop_assert_eq!(&**open(&key, &id, place, &sealed).expect("opens"), &plain);
    }

    #[test]
    fn a_changed_value_does_not_open(
        plain: Vec<u8>,
        at: prop::sample::Index,
        change in 1..=u8::MAX,
        cut: prop::sample::Index,
    ) {
        let (key, id) = key(7);
        let mut sealed = seal(&key, &id, PLACE, &plain).expect("seals");
        let short = open(&key, &id, PLACE, &sealed[..cut.index(sealed.len())]);
        prop_assert!(matches!(short, Err(VaultError::DoesNotOpen)));
        let at = at.index(sealed.len());
        sealed[at] ^= change;
        prop_assert!(matches!(open(&key, &id, PLACE, &sealed), Err(VaultError::DoesNotOpen)));
    }

    #[test]
    fn no_other_place_is_bound_to_the_same_bytes(a: [String; 3], b: [String; 3]) {
        let (_, id) = key(7);
        let bytes = |[table, row, column]: &[String; 3]| bound_to(&id, Place { table, row, column });
        prop_assert_eq!(a == b, bytes(&a) == bytes(&b));
    }

    #[test]
    fn bytes_of_chance_do_not_open(mut sealed: Vec<u8>) {
        let (key, id) = key(7);
        prop_assert!(open(&key, &id, PLACE, &sealed).is_err());
        sealed.insert(0, VERSION);
        prop_assert!(open(&key, &id, PLACE, &sealed).is_err());
    }
}
