//! `/openapi/v1/currentuser`.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use cadastre_domain::user::User;
use serde::Serialize;
use utoipa::ToSchema;

use super::super::call::Call;
use super::super::shapes::ShapeB;
use super::super::wire::Failure;
use crate::operation::GetCurrentUser;
use crate::service;

/// The caller, under `bean`.
#[derive(Serialize, ToSchema)]
#[schema(as = CurrentUser)]
pub(in crate::rainbond) struct CurrentUserView {
    bean: UserView,
}

/// A user. The register knows a number, a name and an enterprise; the rest is as the original
/// shows those who have told nothing of themselves.
#[derive(Serialize, ToSchema)]
#[schema(as = User)]
struct UserView {
    user_id: i64,
    /// Always empty.
    email: &'static str,
    nick_name: String,
    /// The same as `nick_name`.
    real_name: String,
    /// Always empty.
    phone: &'static str,
    /// Always true: whoever is not, has no token that is accepted.
    is_active: bool,
    /// Always empty.
    origion: &'static str,
    enterprise_id: String,
}

impl From<User> for CurrentUserView {
    fn from(user: User) -> Self {
        let name = String::from(user.name);
        let bean = UserView {
            user_id: user.id.0,
            email: "",
            nick_name: name.clone(),
            real_name: name,
            phone: "",
            is_active: true,
            origion: "",
            enterprise_id: user.enterprise_id.to_string(),
        };
        Self { bean }
    }
}

/// Shows whom the token acts for.
#[utoipa::path(
    get,
    path = "/openapi/v1/currentuser",
    tag = "users",
    responses(
        (status = 200, description = "The user.", body = CurrentUserView),
        (status = 404, description = "The query asks for another format than JSON.", body = ShapeB),
        (status = 406, description = "The client does not take JSON.", body = ShapeB),
    ),
)]
pub(in crate::rainbond) async fn current(
    call: Call<GetCurrentUser>,
) -> Result<HttpResponse, Failure> {
    let user = service::users::current(&call.app, &call.session).await;
    call.answer(StatusCode::OK, user.map(CurrentUserView::from))
}
