//! Routes: a path serves operations and nothing else. What is served is listed while it is routed,
//! and `Allow` and the refusal of other methods come from that list.

use std::collections::BTreeMap;
use std::marker::PhantomData;

use actix_web::http::Method;
use actix_web::{Handler, HttpRequest, Resource, Responder, Scope, web};

use super::call::{Call, Face};
use crate::operation::{Info, Operation};

/// What is served where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// The method. `HEAD` beside `GET` is not listed.
    pub method: Method,
    /// The path from the root, its parameters as `{name}`.
    pub path: String,
    /// The operation.
    pub operation: Info,
}

/// A path of the face `F`, with all that is served there.
pub struct Path<F> {
    pattern: &'static str,
    /// The first word of the pattern.
    noun: &'static str,
    served: Vec<(Method, Info)>,
    resource: Resource,
    face: PhantomData<F>,
}

impl<F: Face> Path<F> {
    /// A path on which nothing is served yet. It begins with a word; a parameter behind it may have
    /// a pattern, as `{id:[0-9]+}`.
    #[must_use]
    pub fn new(pattern: &'static str) -> Self {
        let (noun, rest) = split(pattern);
        let resource = web::resource(rest);
        Self { pattern, noun, served: Vec::new(), resource, face: PhantomData }
    }

    /// With this method. Whose handler takes a call tells the operation.
    ///
    /// The operation that comes first is also that of callers who send other methods.
    #[must_use]
    pub fn on<O: Operation, H>(mut self, method: Method, handler: H) -> Self
    where
        H: Handler<(Call<F, O>,)>,
        H::Output: Responder + 'static,
    {
        let mut resource = self.resource;
        if self.served.is_empty() {
            resource = resource.default_service(F::wrong_method::<O>());
        }
        // Whoever sends `HEAD` does not mean to change anything.
        if F::HEAD && method == Method::GET && !O::INFO.changes {
            resource = resource.route(web::head().to(handler.clone()));
        }
        self.resource = resource.route(web::method(method.clone()).to(handler));
        self.served.push((method, O::INFO));
        self
    }

    /// With this for every other method, instead of the word that it is not served.
    #[must_use]
    pub fn otherwise<O: Operation, H>(mut self, handler: H) -> Self
    where
        H: Handler<(Call<F, O>,)>,
        H::Output: Responder + 'static,
    {
        self.resource = self.resource.default_service(web::to(handler));
        self
    }

    /// The methods, as `Allow` tells them.
    fn allow(&self) -> Allow {
        let mut methods: Vec<_> = self.served.iter().map(|(method, _)| method.as_str()).collect();
        let read = |(method, info): &(Method, Info)| method == Method::GET && !info.changes;
        if F::HEAD && self.served.iter().any(read) {
            methods.push(Method::HEAD.as_str());
        }
        Allow(methods.join(", "))
    }

    fn into_resource(self) -> Resource {
        let allow = web::Data::new(self.allow());
        self.resource.app_data(allow)
    }
}

/// The paths below a common beginning.
pub struct Paths<F> {
    prefix: &'static str,
    paths: Vec<Path<F>>,
}

impl<F: Face> Paths<F> {
    /// These paths below `prefix`.
    #[must_use]
    pub const fn new(prefix: &'static str, paths: Vec<Path<F>>) -> Self {
        Self { prefix, paths }
    }

    /// Everything that is served here.
    #[must_use]
    pub fn endpoints(&self) -> Vec<Endpoint> {
        let of_path = |path: &Path<F>| {
            let place = format!("{}{}", self.prefix, without_patterns(path.pattern));
            let endpoint = |(method, operation): &(Method, Info)| Endpoint {
                method: method.clone(),
                path: place.clone(),
                operation: *operation,
            };
            path.served.iter().map(endpoint).collect::<Vec<_>>()
        };
        self.paths.iter().flat_map(of_path).collect()
    }

    /// The routes, below the part of the prefix that stands behind `outer`. What else is asked for
    /// there, the face refuses.
    ///
    /// Patterns are tried one after the other, each of them a regular expression, which cost a
    /// quarter of a short request. So the paths that begin with the same word share a scope, and
    /// those of all others are not tried.
    #[must_use]
    pub fn scope(self, outer: &str) -> Scope {
        let scope = |prefix: &str| web::scope(prefix).default_service(F::no_route());
        let prefix = self.prefix.strip_prefix(outer).unwrap_or(self.prefix);
        let mut nouns: BTreeMap<&str, Vec<Resource>> = BTreeMap::new();
        for path in self.paths {
            nouns.entry(path.noun).or_default().push(path.into_resource());
        }
        let below = |(noun, paths): (&str, Vec<Resource>)| {
            paths.into_iter().fold(scope(noun), Scope::service)
        };
        nouns.into_iter().map(below).fold(scope(prefix), Scope::service)
    }
}

/// The first word of a pattern, and the rest.
fn split(pattern: &'static str) -> (&'static str, &'static str) {
    let end = pattern.bytes().skip(1).position(|byte| byte == b'/');
    pattern.split_at(end.map_or(pattern.len(), |end| end + 1))
}

/// The methods of a path.
struct Allow(String);

/// The methods that are served on the path of this request, when it leads anywhere.
#[must_use]
pub fn allowed(request: &HttpRequest) -> Option<String> {
    request.app_data::<web::Data<Allow>>().map(|allow| allow.0.clone())
}

/// The path, its parameters by their names alone.
fn without_patterns(pattern: &str) -> String {
    let mut path = String::new();
    let mut rest = pattern;
    while let Some((before, parameter)) = rest.split_once('{') {
        let (parameter, after) = parameter.split_once('}').unwrap_or((parameter, ""));
        let name = parameter.split(':').next().unwrap_or_default();
        path.extend([before, "{", name, "}"]);
        rest = after;
    }
    path + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_is_split_behind_its_first_word() {
        assert_eq!(split("/tokens"), ("/tokens", ""));
        assert_eq!(split("/tokens/{token_id}"), ("/tokens", "/{token_id}"));
        assert_eq!(split("/teams/{id:[a-z]+}/regions"), ("/teams", "/{id:[a-z]+}/regions"));
    }

    #[test]
    fn a_path_is_listed_without_the_patterns_of_its_parameters() {
        for (pattern, path) in [
            ("/tokens", "/tokens"),
            ("/tokens/{token_id}", "/tokens/{token_id}"),
            ("/teams/{team_id:[A-Za-z0-9_-]+}/regions", "/teams/{team_id}/regions"),
            ("/a/{b:[0-9]+}/{c}/d", "/a/{b}/{c}/d"),
        ] {
            assert_eq!(without_patterns(pattern), path);
        }
    }
}
