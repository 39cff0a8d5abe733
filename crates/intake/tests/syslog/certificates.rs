//! Certificates for servers and clients on loopback.
//!
//! They are for tests only, end in a hundred years, and were made so, for an authority `A` and a name `N`:
//!
//! ```sh
//! new='-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes'
//! openssl req -x509 $new -keyout A.key -out A.pem -days 36500 -subj /CN=A -addext basicConstraints=critical,CA:true
//! openssl req $new -keyout A-N.key -out N.csr -subj /CN=N
//! printf 'subjectAltName=DNS:N\nbasicConstraints=CA:false\n' > N.extensions
//! openssl x509 -req -in N.csr -CA A.pem -CAkey A.key -CAcreateserial -out A-N.pem -days 36500 -extfile N.extensions
//! ```

use intake::Tls;

/// The authority of the server `localhost` and the client `mx1`.
pub(crate) const OURS: &str = include_str!("certificates/ours.pem");

/// A certificate with its key, both as PEM.
pub(crate) struct Pair {
    pub(crate) certificate: &'static str,
    pub(crate) key: &'static str,
}

pub(crate) const LOCALHOST: Pair = Pair {
    certificate: include_str!("certificates/ours-localhost.pem"),
    key: include_str!("certificates/ours-localhost.key"),
};

pub(crate) const MX1: Pair = Pair {
    certificate: include_str!("certificates/ours-mx1.pem"),
    key: include_str!("certificates/ours-mx1.key"),
};

/// A client of another authority that has the same name.
pub(crate) const THEIR_MX1: Pair = Pair {
    certificate: include_str!("certificates/theirs-mx1.pem"),
    key: include_str!("certificates/theirs-mx1.key"),
};

/// TLS of `localhost`, for any client or only for those that `authority` has signed.
pub(crate) fn tls(authority: Option<&str>) -> Tls {
    let Pair { certificate, key } = LOCALHOST;
    let authority = authority.map(str::as_bytes);
    Tls::new(certificate.as_bytes(), key.as_bytes(), authority).unwrap()
}
