//! How the application ends.

use std::{
    io::{Read, Write},
    net::{Ipv4Addr, TcpListener, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use snapshot::{clock::Clock, store::hand_over, testing};
use tokio::{runtime::Runtime, sync::watch};
use web::{
    backstage::Backstage,
    config::Config,
    startup::{Application, RunError},
};

use crate::{app::spawn_app, client};

#[test]
fn it_stops_when_told_and_an_idle_connection_does_not_hold_it() {
    let mut app = spawn_app(testing::example());
    let mut idle = TcpStream::connect((Ipv4Addr::LOCALHOST, app.port)).unwrap();
    idle.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    idle.write_all(b"HEAD / HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
    let mut head = [0; 12];
    idle.read_exact(&mut head).unwrap();
    assert_eq!(&head, b"HTTP/1.1 200");
    let begin = std::time::Instant::now();
    app.stop().unwrap();
    assert!(begin.elapsed() < Duration::from_secs(4), "took {:?}", begin.elapsed());
    assert!(TcpStream::connect((Ipv4Addr::LOCALHOST, app.port)).is_err());
}

/// A task that panics ends the process, so that a supervisor starts it again.
#[test]
fn a_renderer_that_panics_ends_the_application_with_an_error() {
    let runtime = Runtime::new().unwrap();
    let (publisher, reader) = hand_over(testing::example());
    let is_broken = Arc::new(AtomicBool::new(false));
    let is_read_broken = Arc::clone(&is_broken);
    let clock = Clock::from_fn(move || {
        let is_rendering = std::thread::current().name().is_some_and(|name| name.starts_with("tokio"));
        assert!(!(is_rendering && is_read_broken.load(Ordering::SeqCst)), "this clock is broken");
        testing::now(testing::NOW)
    });
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let backstage = Backstage::empty();
    let app = Application::build(Config::new(), listener, None, reader, clock, backstage).unwrap();
    assert_eq!(app.internal_port(), None);
    let port = app.port();
    let (_shutdown, is_stopped) = watch::channel(false);
    let task = runtime.spawn(app.run_until_stopped(is_stopped));
    assert_eq!(client::send(port, "GET", "/", &[]).status, 200);
    is_broken.store(true, Ordering::SeqCst);
    publisher.publish(testing::example());
    let ended = async { tokio::time::timeout(Duration::from_secs(20), task).await };
    let ended = runtime.block_on(ended).unwrap().unwrap();
    assert!(matches!(ended, Err(RunError::Renderer(Some(_)))), "{ended:?}");
}

/// The copy convicts itself: its promise has passed. But it is served, and within about a second.
#[test]
fn while_the_renderer_hangs_the_last_value_is_served() {
    let app = spawn_app(testing::example());
    let before = app.document("queue");
    let begin = std::time::Instant::now();
    app.clock.hold_renderer(|| {
        app.clock.advance(60);
        assert_eq!(app.document("queue").body, before.body);
        assert!(begin.elapsed() >= Duration::from_millis(900), "it was not waited for");
        assert!(begin.elapsed() < Duration::from_secs(10), "it was waited for too long");
        assert_eq!(app.probe("/healthz").status, 200);
    });
    assert_eq!(app.wait_for("queue", |answer| answer.etag() != before.etag()).json()["status"], "offline");
}
