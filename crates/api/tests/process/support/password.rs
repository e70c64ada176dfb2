//! The password in the URL of a database.

/// The URL, whose user gets a password when he has none, and what must not be seen of it.
pub fn with_password(url: &str) -> (String, String) {
    let (scheme, rest) = url.split_once("://").unwrap();
    let (user, place) = rest.split_once('@').unwrap_or(("postgres", rest));
    if let Some((_, password)) = user.split_once(':') {
        return (url.to_owned(), format!(":{password}@"));
    }
    let password = "canary%2FIn7heUrl";
    (format!("{scheme}://{user}:{password}@{place}"), "In7heUrl".to_owned())
}
