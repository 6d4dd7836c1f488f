//! A certificate authority of the tests' own, and a door that speaks TLS before a server that does not.

use std::{net::SocketAddr, sync::Arc};

use rcgen::{BasicConstraints, Certificate, CertificateParams, IsCa, Issuer, KeyPair, date_time_ymd};
use tokio::{
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        ServerConfig,
        crypto::ring,
        pki_types::{CertificateDer, PrivateKeyDer},
    },
};

/// Signs certificates.
pub(crate) struct Authority {
    issuer: Issuer<'static, KeyPair>,
    certificate: Certificate,
}

/// When a certificate is valid.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Validity {
    Now,
    Over,
    ToCome,
}

/// What a server proves itself with.
pub(crate) struct Identity {
    chain: Vec<CertificateDer<'static>>,
    key: Vec<u8>,
}

/// Takes TLS and passes on what is inside; it closes when it is dropped.
pub(crate) struct Front {
    address: SocketAddr,
    task: JoinHandle<()>,
}

impl Authority {
    pub(crate) fn new() -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let certificate = params.self_signed(&key).unwrap();
        Self { issuer: Issuer::new(params, key), certificate }
    }

    pub(crate) fn pem(&self) -> String {
        self.certificate.pem()
    }

    /// A certificate for a host name or an address.
    pub(crate) fn certify(&self, host: &str, validity: Validity) -> Identity {
        let mut params = CertificateParams::new(vec![host.to_owned()]).unwrap();
        (params.not_before, params.not_after) = match validity {
            Validity::Now => (date_time_ymd(2000, 1, 1), date_time_ymd(2999, 1, 1)),
            Validity::Over => (date_time_ymd(2000, 1, 1), date_time_ymd(2001, 1, 1)),
            Validity::ToCome => (date_time_ymd(2998, 1, 1), date_time_ymd(2999, 1, 1)),
        };
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        Identity { chain: vec![certificate.der().clone()], key: key.serialize_der() }
    }
}

impl Front {
    /// Opens the door on a free port of loopback.
    pub(crate) fn start(identity: &Identity, inside: SocketAddr) -> Self {
        let key = PrivateKeyDer::try_from(identity.key.clone()).unwrap();
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(identity.chain.clone(), key)
            .unwrap();
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let address = listener.local_addr().unwrap();
        let listener = TcpListener::from_std(listener).unwrap();
        let task = tokio::spawn(async move {
            loop {
                let (outer, _) = listener.accept().await.unwrap();
                tokio::spawn(pass_on(acceptor.clone(), outer, inside));
            }
        });
        Self { address, task }
    }

    pub(crate) fn url(&self) -> String {
        format!("https://{}", self.address)
    }
}

impl Drop for Front {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// One connection; a client that does not like the certificate leaves, which is its right.
async fn pass_on(acceptor: TlsAcceptor, outer: TcpStream, inside: SocketAddr) {
    let Ok(mut outer) = acceptor.accept(outer).await else { return };
    let mut inner = TcpStream::connect(inside).await.unwrap();
    tokio::io::copy_bidirectional(&mut outer, &mut inner).await.ok();
}
