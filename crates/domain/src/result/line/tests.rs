use proptest::prelude::*;

use super::*;

fn text(text: &str) -> Value<'static> {
    Value::Text(Text::from(text))
}

#[test]
fn the_example_of_an_agent_is_read() {
    let body = concat!(
        r#"http_dial_testing,city=Shahrak,df_label=["team:net"\,"x"],status=OK,"#,
        r#"status_code_string=200\ OK,url=http://127.0.0.1:18081/t?a\=b "#,
        r#"config_vars="[]",message="{\"a\":\"b\\\\c\"}",response_connection=161.796,"#,
        r#"response_time=1848i,success=1i 1795306140710624107"#,
        "\n",
    );
    let lines = parse(body.as_bytes());
    let pair = |name: &'static str, value: &'static str| (name.into(), value.into());
    let field = |name: &'static str, value| (name.into(), value);
    let line = Line {
        measurement: "http_dial_testing".into(),
        tags: vec![
            pair("city", "Shahrak"),
            pair("df_label", "[\"team:net\",\"x\"]"),
            pair("status", "OK"),
            pair("status_code_string", "200 OK"),
            pair("url", "http://127.0.0.1:18081/t?a=b"),
        ],
        fields: vec![
            field("config_vars", text("[]")),
            field("message", text(r#"{"a":"b\\c"}"#)),
            field("response_connection", Value::Float(161.796)),
            field("response_time", Value::Integer(1848)),
            field("success", Value::Integer(1)),
        ],
        at_ns: Some(1_795_306_140_710_624_107),
    };
    assert_eq!(lines, Ok(vec![line]));
}

#[test]
fn values_are_of_the_kind_in_which_they_are_written() {
    for (written, value) in [
        ("1", Value::Float(1.0)),
        ("-1.5e3", Value::Float(-1500.0)),
        ("-9223372036854775808i", Value::Integer(i64::MIN)),
        ("18446744073709551615u", Value::Unsigned(u64::MAX)),
        ("t", Value::Boolean(true)),
        ("True", Value::Boolean(true)),
        ("F", Value::Boolean(false)),
        ("false", Value::Boolean(false)),
        (r#""""#, text("")),
        (r#""a \"b\" \\ c""#, text(r#"a "b" \ c"#)),
        (r#""\n \é""#, text(r"\n \é")),
        ("\"a\nb, c=d\"", text("a\nb, c=d")),
    ] {
        let body = format!("m f={written} 5");
        let lines = parse(body.as_bytes()).expect(written);
        assert_eq!(lines[0].fields, [("f".into(), value)], "{written}");
        assert_eq!(lines[0].at_ns, Some(5), "{written}");
    }
}

#[test]
fn lines_comments_and_empty_lines_are_told_apart() {
    let body = "\n# one\n  m f=1\r\n\n#\nm,a=b g=\"x\ny\" -7  \n   \nm f=2";
    let lines = parse(body.as_bytes()).expect("three lines");
    let times: Vec<_> = lines.iter().map(|line| line.at_ns).collect();
    assert_eq!(times, [None, Some(-7), None]);
    assert_eq!(parse(b""), Ok(vec![]));
    assert_eq!(parse(b"# nothing"), Ok(vec![]));
}

#[test]
fn a_wrong_line_is_told_by_its_place_alone() {
    use LineFault::{
        Encoding, NoField, NoName, NoValue, OpenText, Time, Trailing, Value as WrongValue,
    };
    for (body, line, column, fault) in [
        ("http_dial_testing,name success\n", 1, 23, NoValue),
        ("m f=1\nm,a=b", 2, 6, NoField),
        ("m", 1, 2, NoField),
        ("m ", 1, 3, NoField),
        (",a=b f=1", 1, 1, NoName),
        ("m,=b f=1", 1, 3, NoName),
        ("m,a= f=1", 1, 5, NoValue),
        ("m,a=b,c f=1", 1, 8, NoValue),
        ("m f", 1, 4, NoValue),
        ("m f=", 1, 5, NoValue),
        ("m f=1,", 1, 7, NoName),
        ("m f=secret", 1, 11, WrongValue),
        ("m f=inf", 1, 8, WrongValue),
        ("m f=NaN", 1, 8, WrongValue),
        ("m f=1e999", 1, 10, WrongValue),
        ("m f=9223372036854775808i", 1, 25, WrongValue),
        ("m f=-1u", 1, 8, WrongValue),
        ("m f=\"open\n", 1, 5, OpenText),
        ("m f=\"open\\\"", 1, 5, OpenText),
        ("m f=\"a\"b", 1, 8, Trailing),
        ("m f=1 12x", 1, 10, Time),
        ("m f=1 9223372036854775808", 1, 26, Time),
        ("m f=1 12 13", 1, 10, Trailing),
    ] {
        let error = LineError { line, column, fault };
        assert_eq!(parse(body.as_bytes()), Err(error), "{body}");
        assert!(!error.to_string().contains("secret"));
    }
    let error = LineError { line: 2, column: 3, fault: Encoding };
    assert_eq!(parse(b"m f=1\nm \xff=1"), Err(error));
    let told = "line 2, column 3: this is no UTF-8";
    assert_eq!(error.to_string(), told);
}

#[test]
fn lines_pairs_and_names_are_bounded() {
    let many = |count: usize| "m f=1\n".repeat(count);
    assert_eq!(parse(many(MOST_LINES).as_bytes()).map(|lines| lines.len()), Ok(MOST_LINES));
    let fault = |body: &str| parse(body.as_bytes()).map(drop).map_err(|error| error.fault);
    assert_eq!(fault(&many(MOST_LINES + 1)), Err(LineFault::ManyLines));
    let pairs = |count: usize| (0..count).map(|n| format!("k{n}=1")).collect::<Vec<_>>().join(",");
    assert_eq!(fault(&format!("m,{} f=1", pairs(MOST_PAIRS))), Ok(()));
    assert_eq!(fault(&format!("m,{} f=1", pairs(MOST_PAIRS + 1))), Err(LineFault::ManyPairs));
    assert_eq!(fault(&format!("m {}", pairs(MOST_PAIRS))), Ok(()));
    assert_eq!(fault(&format!("m {}", pairs(MOST_PAIRS + 1))), Err(LineFault::ManyPairs));
    let long = |length: usize| "x".repeat(length);
    for (before, after) in [("", " f=1"), ("m,", "=b f=1"), ("m,a=", " f=1"), ("m ", "=1")] {
        assert_eq!(fault(&format!("{before}{}{after}", long(LONGEST_NAME))), Ok(()));
        let body = format!("{before}{}{after}", long(LONGEST_NAME + 1));
        assert_eq!(fault(&body), Err(LineFault::LongName));
    }
}

fn word() -> impl Strategy<Value = String> {
    "[a-zé,= \\\\\"#]{0,6}[a-z,= \"]"
}

fn value() -> impl Strategy<Value = Value<'static>> {
    prop_oneof![
        any::<f64>().prop_filter("finite", |number| number.is_finite()).prop_map(Value::Float),
        any::<i64>().prop_map(Value::Integer),
        any::<u64>().prop_map(Value::Unsigned),
        any::<bool>().prop_map(Value::Boolean),
        "(?s).{0,12}".prop_map(|inside| text(&inside)),
    ]
}

prop_compose! {
    fn any_line()(
        measurement in "[a-z\\\\=]{0,4}[a-z, ]",
        tags in prop::collection::vec((word(), word()), 0..4),
        fields in prop::collection::vec((word(), value()), 1..4),
        at_ns in any::<Option<i64>>(),
    ) -> Line<'static> {
        Line {
            measurement: measurement.into(),
            tags: tags.into_iter().map(|(name, value)| (name.into(), value.into())).collect(),
            fields: fields.into_iter().map(|(name, value)| (name.into(), value)).collect(),
            at_ns,
        }
    }
}

proptest! {
    #[test]
    fn what_is_written_reads_back(lines in prop::collection::vec(any_line(), 1..4)) {
        let texts = lines.iter().map(|line| line.to_text().expect("can be written"));
        let body = texts.collect::<Vec<_>>().join("\n");
        prop_assert_eq!(parse(body.as_bytes()), Ok(lines));
    }

    #[test]
    fn no_bytes_panic(body in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = parse(&body);
    }

    #[test]
    fn nothing_like_a_line_panics(body in "[m,= \\\\\"#\n\r0-9.iuté-]{0,60}") {
        let _ = parse(body.as_bytes());
    }

    #[test]
    fn a_line_cut_anywhere_does_not_panic(line in any_line(), end in 0_usize..400) {
        let text = line.to_text().expect("can be written");
        let _ = parse(&text.as_bytes()[..end.min(text.len())]);
    }
}

#[test]
fn what_cannot_be_written_is_not() {
    let line = |measurement: &'static str, tag: &'static str| Line {
        measurement: measurement.into(),
        tags: vec![("a".into(), tag.into())],
        fields: vec![("f".into(), Value::Integer(1))],
        at_ns: None,
    };
    assert_eq!(line("m", "b").to_text().as_deref(), Some("m,a=b f=1i"));
    for (measurement, tag) in [("", "b"), ("m", ""), ("m", "b\\"), ("m", "b\nc"), ("#m", "b")] {
        assert_eq!(line(measurement, tag).to_text(), None, "{measurement:?} {tag:?}");
    }
    assert_eq!(Line { fields: vec![], ..line("m", "b") }.to_text(), None);
}
