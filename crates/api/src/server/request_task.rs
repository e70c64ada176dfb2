//! Requests that are worked on in a task of their own, because their answer may have to take another
//! way than the one that the HTTP library has for it.
//!
//! * `Expect: 100-continue`: the library would say 100 first and have the request answered then. Here
//!   the request is begun, and 100 is said when its handler wants the body. So a caller who is not
//!   known, or whose body is too large, is told so before he sends it, and by the same code as ever.
//! * A body in chunks: when a chunk is malformed, the library hangs up at once, whatever the handler
//!   has to say. Here the handler goes on, finds its body broken off, and its answer is sent on what
//!   is left of the connection.

use std::cell::OnceCell;
use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::SystemTime;

use actix_http::body::{BodySize, BoxBody, MessageBody, to_bytes_limited};
use actix_http::error::PayloadError;
use actix_http::header::HttpDate;
use actix_http::{ConnectionType, HttpMessage as _, Payload, Request, Response};
use actix_service::Service;
use actix_web::rt;
use actix_web::rt::task::JoinHandle;
use actix_web::web::Bytes;
use futures_util::future::{Either, FutureExt as _, Map};
use futures_util::stream::Stream;
use tokio::sync::oneshot;

use super::patience::{Heir, Patience};
use crate::clock::Clock;

/// The largest body of an answer that is sent on what is left of a connection, in bytes.
const LARGEST_LAST: usize = 64 * 1024;

/// An answer, or that of a failure.
type Answer<B> = Result<Response<B>, Response<BoxBody>>;

/// An application that works on some requests in tasks of their own.
pub(super) struct TaskService<S, B> {
    application: Rc<S>,
    kind: PhantomData<B>,
}

/// The application, once there is one. There is one for each worker.
pub(super) struct Application<S>(OnceCell<Rc<S>>);

impl<S> Default for Application<S> {
    fn default() -> Self {
        Self(OnceCell::new())
    }
}

impl<S> Application<S> {
    /// Keeps the application of this worker, and serves it.
    pub(super) fn serve<B>(&self, application: S) -> TaskService<S, B> {
        let application = Rc::clone(self.0.get_or_init(|| Rc::new(application)));
        TaskService { application, kind: PhantomData }
    }

    /// Begins a request with `Expect: 100-continue`. What comes back is a stand-in for the request, once
    /// its body is wanted, or its answer.
    pub(super) async fn expect<B>(&self, mut request: Request) -> Result<Request, Response<BoxBody>>
    where
        S: Service<Request> + 'static,
        S::Future: 'static,
        S::Response: Into<Response<B>>,
        S::Error: Into<Response<BoxBody>>,
        B: MessageBody + 'static,
    {
        let Some(application) = self.0.get() else { return Ok(request) };
        let (wants, mut wanted) = oneshot::channel();
        match request.take_payload() {
            Payload::None => {}
            payload => {
                let payload = Box::pin(FirstRead { payload, wants: Some(wants) });
                *request.payload() = Payload::Stream { payload };
            }
        }
        let mut task = RequestTask::<B>::begin(application, request);
        tokio::select! {
            biased;
            answer = &mut task => {
                let answer = answer.map(Response::map_into_boxed_body);
                let mut answer = answer.unwrap_or_else(|failure| failure);
                // Whether the body comes now, only the client knows.
                answer.head_mut().set_connection_type(ConnectionType::Close);
                Err(answer)
            }
            Ok(()) = &mut wanted => {
                let stand_in = Request::new();
                stand_in.extensions_mut().insert(task);
                Ok(stand_in)
            }
        }
    }
}

/// The body of a request, which says when it is wanted.
struct FirstRead {
    payload: Payload,
    wants: Option<oneshot::Sender<()>>,
}

impl Stream for FirstRead {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if let Some(wants) = self.wants.take() {
            // If the client has gone, nothing waits for that.
            let _ = wants.send(());
        }
        Pin::new(&mut self.payload).poll_next(context)
    }
}

