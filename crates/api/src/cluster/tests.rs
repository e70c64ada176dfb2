//! What each answer of a cluster means.

use super::*;

fn judged(status: u16, body: Value) -> Result<(), ClusterError> {
    let status = StatusCode::from_u16(status).expect("a status");
    judge(&Answer { status, body }, "t1")
}

#[test]
fn every_answer_to_the_creation_of_a_tenant_is_as_the_contract_says() {
    assert_eq!(judged(200, Value::Null), Ok(()));
    assert_eq!(judged(400, json!({"msg": "tenant name t1 is exist"})), Ok(()));
    assert_eq!(judged(400, json!({"msg": "tenant name t2 is exist"})), Err(ClusterError::Refused));
    assert_eq!(judged(500, json!({"msg": "namespace exists"})), Err(ClusterError::NamespaceExists));
    assert_eq!(
        judged(409, json!({"code": 7, "msg": "m", "msg_show": "s"})),
        Err(ClusterError::Answered {
            status: 409,
            code: 7,
            msg: "m".to_owned(),
            msg_show: "s".to_owned()
        })
    );
    assert_eq!(judged(502, Value::Null), Err(ClusterError::Refused));
}

#[test]
fn a_refusal_never_looks_like_success() {
    let answered = |status| ClusterError::Answered {
        status,
        code: 1,
        msg: String::new(),
        msg_show: String::new(),
    };
    assert_eq!(answered(204).status(), StatusCode::BAD_REQUEST);
    assert_eq!(answered(404).status(), StatusCode::NOT_FOUND);
}

#[test]
fn the_endpoint_is_below_the_path_of_the_address() {
    for (api, expected) in [
        ("http://h:1", "http://h:1/v2/show"),
        ("http://h/", "http://h/v2/show"),
        ("http://h/base/?x=1", "http://h/base/v2/show"),
    ] {
        let api = ApiUrl::try_from(api.to_owned()).expect("a URL");
        assert_eq!(endpoint(&api, "/v2/show"), expected);
    }
}
