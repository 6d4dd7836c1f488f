//! Credentials as the operator gave them, before they are checked.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use reqwest::header::{self, HeaderMap, HeaderName, HeaderValue};
use rustls::{
    RootCertStore,
    pki_types::{CertificateDer, pem::PemObject as _},
};

use super::{NamesProblem, Problems};
use crate::config::credentials::{Credentials, Secret};

/// Headers that belong to the client, because the answer would not be understood with others.
const OWN_HEADERS: [HeaderName; 19] = [
    header::HOST,
    header::CONNECTION,
    header::UPGRADE,
    header::TE,
    header::TRAILER,
    header::TRANSFER_ENCODING,
    header::CONTENT_LENGTH,
    header::CONTENT_ENCODING,
    header::CONTENT_TYPE,
    header::ACCEPT,
    header::ACCEPT_ENCODING,
    header::EXPECT,
    header::RANGE,
    header::IF_RANGE,
    header::IF_MATCH,
    header::IF_NONE_MATCH,
    header::IF_MODIFIED_SINCE,
    header::IF_UNMODIFIED_SINCE,
    header::PROXY_AUTHORIZATION,
];

/// Further ones for which there is no constant.
const OWN_HEADER_NAMES: [&str; 2] = ["keep-alive", "proxy-connection"];

/// Credentials as texts and bytes; whoever makes it has read the files.
#[derive(Clone, Default)]
pub struct CredentialsDraft {
    /// The token of `Authorization: Bearer`.
    pub bearer_token: Option<Secret>,
    /// User and password of `Authorization: Basic`.
    pub basic_auth: Option<BasicAuthDraft>,
    /// Further headers: name and value.
    pub headers: Vec<(String, Secret)>,
    /// Certificates in PEM form that are trusted instead of the machine's.
    pub ca: Option<Vec<u8>>,
}

/// A user and a password.
#[derive(Clone, Default)]
pub struct BasicAuthDraft {
    /// The user; it must be there.
    pub username: Option<Secret>,
    /// The password.
    pub password: Secret,
}

impl CredentialsDraft {
    /// Checks everything. No problem repeats a value.
    ///
    /// # Errors
    /// Lists every problem, under the keys of the configuration.
    pub fn check(&self) -> Result<Credentials, Vec<NamesProblem>> {
        let mut problems = Problems::default();
        let mut headers = HeaderMap::new();
        let mut secrets = Vec::new();
        if let Some(token) = &self.bearer_token {
            if token.reveal().contains(char::is_whitespace) {
                problems
                    .note::<()>("bearer_token_file", "must hold the token alone, without a word before it");
            }
            let value = format!("Bearer {}", token.reveal());
            insert(&mut headers, header::AUTHORIZATION, &value, "bearer_token_file", &mut problems);
            secrets.push(token.clone());
        }
        if let Some(basic) = &self.basic_auth {
            if self.bearer_token.is_some() {
                problems.note::<()>("basic_auth", "cannot stand beside bearer_token_file; choose one");
            }
            let encoded = basic.encoded(&mut problems);
            let value = format!("Basic {encoded}");
            insert(&mut headers, header::AUTHORIZATION, &value, "basic_auth", &mut problems);
            secrets.extend([basic.password.clone(), Secret::new(encoded)]);
        }
        for (name, value) in &self.headers {
            let Ok(parsed) = HeaderName::try_from(name.as_str()) else {
                // It may be a whole line, with its value.
                problems.note::<()>("headers", "must be a table of header names and values");
                continue;
            };
            let key = format!("headers.{name}");
            let is_own = OWN_HEADERS.contains(&parsed) || OWN_HEADER_NAMES.contains(&parsed.as_str());
            if is_own {
                problems.note::<()>(&key, "cannot be set: the client needs it for itself");
            } else if !headers.contains_key(&parsed) {
                insert(&mut headers, parsed, value.reveal(), &key, &mut problems);
                secrets.push(value.clone());
            } else if parsed == header::AUTHORIZATION {
                problems.note::<()>(&key, "is set already, by bearer_token_file, basic_auth or another line");
            } else {
                problems
                    .note::<()>(&key, "is given twice; names of headers are compared without regard to case");
            }
        }
        let roots = self.ca.as_deref().map(|pem| roots(pem, &mut problems));
        match problems.0 {
            problems if problems.is_empty() => Ok(Credentials::new(headers, secrets, roots)),
            problems => Err(problems),
        }
    }
}

impl BasicAuthDraft {
    fn encoded(&self, problems: &mut Problems) -> String {
        let username = self.username.as_ref().map_or("", Secret::reveal);
        if username.is_empty() {
            problems.note::<()>("basic_auth.username", "is missing");
        } else if username.contains(|c: char| c == ':' || c.is_control()) {
            problems.note::<()>("basic_auth.username", "must not contain a colon or control characters");
        }
        STANDARD.encode(format!("{username}:{}", self.password.reveal()))
    }
}

fn insert(headers: &mut HeaderMap, name: HeaderName, value: &str, key: &str, problems: &mut Problems) {
    let is_printable = value.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic());
    match HeaderValue::from_str(value) {
        Ok(mut value) if is_printable => {
            // Whoever shows it, shows that it is sensitive instead.
            value.set_sensitive(true);
            headers.insert(name, value);
        }
        _ => problems.note(key, "must be printable ASCII on one line"),
    }
}