impl<S, B> Service<Request> for TaskService<S, B>
where
    S: Service<Request> + 'static,
    S::Future: 'static,
    S::Response: Into<Response<B>>,
    S::Error: Into<Response<BoxBody>>,
    B: MessageBody + 'static,
{
    type Response = Response<B>;
    type Error = Response<BoxBody>;
    type Future = Either<AnswerOf<S, B>, RequestTask<B>>;

    fn poll_ready(&self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.application.poll_ready(context).map_err(Into::into)
    }

    fn call(&self, mut request: Request) -> Self::Future {
        if matches!(request.payload(), Payload::None) {
            let begun = request.extensions_mut().remove();
            return begun
                .map_or_else(|| Either::Left(answer(&*self.application, request)), Either::Right);
        }
        if request.chunked().unwrap_or(false) {
            return Either::Right(RequestTask::begin(&self.application, request));
        }
        Either::Left(answer(&*self.application, request))
    }
}

/// The answer of an application.
type AnswerOf<S, B> = Map<
    <S as Service<Request>>::Future,
    fn(Result<<S as Service<Request>>::Response, <S as Service<Request>>::Error>) -> Answer<B>,
>;

fn answer<S, B>(application: &S, request: Request) -> AnswerOf<S, B>
where
    S: Service<Request>,
    S::Response: Into<Response<B>>,
    S::Error: Into<Response<BoxBody>>,
{
    application.call(request).map(|answer| answer.map(Into::into).map_err(Into::into))
}

/// A request that is worked on in a task of its own, and the answer to come.
pub(super) struct RequestTask<B> {
    answer: oneshot::Receiver<Answer<B>>,
    task: JoinHandle<()>,
    heir: Option<Rc<Heir>>,
}

impl<B: MessageBody + 'static> RequestTask<B> {
    fn begin<S>(application: &Rc<S>, request: Request) -> Self
    where
        S: Service<Request> + 'static,
        S::Future: 'static,
        S::Response: Into<Response<B>>,
        S::Error: Into<Response<BoxBody>>,
    {
        let heir = request.conn_data::<Rc<Patience>>().map(|patience| Rc::new(patience.heir()));
        let (sender, receiver) = oneshot::channel();
        let (work, last) = (answer(&**application, request), heir.clone());
        let task = rt::spawn(async move {
            if let Err(unheard) = sender.send(work.await)
                && let Some(leftover) = last.and_then(|heir| heir.leftover())
            {
                let answer = unheard.map(Response::map_into_boxed_body);
                if let Some(bytes) = last_answer(answer.unwrap_or_else(|failure| failure)).await {
                    leftover.end_with(bytes).await;
                }
            }
        });
        Self { answer: receiver, task, heir }
    }
}

impl<B> Future for RequestTask<B> {
    type Output = Answer<B>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Answer<B>> {
        let answer = Pin::new(&mut self.answer).poll(context);
        // A panic in a handler is answered within the task; outside of it, there are none.
        answer.map(|answer| answer.unwrap_or_else(|_| Err(Response::internal_server_error())))
    }
}

impl<B> Drop for RequestTask<B> {
    fn drop(&mut self) {
        // The client has gone, and no answer reaches it.
        if self.heir.as_ref().is_none_or(|heir| heir.is_over()) {
            self.task.abort();
        }
    }
}

/// The last answer on a connection, as it is sent. None where its body has no end.
async fn last_answer(answer: Response<BoxBody>) -> Option<Vec<u8>> {
    let (head, body) = answer.into_parts();
    if matches!(body.size(), BodySize::Stream) {
        return None;
    }
    let body = to_bytes_limited(body, LARGEST_LAST).await.ok()?.ok()?;
    let mut bytes = format!("HTTP/1.1 {}\r\n", head.status()).into_bytes();
    for (name, value) in head.headers() {
        bytes.extend([name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"].concat());
    }
    let (length, now) = (body.len(), HttpDate::from(SystemTime::from(Clock::System.now())));
    bytes.extend(
        format!("connection: close\r\ncontent-length: {length}\r\ndate: {now}\r\n\r\n")
            .into_bytes(),
    );
    bytes.extend_from_slice(&body);
    Some(bytes)
}
