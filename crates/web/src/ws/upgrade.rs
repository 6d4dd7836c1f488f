//! Takes connections over from HTTP. Every request that asks for an upgrade comes here, whatever its method, path or
//! version, and none of them passes the routes: so everything is answered here, in the same words.

use std::{
    convert::Infallible,
    io,
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use actix_codec::{Framed, FramedParts};
use actix_http::{Request, h1::Codec};
use actix_web::{http::Method, web::Data};
use tokio::{
    net::TcpStream,
    time::{Instant, timeout_at},
};

use super::{
    bell::Bell,
    handshake::{Handshake, Resume},
    hub::{Full, Place},
    inbox::MESSAGE_MAX,
    refusal,
    session::Session,
    wire,
};
use crate::{error::WebError, patience::Patient, peer::Peer, state::State};

/// How long the other side has to take the answer.
const ANSWERED_WITHIN: Duration = Duration::from_secs(5);
/// How long a refused one then has to end its side, and what of it is read meanwhile.
const ENDED_WITHIN: Duration = Duration::from_secs(1);
const DRAINED: usize = 64 * 1_024;

/// Takes over a connection. It lives on by itself: HTTP's part of it, with its buffers, is dropped when this returns.
pub(crate) async fn take_over(
    (request, framed): (Request, Framed<Patient, Codec>),
    state: Data<State>,
    bell: Bell,
) -> Result<(), NotAnswered> {
    tokio::task::spawn_local(async move {
        if let Some(session) = answer(request, framed.into_parts(), state, bell).await {
            // Its own task: what answering took is not kept for hours.
            tokio::task::spawn_local(session.run());
        }
    });
    Ok(())
}

/// What the service would answer when it fails, which it does not.
pub(crate) type NotAnswered = Infallible;

/// A request that is let in.
struct Admitted {
    accept: String,
    resume: Option<Resume>,
    place: Place,
}

async fn answer(
    request: Request,
    parts: FramedParts<Patient, Codec>,
    state: Data<State>,
    bell: Bell,
) -> Option<Box<Session>> {
    let FramedParts { io, read_buf: early, write_buf: unsent, .. } = parts;
    let (stream, seat) = io.into_parts();
    let answered_by = Instant::now() + ANSWERED_WITHIN;
    let admitted = admit(&request, early.len(), &state);
    let answer = match &admitted {
        Ok(admitted) => refusal::welcome(&admitted.accept),
        Err(error) => {
            state.metrics.refused(*error);
            refusal::refusal(*error, request.method() != Method::HEAD)
        }
    };
    // First what the requests before this one are still owed.
    let bytes = [&unsent[..], &answer].concat();
    if !matches!(timeout_at(answered_by, write_all(&stream, &bytes)).await, Ok(Ok(()))) {
        return None;
    }
    match admitted {
        Ok(Admitted { resume, place, .. }) => {
            let news = bell.ear(&state.published);
            // Subscribers have limits of their own.
            seat.stay();
            Some(Session::new(stream, &early, resume, state, news, (place, seat)))
        }
        Err(_) => {
            wire::end(&stream);
            // Whether it heard makes no difference any more.
            let _ = timeout_at(Instant::now() + ENDED_WITHIN, wire::drain(&stream, DRAINED)).await;
            None
        }
    }
}

fn admit(request: &Request, n_early: usize, state: &State) -> Result<Admitted, WebError> {
    let Handshake { accept, resume } = Handshake::check(request.head(), &state.config)?;
    // Nobody may speak before the answer. A little is let be; it is kept for as long as the session lives.
    if n_early > MESSAGE_MAX {
        return Err(WebError::BadHandshake);
    }
    let address = request.peer_addr().map(|address| address.ip());
    let peer = Peer::of(address, &request.head().headers, state.config.trusted_proxies());
    if peer == Peer::Shared {
        say_once_that_addresses_are_hidden();
    }
    let place = state.hub.join(peer).map_err(|full| match full {
        Full::Server => WebError::TooManySubscribers,
        Full::Address => WebError::TooManyOfAddress,
        Full::Closing => WebError::Unavailable,
    })?;
    Ok(Admitted { accept, resume, place })
}

fn say_once_that_addresses_are_hidden() {
    static IS_SAID: AtomicBool = AtomicBool::new(false);
    if !IS_SAID.swap(true, Ordering::Relaxed) {
        tracing::info!(
            "subscribers come through a local address; the limit per address does not apply to them unless \
             trusted_proxies names it and the proxy says who they are"
        );
    }
}

async fn write_all(stream: &TcpStream, mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        stream.writable().await?;
        match stream.try_write(bytes) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(len) => bytes = bytes.get(len..).unwrap_or_default(),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}
