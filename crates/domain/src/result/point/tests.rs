use super::super::line::parse;
use super::super::{LONGEST_TAG_VALUE, MOST_TAGS};
use super::*;

const RECEIVED: i64 = 1_795_306_200_000_000_000;

fn point(line: &str) -> DialPoint {
    let lines = parse(line.as_bytes()).expect(line);
    DialPoint::read(&lines[0], RECEIVED).expect(line)
}

#[test]
fn each_class_tells_its_time_in_its_own_field() {
    for (fields, class, timings) in [
        (
            "response_time=1848i,response_dns=0,response_connection=161.796,response_ssl=12.5,\
             response_ttfb=1564.186,response_download=284.323",
            Class::Http,
            [Some(1848), Some(0), Some(162), Some(13), Some(1564), Some(284)],
        ),
        (
            "response_time=900i,response_time_with_dns=1000i",
            Class::Tcp,
            [Some(900), Some(100), None, None, None, None],
        ),
        (
            "average_round_trip_time=31000.4,response_time=5i",
            Class::Icmp,
            [Some(31000), None, None, None, None, None],
        ),
        (
            "response_time=900i,response_time_with_dns=800i",
            Class::Websocket,
            [Some(900), None, None, None, None, None],
        ),
        ("response_time=4274i", Class::Multi, [Some(4274), None, None, None, None, None]),
        ("response_time=7i", Class::Grpc, [Some(7), None, None, None, None, None]),
        ("tls_handshake_time=900i", Class::Ssl, [Some(900), None, None, Some(900), None, None]),
        ("response_time=8i", Class::Browser, [Some(8), None, None, None, None, None]),
        ("response_time=9i", Class::Netpath, [Some(9), None, None, None, None, None]),
    ] {
        let line = format!("{},status=OK success=1i,{fields} 5", class.measurement());
        let point = point(&line);
        let Timings { response, dns, connect, tls, first_byte, download } = point.timings;
        assert_eq!([response, dns, connect, tls, first_byte, download], timings, "{line}");
        assert_eq!(point.measurement.class(), Some(class));
        assert_eq!(point.measurement, class.into());
        assert_eq!((point.at_ns, point.outcome), (5, Outcome::Ok));
        assert!(class.measurement().starts_with(class.as_str()));
    }
}

#[test]
fn an_outcome_is_the_status_or_else_the_success() {
    for (tag, success, outcome) in [
        (",status=OK", "-1i", Outcome::Ok),
        (",status=FAIL", "1i", Outcome::Failed),
        (",status=RETRY_OK", "1i", Outcome::OkAfterRetry),
        (",status=else", "1i", Outcome::Ok),
        ("", "1i", Outcome::Ok),
        ("", "-1i", Outcome::Failed),
        ("", "0i", Outcome::Unknown),
        ("", "\"1\"", Outcome::Unknown),
    ] {
        let point = point(&format!("new_dial_testing{tag} success={success}"));
        assert_eq!(point.outcome, outcome, "{tag} {success}");
        assert_eq!(point.at_ns, RECEIVED);
        assert_eq!(point.measurement.class(), None);
    }
    for outcome in Outcome::ALL {
        assert_eq!(Outcome::with_code(outcome.code()), Some(outcome));
        assert_eq!(outcome.as_str().parse(), Ok(outcome));
        assert_eq!(outcome.is_failure(), outcome.success() == Some(-1));
    }
    assert_eq!(Outcome::with_code(9), None);
    assert_eq!("ok".parse::<Outcome>(), Err(OutcomeError));
}

#[test]
fn times_out_of_bounds_are_as_if_not_told() {
    for (written, micros) in [
        ("0i", Some(0)),
        ("1000000000000i", Some(LARGEST_MICROS)),
        ("1000000000001i", None),
        ("-1i", None),
        ("1e300", None),
        ("18446744073709551615u", None),
        ("\"5\"", None),
        ("true", None),
    ] {
        let point = point(&format!("http_dial_testing response_time={written}"));
        assert_eq!(point.timings.response, micros, "{written}");
    }
}