fn roots(pem: &[u8], problems: &mut Problems) -> Vec<CertificateDer<'static>> {
    let certificates: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
    let is_usable =
        |certificate: &CertificateDer<'static>| RootCertStore::empty().add(certificate.clone()).is_ok();
    match certificates {
        Ok(certificates) if certificates.is_empty() => {
            problems.note("ca_file", "holds no certificate in PEM form")
        }
        Ok(certificates) if certificates.iter().all(is_usable) => certificates,
        _ => problems.note("ca_file", "holds a certificate that cannot be read"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MARK: &str = "c4n4ry-s3cret";

    #[track_caller]
    fn problems(draft: &CredentialsDraft) -> Vec<String> {
        let found: Vec<String> = match draft.check() {
            Ok(credentials) => {
                assert!(!format!("{credentials:?}").contains(MARK));
                Vec::new()
            }
            Err(problems) => problems.iter().map(ToString::to_string).collect(),
        };
        assert!(!found.concat().contains(MARK), "{found:?}");
        found
    }

    fn with_headers(headers: &[(&str, &str)]) -> CredentialsDraft {
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), Secret::new(*value))).collect();
        CredentialsDraft { headers, ..Default::default() }
    }

    fn bearer(token: &str) -> CredentialsDraft {
        CredentialsDraft { bearer_token: Some(Secret::new(token)), ..Default::default() }
    }

    fn basic(username: Option<&str>, password: &str) -> CredentialsDraft {
        let username = username.map(Secret::new);
        let basic_auth = Some(BasicAuthDraft { username, password: Secret::new(password) });
        CredentialsDraft { basic_auth, ..Default::default() }
    }

    #[test]
    fn good_credentials_become_headers_that_are_sensitive() {
        for (draft, name, expected) in [
            (bearer(MARK), "authorization", format!("Bearer {MARK}")),
            // The example of the standard.
            (
                basic(Some("Aladdin"), "open sesame"),
                "authorization",
                "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==".to_owned(),
            ),
            (basic(Some("u"), ""), "authorization", "Basic dTo=".to_owned()),
            (basic(Some("u"), "ü"), "authorization", "Basic dTrDvA==".to_owned()),
            (with_headers(&[("X-Scope-OrgID", "a|b")]), "x-scope-orgid", "a|b".to_owned()),
            (with_headers(&[("AUTHORIZATION", MARK)]), "authorization", MARK.to_owned()),
        ] {
            assert_eq!(problems(&draft), [""; 0]);
            let headers = draft.check().unwrap().headers().clone();
            assert_eq!(headers.len(), 1);
            assert_eq!(headers[name], expected.as_str());
            assert!(headers[name].is_sensitive(), "{name}");
        }
    }

    #[test]
    fn bad_credentials_are_refused_under_their_key_without_their_value() {
        let both = CredentialsDraft { bearer_token: Some(Secret::new(MARK)), ..basic(Some("u"), MARK) };
        let thrice =
            CredentialsDraft { headers: with_headers(&[("Authorization", MARK)]).headers, ..bearer(MARK) };
        let ca = |pem: &str| CredentialsDraft { ca: Some(pem.into()), ..Default::default() };
        let no_certificate = "-----BEGIN CERTIFICATE-----\nYzRuNHJ5\n-----END CERTIFICATE-----\n";
        for (draft, expected) in [
            (bearer(&format!("Bearer {MARK}")), "bearer_token_file: must hold the token alone"),
            (bearer(&format!("{MARK}ü")), "bearer_token_file: must be printable ASCII"),
            (basic(None, MARK), "basic_auth.username: is missing"),
            (basic(Some(""), MARK), "basic_auth.username: is missing"),
            (basic(Some("a:b"), MARK), "basic_auth.username: must not contain a colon"),
            (both, "basic_auth: cannot stand beside bearer_token_file"),
            (thrice, "headers.Authorization: is set already"),
            (with_headers(&[("X-A", MARK), ("x-a", MARK)]), "headers.x-a: is given twice"),
            (with_headers(&[("X-A", &format!("{MARK}\n"))]), "headers.X-A: must be printable ASCII"),
            (with_headers(&[(&format!("X-A: {MARK}"), "")]), "headers: must be a table"),
            (with_headers(&[("Host", MARK)]), "headers.Host: cannot be set"),
            (with_headers(&[("content-length", "1")]), "headers.content-length: cannot be set"),
            (with_headers(&[("Connection", "close")]), "headers.Connection: cannot be set"),
            (with_headers(&[("Accept-Encoding", "zstd")]), "headers.Accept-Encoding: cannot be set"),
            (with_headers(&[("Keep-Alive", "1")]), "headers.Keep-Alive: cannot be set"),
            (ca(""), "ca_file: holds no certificate"),
            (ca(MARK), "ca_file: holds no certificate"),
            (ca(no_certificate), "ca_file: holds a certificate that cannot be read"),
            (ca("-----BEGIN CERTIFICATE-----\n!!\n"), "ca_file: holds a certificate that cannot be read"),
        ] {
            let found = problems(&draft);
            assert!(found.len() == 1 && found[0].starts_with(expected), "{expected}: {found:?}");
        }
    }
}
