//! The layer that makes faults happen.

use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures_util::{StreamExt as _, stream};
use http_body_util::BodyExt as _;

use super::{Faults, Hook, Kind, Moment};
use crate::hang_up::HangUp;
use crate::journal::Ticket;

/// Applies what the plan holds for this request.
pub(super) async fn strike(State(faults): State<Faults>, request: Request, next: Next) -> Response {
    let ticket = request.extensions().get::<Ticket>().cloned();
    let mut fault = None;
    for (name, kind) in faults.next_for(request.method(), request.uri().path()) {
        if let Kind::Delay(time) = kind {
            faults.clock.sleep(time).await;
        } else {
            if let Some(ticket) = &ticket {
                ticket.struck(name);
            }
            fault = Some(kind);
        }
    }
    match fault {
        None | Some(Kind::Delay(_)) => work(request, next, ticket).await,
        Some(Kind::Reset) => hang_up(HangUp::Reset),
        Some(Kind::DropResponse) => {
            work(request, next, ticket).await;
            hang_up(HangUp::Close)
        }
        Some(Kind::CutBody) => cut(work(request, next, ticket).await).await,
        Some(Kind::Member { pointer, json }) => with_member(work(request, next, ticket).await, &pointer, &json).await,
        Some(Kind::Call(moment, hook)) => call(moment, hook, request, next, ticket).await,
        Some(Kind::Answer { status, headers, body }) => {
            // Servers swallow what they refuse: closing on a client that still sends would take the answer from it.
            drop(request.into_body().collect().await);
            answer(status, &headers, body)
        }
        Some(Kind::CommitLater { after, status }) => {
            commit_later(&faults, after, request, next, ticket).await;
            status.map_or_else(|| hang_up(HangUp::Close), |status| answer(status, &[], String::new()))
        }
    }
}

/// Runs the server's own code to its end, even when the client goes away meanwhile: what a real server has begun, it
/// commits.
async fn work(request: Request, next: Next, ticket: Option<Ticket>) -> Response {
    let running = tokio::spawn(async move {
        let response = next.run(request).await;
        if let Some(ticket) = ticket {
            ticket.handled();
        }
        response
    });
    running
        .await
        .unwrap_or_else(|_| StatusCode::INTERNAL_SERVER_ERROR.into_response())
}

/// Takes the whole request now, since its connection is about to close, and does the work when the time has come.
async fn commit_later(faults: &Faults, after: Duration, request: Request, next: Next, ticket: Option<Ticket>) {
    let (parts, body) = request.into_parts();
    // A request that did not arrive whole is never committed.
    let Ok(body) = body.collect().await else { return };
    let request = Request::from_parts(parts, Body::from(body.to_bytes()));
    let clock = faults.clock.clone();
    tokio::spawn(async move {
        clock.sleep(after).await;
        work(request, next, ticket).await;
    });
}

/// Does everything as it should be, and calls the hook on the way.
async fn call(moment: Moment, hook: Hook, request: Request, next: Next, ticket: Option<Ticket>) -> Response {
    let (parts, body) = request.into_parts();
    // A client that dies while it sends has sent nothing.
    let Ok(body) = body.collect().await else {
        return hang_up(HangUp::Close);
    };
    let request = Request::from_parts(parts, Body::from(body.to_bytes()));
    if moment == Moment::Arrived {
        hook.0();
    }
    let response = work(request, next, ticket).await;
    match moment {
        Moment::Arrived => response,
        Moment::Done => {
            hook.0();
            response
        }
        Moment::HalfAnswered => half_answered(response, hook).await,
    }
}

async fn half_answered(response: Response, hook: Hook) -> Response {
    let (mut parts, body) = response.into_parts();
    let Ok(whole) = body.collect().await else {
        return hang_up(HangUp::Close);
    };
    let whole = whole.to_bytes();
    parts
        .headers
        .insert(header::CONTENT_LENGTH, HeaderValue::from(whole.len()));
    let (first, rest) = (whole.slice(..whole.len() / 2), whole.slice(whole.len() / 2..));
    let first = stream::once(async move { Ok::<Bytes, std::io::Error>(first) });
    let rest = stream::once(async move {
        // The first half leaves when the body pauses.
        tokio::task::yield_now().await;
        hook.0();
        Ok(rest)
    });
    Response::from_parts(parts, Body::from_stream(first.chain(rest)))
}

fn hang_up(how: HangUp) -> Response {
    // The status is seen only where no connection is there to be closed, as when a router is called directly.
    let mut response = StatusCode::BAD_GATEWAY.into_response();
    response.extensions_mut().insert(how);
    response
}

/// Puts text in the place of a member of a JSON answer. Other answers stay as they are.
async fn with_member(response: Response, pointer: &str, json: &str) -> Response {
    const PLACE: &str = "the member that a fault replaces";
    let (mut parts, body) = response.into_parts();
    let Ok(whole) = body.collect().await else {
        return hang_up(HangUp::Close);
    };
    let whole = whole.to_bytes();
    let Ok(mut value) = serde_json::from_slice::<serde_json::Value>(&whole) else {
        return Response::from_parts(parts, Body::from(whole));
    };
    if let Some(member) = value.pointer_mut(pointer) {
        *member = PLACE.into();
    }
    let text = value.to_string().replacen(&format!("\"{PLACE}\""), json, 1);
    parts.headers.remove(header::CONTENT_LENGTH);
    Response::from_parts(parts, Body::from(text))
}

/// Announces the whole body and breaks off after half of it.
async fn cut(response: Response) -> Response {
    let (mut parts, body) = response.into_parts();
    let Ok(whole) = body.collect().await else {
        return hang_up(HangUp::Close);
    };
    let whole = whole.to_bytes();
    parts
        .headers
        .insert(header::CONTENT_LENGTH, HeaderValue::from(whole.len()));
    let half = stream::once(async move { Ok::<Bytes, std::io::Error>(whole.slice(..whole.len() / 2)) });
    let broken = stream::once(async {
        // hyper sends what it has only when the body pauses; without that the error would swallow the first half.
        tokio::task::yield_now().await;
        Err(std::io::Error::from(std::io::ErrorKind::ConnectionReset))
    });
    Response::from_parts(parts, Body::from_stream(half.chain(broken)))
}

fn answer(status: u16, headers: &[(String, String)], body: String) -> Response {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    for (name, value) in headers {
        if let (Ok(name), Ok(value)) = (name.parse::<HeaderName>(), value.parse::<HeaderValue>()) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}
