//! `POST /v1/variable/update/{region_id}`: values that agents computed (dialing contract, section 3.6).

use actix_web::{HttpRequest, HttpResponse, web};
use cadastre_domain::id::VariableId;
use cadastre_domain::json::parse_at_most;
use cadastre_domain::secret::Secret;
use cadastre_domain::variable::LONGEST_VALUE;
use serde_json::{Value, json};

use super::signed;
use super::wire::{Failure, in_time, only_post};
use crate::app::{App, Writer};
use crate::service::variables::{Values, store_computed};

/// Of how many variables values are taken at once. Agents send one or a few after each run.
const MOST_VALUES: usize = 500;

/// How many JSON values a body has at most. Of a variable that comes again and again the last value
/// counts, so a body may be longer than the number of variables makes it.
const MOST_JSON_VALUES: usize = 50_000;

/// Adds the route.
pub(super) fn configure(service: &mut web::ServiceConfig) {
    service.service(
        web::resource("/v1/variable/update/{region_id}")
            .route(web::post().to(update))
            .default_service(web::to(only_post)),
    );
}

async fn update(
    app: web::Data<App>,
    request: HttpRequest,
    node: web::Path<String>,
    payload: web::Payload,
) -> Result<HttpResponse, Failure> {
    let answer = async {
        let accepted = signed::accept(&app, &request, payload.into_inner(), Some(&node)).await?;
        let values = values(&accepted.body)?;
        let node = &accepted.node.node;
        let writer = Writer::Node {
            node: node.id.clone(),
            key: accepted.key,
            enterprise: node.enterprise_id,
        };
        store_computed(&app, writer, node, values, accepted.now).await?;
        Ok(HttpResponse::Ok().json(json!({ "content": {} })))
    };
    in_time(answer).await
}

/// The values of a body, of one that comes twice the last. What names no variable or has no value is
/// passed over: agents leave the value of a run that failed out.
fn values(body: &[u8]) -> Result<Values, Failure> {
    let values: Values = match parse_at_most(body, MOST_JSON_VALUES) {
        Ok(Value::Array(all)) => all.iter().filter_map(value).collect(),
        Ok(_) => return Err(Failure::parameter("the body must be an array")),
        Err(error) => return Err(Failure::parameter(format!("the body is no JSON: {error}"))),
    };
    if values.len() > MOST_VALUES {
        let text = format!("values of at most {MOST_VALUES} variables are taken at once");
        return Err(Failure::parameter(text));
    }
    Ok(values)
}

fn value(given: &Value) -> Option<(VariableId, Secret)> {
    let id = given.get("uuid")?.as_str()?.parse().ok()?;
    let value = given.get("value")?.as_str().filter(|value| value.len() <= LONGEST_VALUE)?;
    Some((id, Secret::from(value.to_owned())))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "var_0123456789abcdef0123456789abcdef";

    fn told(body: &Value) -> Option<Vec<(String, String)>> {
        let values = values(body.to_string().as_bytes()).ok()?;
        let told = |(id, value): (VariableId, Secret)| (id.to_string(), value.reveal().to_owned());
        Some(values.into_iter().map(told).collect())
    }

    #[test]
    fn values_of_variables_are_read_and_others_passed_over() {
        let long = "x".repeat(LONGEST_VALUE + 1);
        let body = json!([
            {"uuid": ID, "value": "41", "updated_at": 1, "owner_external_id": "x"},
            {"uuid": ID, "value": "42", "updated_at": 1, "owner_external_id": "x"},
            {"uuid": "var_1", "value": "42"},
            {"uuid": ID, "fail_count": 1},
            {"uuid": ID, "value": 42},
            {"uuid": ID, "value": null},
            {"uuid": ID, "value": long},
            {"value": "42"},
            7, null, [],
        ]);
        assert_eq!(told(&body), Some(vec![(ID.to_owned(), "42".to_owned())]));
        assert_eq!(told(&json!([])), Some(Vec::new()));
    }

    #[test]
    fn of_very_many_variables_no_value_is_taken() {
        let some = |count: usize| {
            let value = |number| json!({"uuid": format!("var_{number:032x}"), "value": "x"});
            told(&(0..count).map(value).collect())
        };
        assert_eq!(some(MOST_VALUES).map(|values| values.len()), Some(MOST_VALUES));
        assert_eq!(some(MOST_VALUES + 1), None);
    }

    #[test]
    fn what_is_no_array_is_refused() {
        for body in [json!({}), json!("x"), Value::Null] {
            assert_eq!(told(&body), None, "{body}");
        }
        assert!(values(b"").is_err() && values(b"[").is_err());
    }
}