#[test]
fn other_fields_are_within_bounds_or_not_there() {
    let full = point(
        "icmp_dial_testing status_code=200i,packet_loss_percent=33.3,fail_reason=\"a\nb\0c\"",
    );
    assert_eq!(full.status_code, Some(200));
    assert_eq!(full.packet_loss, Some(33.3));
    assert_eq!(full.fail_reason.as_deref(), Some("a b c"));
    let empty = point(
        "icmp_dial_testing status_code=9999999999i,packet_loss_percent=101,fail_reason=\" \"",
    );
    assert_eq!((empty.status_code, empty.packet_loss, empty.fail_reason), (None, None, None));
    let long = "é".repeat(LONGEST_FAIL_REASON + 1);
    let long = point(&format!("icmp_dial_testing fail_reason=\"{long}\""));
    assert_eq!(long.fail_reason, Some("é".repeat(LONGEST_FAIL_REASON)));
}

#[test]
fn the_end_of_a_certificate_is_read_in_any_unit() {
    for unit in [1, 1000, 1_000_000, 1_000_000_000] {
        let time = 1_800_000_000_i64 * unit;
        let point = point(&format!("ssl_dial_testing ssl_cert_not_after={time}i"));
        assert_eq!(point.certificate_expires, Some(1_800_000_000), "{unit}");
    }
    let by_days = point("ssl_dial_testing ssl_cert_expires_in_days=2i 1800000000000000000");
    assert_eq!(by_days.certificate_expires, Some(1_800_000_000 + 2 * 86_400));
    let far = point("ssl_dial_testing ssl_cert_expires_in_days=9223372036854775807i");
    assert_eq!(far.certificate_expires, None);
    assert_eq!(point("ssl_dial_testing f=1").certificate_expires, None);
}

#[test]
fn tags_are_kept_within_bounds() {
    let line = "m,status=OK,datakit_version=1.84.1,name=a,name=b,df_label=[\"x\"\\,\"y\"] f=1";
    let tags = point(line).tags;
    let all: Vec<_> = tags.iter().collect();
    let expected = [("datakit_version", "1.84.1"), ("df_label", "[\"x\",\"y\"]"), ("name", "a")];
    assert_eq!(all, expected);
    assert_eq!(tags.agent_version(), Some("1.84.1"));
    assert_eq!(PointTags::from_json(&tags.to_json()).ok(), Some(tags.clone()));
    assert_eq!(tags.version_alone().to_json(), "{\"datakit_version\":\"1.84.1\"}");
    assert!(point("m f=1").tags.version_alone().is_empty());

    let many = (0..=MOST_TAGS).map(|n| format!(",t{n}=v")).collect::<Vec<_>>().concat();
    assert_eq!(point(&format!("m{many} f=1")).tags.iter().count(), MOST_TAGS);
    let long = "é".repeat(LONGEST_TAG_VALUE + 1);
    let tags = point(&format!("m,{}=v,t={long} f=1", "n".repeat(65))).tags;
    assert_eq!(tags.iter().collect::<Vec<_>>(), [("t", "é".repeat(LONGEST_TAG_VALUE).as_str())]);
    let large = (0..40).map(|n| format!(",t{n}={long}")).collect::<Vec<_>>().concat();
    assert_eq!(point(&format!("m{large} f=1")).tags.iter().count(), 15);
}

#[test]
fn a_measurement_has_a_bounded_name() {
    for (name, is_one) in [
        ("m".to_owned(), true),
        ("x".repeat(128), true),
        ("x".repeat(129), false),
        (String::new(), false),
        ("a\tb".to_owned(), false),
    ] {
        assert_eq!(Measurement::try_from(name.clone()).is_ok(), is_one, "{name}");
    }
    assert_eq!(String::from(Measurement::other()), Measurement::other().as_str());
}
