//! What cached answers are measured against: an actix-web handler that does nothing but hand out ready bytes.
//!
//! It is given a list of answers and prints where it listens. Headers are parsed and bodies read before the first
//! request; a request with the right tag is answered with 304. It runs until its standard input ends.

#![expect(clippy::print_stdout, reason = "whoever started it reads where it listens")]

use std::{fs, io, net::TcpListener, path::PathBuf, thread};

use actix_web::{
    App, HttpRequest, HttpResponse, HttpServer,
    http::{
        StatusCode,
        header::{self, HeaderName, HeaderValue},
    },
    web::{self, Bytes},
};
use serde::Deserialize;

/// An answer as it is listed.
#[derive(Deserialize)]
struct Listed {
    path: String,
    media_type: String,
    headers: Vec<(String, String)>,
    etag: String,
    body: PathBuf,
}

/// An answer, ready.
#[derive(Clone)]
struct Ready {
    path: String,
    headers: Vec<(HeaderName, HeaderValue)>,
    media_type: HeaderValue,
    etag: HeaderValue,
    body: Bytes,
}

#[actix_web::main]
async fn main() -> io::Result<()> {
    let file = std::env::args().nth(1).ok_or_else(|| io::Error::other("no list of answers is named"))?;
    let listed: Vec<Listed> = serde_json::from_slice(&fs::read(file)?)?;
    let ready: Vec<Ready> = listed.into_iter().map(Ready::new).collect::<Result<_, _>>()?;
    let listener = TcpListener::bind(("127.0.0.1", 0))?;
    println!("{}", listener.local_addr()?);
    thread::spawn(|| {
        // Whoever started it has ended.
        let _ = io::copy(&mut io::stdin(), &mut io::sink());
        std::process::exit(0);
    });
    let app = move || {
        ready.iter().cloned().fold(App::new(), |app, ready| {
            let path = ready.path.clone();
            app.route(
                &path,
                web::get().to(move |request: HttpRequest| {
                    let response = ready.answer(&request);
                    async move { response }
                }),
            )
        })
    };
    HttpServer::new(app).workers(1).listen(listener)?.run().await
}

impl Ready {
    fn new(listed: Listed) -> io::Result<Self> {
        let value = |text: &str| HeaderValue::from_str(text).map_err(io::Error::other);
        let header = |(name, text): &(String, String)| {
            Ok::<_, io::Error>((HeaderName::try_from(&**name).map_err(io::Error::other)?, value(text)?))
        };
        Ok(Self {
            headers: listed.headers.iter().map(header).collect::<Result<_, _>>()?,
            media_type: value(&listed.media_type)?,
            etag: value(&listed.etag)?,
            body: fs::read(listed.body)?.into(),
            path: listed.path,
        })
    }

    fn answer(&self, request: &HttpRequest) -> HttpResponse {
        let is_known = request.headers().get(header::IF_NONE_MATCH) == Some(&self.etag);
        let status = if is_known { StatusCode::NOT_MODIFIED } else { StatusCode::OK };
        let mut response = HttpResponse::build(status);
        for header in &self.headers {
            response.insert_header(header.clone());
        }
        response.insert_header((header::ETAG, self.etag.clone()));
        if is_known {
            return response.finish();
        }
        response.insert_header((header::CONTENT_TYPE, self.media_type.clone()));
        response.body(self.body.clone())
    }
}
