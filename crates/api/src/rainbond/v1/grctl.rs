//! `/openapi/v1/grctl`: what the command `grctl` asks for (contract 6.4).

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use cadastre_domain::region::{AddressesEdit, RegionEdit};
use utoipa::ToSchema;

use super::super::call::Call;
use super::super::fields::{Fields, Shape};
use super::super::region_fields::{TlsFields, token};
use super::super::shapes::{BadRequest, NotFound, ShapeB, ShapeC};
use super::super::wire::Failure;
use crate::error::{Error, Rule};
use crate::operation::ReaddressRegion;
use crate::service;

/// Where a region is to be reached. What is left out stays as it is.
#[derive(ToSchema)]
#[schema(as = NewAddresses)]
#[expect(dead_code, reason = "describes a body that is read field by field")]
pub(in crate::rainbond) struct NewAddressesBody {
    /// The name of the region; not its identifier.
    #[schema(min_length = 1, max_length = 64)]
    region_name: String,
    /// The authority that signed the certificate of the region's API, as PEM text.
    #[schema(max_length = 65535)]
    ssl_ca_cert: Option<String>,
    /// The token that the region's API takes. When `url` changes to another origin (scheme, host or
    /// port), a token and a key that are stored must be given again, or null to drop them.
    #[schema(max_length = 255)]
    token: Option<String>,
    /// The key of the certificate, as PEM text.
    #[schema(max_length = 65535)]
    key_file: Option<String>,
    /// The certificate with which the register shows itself, as PEM text.
    #[schema(max_length = 65535)]
    cert_file: Option<String>,
    /// The region's API, as `https://host:8443`.
    #[schema(max_length = 256, nullable = false)]
    url: Option<String>,
    /// Its websocket, as `ws://host:6060`.
    #[schema(max_length = 256, nullable = false)]
    ws_url: Option<String>,
    /// Below which domain its applications are reached.
    #[schema(max_length = 256, nullable = false)]
    http_domain: Option<String>,
    /// At which address TCP is taken: an IP address or a DNS name, perhaps with a port.
    #[schema(max_length = 256, nullable = false)]
    tcp_domain: Option<String>,
}

/// Gives a region other addresses and certificates.
///
/// Everything else stays: its alias, status, scope, remark and, unless it is given, its token. The answer says no more than
/// that it was done.
#[utoipa::path(
    post,
    path = "/openapi/v1/grctl/ip",
    tag = "regions",
    request_body(content(
        (NewAddressesBody = "application/json"),
        (NewAddressesBody = "application/x-www-form-urlencoded"),
        (NewAddressesBody = "multipart/form-data"),
    )),
    responses(
        (
            status = 200,
            description = "It was done.",
            body = ShapeC,
            headers(("Warning" = String, description = "A certificate expires soon.")),
        ),
        (
            status = 400,
            description = "Fields are wrong, or the body does not parse.",
            body = BadRequest,
        ),
        (status = 403, description = "The role of the token does not allow this.", body = ShapeB),
        (
            status = 404,
            description = "There is no such region for the caller, or the query asks for another \
                format than JSON.",
            body = NotFound,
        ),
        (status = 406, description = "The client does not take JSON.", body = ShapeB),
    ),
)]
pub(in crate::rainbond) async fn set_addresses(
    mut call: Call<ReaddressRegion>,
) -> Result<HttpResponse, Failure> {
    let (name, edit) = read(call.fields().await?).map_err(|error| call.failure(error))?;
    let (app, session) = (&call.app, &call.session);
    let changed = service::regions::change::readdress(app, session, &name, edit).await;
    call.answer_written(StatusCode::OK, changed, |_| ShapeC::new(200, "success", "更新成功"))
}

fn read(mut fields: Fields) -> Result<(String, RegionEdit), Error> {
    let (body, address) = (&mut fields, Shape::optional(256));
    let name = body.given("region_name", Shape::required(64)).text();
    let TlsFields { ca, certificate, key } = TlsFields::read(body);
    let token = token(body);
    let addresses = AddressesEdit {
        api: body.ruled("url", address, Rule::ApiUrl),
        websocket: body.ruled("ws_url", address, Rule::WebsocketUrl),
        http_domain: body.plain("http_domain", address),
        tcp: body.ruled("tcp_domain", address, Rule::TcpAddress),
    };
    let errors = fields.into_errors();
    match name {
        Some(name) if errors.is_empty() => {
            let edit =
                RegionEdit { addresses, token, ca, certificate, key, ..RegionEdit::default() };
            Ok((name, edit))
        }
        _ => Err(Error::Fields(errors)),
    }
}
