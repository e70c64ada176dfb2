use proptest::prelude::*;

use super::*;

fn line(digit: char) -> String {
    String::from(digit).repeat(DIGITS)
}

fn id(digit: char) -> KeyId {
    MasterKey::from_hex(line(digit).as_bytes()).expect("64 digits").id()
}

fn ids(text: &str) -> Result<Vec<KeyId>, Flaw> {
    Ring::parse(text.as_bytes()).map(|ring| ring.ids())
}

#[test]
fn comments_blanks_and_line_ends_are_nothing() {
    let (a, b) = (line('a'), line('B'));
    for text in [
        format!("{a}\n{b}\n"),
        format!("{a}\n{b}"),
        format!("# one\r\n{a}\r\n\r\n# two\r\n{b}\r\n"),
        format!("\n\n #\u{e4}\n\t{a} \n{b}\n\n#"),
    ] {
        assert_eq!(ids(&text), Ok(vec![id('a'), id('b')]), "{text}");
    }
}

#[test]
fn a_key_that_is_there_twice_stands_where_it_stands_last() {
    let text = [line('a'), line('b'), line('c'), line('A')].join("\n");
    assert_eq!(ids(&text), Ok(vec![id('b'), id('c'), id('a')]));
}

#[test]
fn a_line_that_is_no_key_is_named_by_its_number() {
    let good = line('a');
    for bad in [&good[1..], &format!("{good}a"), &format!("g{}", &good[1..]), "key", "\0", "é"] {
        for (text, number) in [
            (format!("{bad}\n{good}\n"), 1),
            (format!("# comment\n\n{good}\r\n{bad}"), 4),
            (format!("{good}\n{bad} # comment\n"), 2),
        ] {
            assert_eq!(ids(&text), Err(Flaw::Line(number)), "{text}");
        }
    }
}

#[test]
fn a_text_without_keys_is_none_of_a_key_file() {
    for text in ["", "\n", "# nothing\n\n"] {
        assert_eq!(ids(text), Err(Flaw::Empty), "{text}");
    }
}

#[test]
fn there_are_only_so_many_keys_and_bytes() {
    let many = format!("{}\n", line('a')).repeat(MOST_KEYS);
    assert_eq!(ids(&many), Ok(vec![id('a')]));
    assert_eq!(ids(&(many + &line('b'))), Err(Flaw::TooLarge));
    let long = format!("{}\n#", line('a'));
    let comment = "x".repeat(MOST_BYTES - long.len());
    assert_eq!(ids(&format!("{long}{comment}")), Ok(vec![id('a')]));
    assert_eq!(ids(&format!("{long}{comment}x")), Err(Flaw::TooLarge));
}

#[test]
fn adding_and_removing_leaves_the_rest_as_it_is() {
    let key = MasterKey::from_hex(line('b').as_bytes()).expect("64 digits");
    let before = format!("# one\r\n{}\r\n# two", line('a'));
    let after = with(before.as_bytes(), &key);
    let expected = format!("{before}\n{}\n", line('b'));
    assert_eq!(str::from_utf8(&after), Ok(&*expected));
    assert_eq!(str::from_utf8(&without(&after, &id('b'))), Ok(&*format!("{before}\n")));
    let twice = format!("{expected} {} \n#\n", line('B'));
    let rest = without(twice.as_bytes(), &id('b'));
    assert_eq!(str::from_utf8(&rest), Ok(&*format!("{before}\n#\n")));
}

#[test]
fn a_new_file_explains_itself_and_holds_its_key() {
    let key = MasterKey::random().expect("a key");
    let text = first(&key);
    assert!(text.starts_with(b"# Master keys") && text.ends_with(b"\n"));
    assert_eq!(Ring::parse(&text).map(|ring| ring.ids()), Ok(vec![key.id()]));
}

#[test]
fn no_room_is_made_twice_for_a_key() {
    let key = MasterKey::random().expect("a key");
    for text in [&b""[..], b"# no end", b"# end\n"] {
        let room = text.len() + DIGITS + 2;
        assert_eq!(with(text, &key).capacity(), room);
    }
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(text: Vec<u8>) {
        let _ = Ring::parse(&text);
        let _ = without(&text, &id('a'));
    }

    #[test]
    fn any_lines_are_read_or_refused(lines in "([0-9a-fA-F]{64}|#.{0,9}|[ \t\r]{0,3}|.{0,70})(\n([0-9a-f]{64}|#.{0,9}|[ \r]{0,3})){0,9}") {
        let keys = lines.split('\n').filter(|line| line.trim_ascii().len() == DIGITS && !line.starts_with('#'));
        match ids(&lines) {
            Ok(ids) => prop_assert!(ids.len() <= keys.count() && !ids.is_empty()),
            Err(Flaw::Line(number)) => prop_assert_eq!(number, 1),
            Err(flaw) => prop_assert_eq!(flaw, Flaw::Empty),
        }
    }

    #[test]
    fn what_was_added_is_last_and_can_be_removed(text in "(([0-9a-f]{64}|#.{0,9})?\r?\n){0,5}") {
        let key = MasterKey::random().expect("a key");
        for text in [text.as_bytes(), text.trim_end().as_bytes()] {
            let longer = with(text, &key);
            let last = Ring::parse(&longer).map(|ring| ring.ids().pop());
            prop_assert_eq!(last, Ok(Some(key.id())));
            let shorter = without(&longer, &key.id());
            prop_assert!(shorter.starts_with(text) && shorter.len() <= text.len() + 1);
        }
    }
}
