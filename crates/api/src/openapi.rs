//! The documents in which the faces describe themselves (OpenAPI 3.1).
//!
//! A handler, a request and an answer are described where they stand. What follows from the type of
//! an operation, and what can happen to any request, is added here.

#[cfg(test)]
mod tests;

use std::io::Write as _;

use actix_web::http::Method;
use actix_web::web::{self, Bytes};
use flate2::Compression;
use flate2::write::GzEncoder;
use tokio::sync::OnceCell;
use utoipa::openapi::header::Header;
use utoipa::openapi::path::{Operation, Parameter, ParameterIn, PathItem};
use utoipa::openapi::response::Response;
use utoipa::openapi::schema::{Object, Schema, Type};
use utoipa::openapi::security::{SecurityRequirement, SecurityScheme};
use utoipa::openapi::{Content, OpenApi, Ref, RefOr};

use crate::http::entity_tag;
use crate::http::routes::Endpoint;
use crate::operation::Info;
use crate::{dialing, native, rainbond};

/// What the operations of a face have in common.
pub struct Common {
    /// What the header of the key is called in the document.
    pub scheme: &'static str,
    /// How the key is sent.
    pub security: SecurityScheme,
    /// The media type of failures.
    pub failure_type: &'static str,
    /// The name of the schema of failures, as far as nothing else is said.
    pub failure_schema: &'static str,
    /// Failures that are not those of a single operation.
    pub failures: &'static [Failure],
}

/// A failure that many operations have in common.
pub struct Failure {
    /// Its status.
    pub status: &'static str,
    /// Which requests can fail so.
    pub of: Of,
    /// The name of its schema.
    pub schema: &'static str,
    /// What it means.
    pub means: &'static str,
}

/// Requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Of {
    /// All.
    Any,
    /// Those with a body.
    Body,
    /// Those with a body or with parameters in their query.
    Input,
}

/// The faces that have a document.
pub const FACES: [&str; 3] = ["rainbond", "dialing", "native"];

/// The document of the face of this name.
#[must_use]
pub fn document(face: &str) -> Option<OpenApi> {
    match face {
        "rainbond" => Some(rainbond::document()),
        "dialing" => Some(dialing::document()),
        "native" => Some(native::document()),
        _ => None,
    }
}

/// A document as it is sent.
#[derive(Debug)]
pub struct RenderedDocument {
    /// JSON.
    pub text: Bytes,
    /// The same, compressed with gzip.
    pub gzip: Bytes,
    /// Identifies the text in an `ETag`.
    pub tag: String,
}

impl RenderedDocument {
    fn new(document: &OpenApi) -> Option<Self> {
        let text = document.to_pretty_json().ok()?;
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(text.as_bytes()).ok()?;
        let gzip = encoder.finish().ok()?.into();
        Some(Self { tag: entity_tag::opaque([&text]), gzip, text: text.into() })
    }
}

/// All documents as they are sent, in the order of [`FACES`].
type AllRendered = [Option<RenderedDocument>; FACES.len()];

fn render() -> AllRendered {
    FACES.map(|face| RenderedDocument::new(&document(face)?))
}

/// The document of this API as it is sent. All are rendered at the first call, because anybody may ask and
/// rendering takes long.
pub async fn rendered(face: &str) -> Option<&'static RenderedDocument> {
    static DOCUMENTS: DocumentCache = DocumentCache(OnceCell::const_new());
    let place = FACES.iter().position(|name| *name == face)?;
    DOCUMENTS.get(render).await?[place].as_ref()
}

/// The documents, once they are rendered.
#[derive(Debug)]
struct DocumentCache(OnceCell<AllRendered>);

impl DocumentCache {
    /// The documents. The first call renders them, on a thread that may block, and all others wait for
    /// it; none when the server stops.
    async fn get(
        &self,
        render: impl FnOnce() -> AllRendered + Send + 'static,
    ) -> Option<&AllRendered> {
        self.0.get_or_try_init(|| web::block(render)).await.ok()
    }
}

/// The document, with what follows from the operations that are served and what they have in
/// common.
#[must_use]
pub fn complete(mut document: OpenApi, endpoints: &[Endpoint], common: &Common) -> OpenApi {
    let components = document.components.get_or_insert_default();
    components.add_security_scheme(common.scheme, common.security.clone());
    for Endpoint { method, path, operation } in endpoints {
        let item = document.paths.paths.get_mut(path);
        if let Some(described) = item.and_then(|item| of_method(item, method)) {
            add_info(described, operation);
            add_common(described, common);
        }
    }
    document
}

/// What is said of this method of a path.
fn of_method<'a>(item: &'a mut PathItem, method: &Method) -> Option<&'a mut Operation> {
    let place = match method.as_str() {
        "GET" => &mut item.get,
        "PUT" => &mut item.put,
        "POST" => &mut item.post,
        "PATCH" => &mut item.patch,
        "DELETE" => &mut item.delete,
        _ => return None,
    };
    place.as_mut()
}

fn add_info(operation: &mut Operation, info: &Info) {
    operation.operation_id = Some(info.name.to_owned());
    let extensions = operation.extensions.get_or_insert_default();
    extensions.insert("x-right".to_owned(), info.right.as_str().into());
    extensions.insert("x-changes".to_owned(), info.changes.into());
}

fn add_common(operation: &mut Operation, common: &Common) {
    operation.security = Some(vec![SecurityRequirement::new::<_, [&str; 0], _>(common.scheme, [])]);
    for failure in common.failures {
        if !failure.concerns(operation) {
            continue;
        }
        let responses = &mut operation.responses.responses;
        let response = || RefOr::T(failure.response(common.failure_type));
        responses.entry(failure.status.to_owned()).or_insert_with(response);
    }
    for (status, response) in &mut operation.responses.responses {
        let RefOr::T(response) = response else { continue };
        if status.as_str() >= "400" && response.content.is_empty() {
            add_body(response, common.failure_type, common.failure_schema);
        }
        add_headers(status, response);
    }
}

impl Failure {
    fn concerns(&self, operation: &Operation) -> bool {
        let is_query = |parameter: &RefOr<Parameter>| matches!(parameter, RefOr::T(found) if found.parameter_in == ParameterIn::Query);
        let body = operation.request_body.is_some();
        match self.of {
            Of::Any => true,
            Of::Body => body,
            Of::Input => body || operation.parameters.iter().flatten().any(is_query),
        }
    }

    fn response(&self, media_type: &str) -> Response {
        let mut response = Response::new(self.means);
        add_body(&mut response, media_type, self.schema);
        response
    }
}

fn add_body(response: &mut Response, media_type: &str, schema: &str) {
    let schema = Ref::from_schema_name(schema);
    response.content.insert(media_type.to_owned(), RefOr::T(Content::new(Some(schema))));
}

fn add_headers(status: &str, response: &mut Response) {
    let mut add = |name: &str, kind: Type, means: &str| {
        let mut header = Header::new(Object::with_type(kind));
        header.description = Some(means.to_owned());
        response.headers.insert(name.to_owned(), RefOr::T(header));
    };
    add("X-Request-ID", Type::String, "The id of the request, as the log and the audit tell it.");
    if matches!(status, "429" | "503") {
        add("Retry-After", Type::Integer, "After how many seconds to try again.");
    }
}

/// Text that is one of these.
pub fn one_of(values: impl IntoIterator<Item = &'static str>) -> RefOr<Schema> {
    let mut object = Object::with_type(Type::String);
    object.enum_values = Some(values.into_iter().map(Into::into).collect());
    RefOr::T(Schema::Object(object))
}
