//! Who may do what to whose things: written down from the plan of the roles and the decisions about
//! the faces, not computed from the code.

mod dialing;
mod native;
mod rainbond;

/// Those who call, in the order of the columns: a token of each role of the enterprise `{E1}`, the
/// team token once of the team `{T}` and once of none; then strangers.
pub const CALLERS: [&str; 9] =
    ["platform", "admin", "operator", "viewer", "team", "lone", "nobody", "expired", "revoked"];

/// Whose the thing is that a request names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Whose {
    /// It names none.
    Nobodys,
    /// That of the callers' enterprise; a team is that of the team token.
    Own,
    /// A team of the callers' enterprise, to which no token belongs; a token of the platform.
    Other,
    /// That of another enterprise.
    Foreign,
    /// There is none.
    Unknown,
}

/// A request, and what comes of it.
pub struct Row {
    /// The operation.
    pub operation: &'static str,
    /// Which of the things is varied.
    pub what: &'static str,
    /// Whose it is.
    pub whose: Whose,
    /// Method and path. `{caller}` makes it another one for each caller.
    pub request: &'static str,
    /// The body, when there is one. `{caller}` makes it another one, too.
    pub body: &'static str,
    /// For each of [`CALLERS`], the status, and behind it the code of a refusal.
    pub expected: [&'static str; 9],
}

/// All rows.
pub fn rows() -> Vec<Row> {
    [rainbond::rows(), dialing::rows(), native::rows()].into_iter().flatten().collect()
}

/// Pairs of answers that need not be the same although one is about something foreign and the other
/// about something that does not exist: the published interface tells them apart (D10).
pub const TOLD_APART: [(&str, &str); 2] = [("create_team", "region"), ("open_region", "region")];

/// A row whose strangers are told what all strangers are told on this face.
fn row(
    (operation, what, whose): (&'static str, &'static str, Whose),
    request: &'static str,
    body: &'static str,
    of_roles: [&'static str; 6],
    stranger: &'static str,
) -> Row {
    let [platform, admin, operator, viewer, team, lone] = of_roles;
    let expected = [platform, admin, operator, viewer, team, lone, stranger, stranger, stranger];
    Row { operation, what, whose, request, body, expected }
}
