//! What is where: the one table of public routes.

pub(crate) mod answer;

use actix_web::{
    HttpRequest, HttpResponse,
    body::BoxBody,
    http::{
        Method, StatusCode,
        header::{self, HeaderValue},
    },
    web,
};

use crate::{
    config::BasePath,
    error::{Audience, WebError},
    headers,
    metrics::Place,
    state::State,
    ws,
};

/// Where documents are.
const DOCUMENTS: &str = "/api/";
/// Where programs ask otherwise: a socket is not for people to open.
const SOCKETS: &str = "/ws/";
/// Nobody reads what is answered instead of a badge.
const BADGES: &str = "/badge/";

/// What can be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Route {
    /// The dashboard.
    Dashboard,
    /// The queue as a page.
    QueuePage,
    /// The history as a page.
    HistoryPage,
    /// Machines and services as a page.
    InfrastructurePage,
    /// What is published, and what never is.
    AboutPage,
    /// What programs can ask for.
    ApiPage,
    /// One package as a page.
    PackagePage,
    /// One drone as a page.
    DronePage,
    /// The swarm at a glance.
    BuildSwarm,
    /// The history.
    BuildHistory,
    /// Machines and services.
    Infrastructure,
    /// The queue.
    Queue,
    /// One package.
    Package,
    /// One drone.
    Drone,
    /// The queue for subscribers; whoever can have a socket never gets as far as a route.
    QueueSocket,
    /// What happened, for feed readers.
    Feed,
    /// A badge as a picture.
    BadgePicture,
    /// A badge as data.
    BadgeData,
    /// What goes wrong, as a Statuspage tells it.
    StatuspageSummary,
    /// The same in a word and a sentence.
    StatuspageStatus,
    /// What programs can ask for, for those who read descriptions of that.
    OpenApi,
    /// What crawlers may read.
    Robots,
    /// A style sheet, script or picture.
    Asset,
}

/// Every route, under the base path.
pub(crate) const ROUTES: [(&str, Route); 23] = [
    ("/", Route::Dashboard),
    ("/queue", Route::QueuePage),
    ("/history", Route::HistoryPage),
    ("/infrastructure", Route::InfrastructurePage),
    ("/about/data", Route::AboutPage),
    ("/api", Route::ApiPage),
    ("/packages/{category}/{name}", Route::PackagePage),
    ("/drones/{name}", Route::DronePage),
    ("/api/v1/services/public/build-swarm", Route::BuildSwarm),
    ("/api/v1/services/public/build-history", Route::BuildHistory),
    ("/api/v1/services/public/infrastructure", Route::Infrastructure),
    ("/api/v1/services/public/queue", Route::Queue),
    ("/api/v1/services/public/packages/{category}/{name}", Route::Package),
    ("/api/v1/services/public/drones/{name}", Route::Drone),
    (ws::PATH, Route::QueueSocket),
    ("/feed.xml", Route::Feed),
    ("/badge/{name}.svg", Route::BadgePicture),
    ("/badge/{name}.json", Route::BadgeData),
    ("/api/v2/summary.json", Route::StatuspageSummary),
    ("/api/v2/status.json", Route::StatuspageStatus),
    ("/api/openapi.json", Route::OpenApi),
    ("/robots.txt", Route::Robots),
    ("/assets/{build}/{path:.+}", Route::Asset),
];

/// Registers every route; whatever else is asked for is not there.
pub(crate) fn configure(base_path: &BasePath, config: &mut web::ServiceConfig) {
    for (idx, (pattern, route)) in ROUTES.into_iter().enumerate() {
        let place = Place::of(idx);
        let handler = move |request: HttpRequest, state: web::Data<State>| async move {
            let answer = match admit(&request, &state) {
                Ok(()) => answer::answer(route, &request, &state).await,
                Err(error) => Err(error),
            };
            let mut response = complete(answer, &request, &state, place);
            if route == Route::BadgePicture {
                headers::lend(response.headers_mut());
            }
            response
        };
        config.route(&format!("{base_path}{pattern}"), web::to(handler));
    }
    if !base_path.as_str().is_empty() {
        config.route(base_path.as_str(), web::to(to_dashboard));
    }
    config.default_service(web::to(nowhere));
}

/// The base path without its slash points to the one with it.
async fn to_dashboard(request: HttpRequest, state: web::Data<State>) -> HttpResponse<BoxBody> {
    let location = HeaderValue::try_from(format!("{}/", state.config.base_path()));
    let answer = admit(&request, &state).and_then(|()| {
        let location = location.map_err(|_| WebError::NotFound)?;
        let mut response = HttpResponse::build(StatusCode::PERMANENT_REDIRECT);
        Ok(response.insert_header((header::LOCATION, location)).finish())
    });
    complete(answer, &request, &state, Place::NOWHERE)
}

async fn nowhere(request: HttpRequest, state: web::Data<State>) -> HttpResponse<BoxBody> {
    let answer = check_host(&request, &state).and(Err(WebError::NotFound));
    complete(answer, &request, &state, Place::NOWHERE)
}

fn admit(request: &HttpRequest, state: &State) -> Result<(), WebError> {
    check_host(request, state)?;
    check_method(request)
}

/// Everything here can be read and nothing else.
pub(crate) fn check_method(request: &HttpRequest) -> Result<(), WebError> {
    let is_read = matches!(*request.method(), Method::GET | Method::HEAD);
    if is_read { Ok(()) } else { Err(WebError::MethodNotAllowed) }
}

fn check_host(request: &HttpRequest, state: &State) -> Result<(), WebError> {
    let header = || request.headers().get(header::HOST).and_then(|host| host.to_str().ok());
    let host = request.uri().authority().map(|authority| authority.as_str()).or_else(header);
    let is_allowed = state.config.allowed_hosts().allow(host.unwrap_or_default());
    if is_allowed { Ok(()) } else { Err(WebError::Misdirected) }
}

/// Tells errors in the form of their place, adds what every answer has, and counts it.
fn complete(
    answer: Result<HttpResponse<BoxBody>, WebError>,
    request: &HttpRequest,
    state: &State,
    place: Place,
) -> HttpResponse<BoxBody> {
    let inside = request.path().strip_prefix(state.config.base_path().as_str());
    let is_program =
        inside.is_some_and(|path| [DOCUMENTS, SOCKETS, BADGES].iter().any(|place| path.starts_with(place)));
    let mut response = answer.unwrap_or_else(|error| {
        if is_program {
            return error.answer(Audience::Program);
        }
        error.answer(Audience::Person(&state.pages, &state.published.load().snapshot))
    });
    headers::secure(response.headers_mut());
    state.metrics.requests.count(place, response.status());
    response
}
