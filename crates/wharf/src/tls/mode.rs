//! How TLS begins, if it does.

/// Whether the control connection is encrypted, and how that begins (RFC 4217). Data connections are
/// encrypted with it, unless [`TlsConfig`](super::TlsConfig) says otherwise.
///
/// A server that refuses, or whose certificate is not trusted, ends the session; nothing falls back to
/// clear text that has not been named here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Tls {
    /// As [`Explicit`](Self::Explicit) for a login with a password or an account. Anonymous logins go in clear
    /// text.
    #[default]
    RequiredForPasswords,
    /// `AUTH TLS` behind the greeting, as in `ftpes://`.
    #[doc(alias = "AUTH")]
    Explicit,
    /// From the first byte on, ahead of the greeting, as in `ftps://`. The port is 990 unless another is
    /// given.
    Implicit,
    /// As [`Explicit`](Self::Explicit), but a server that refuses is used in clear text; it gets no
    /// password then. This guards against listeners only: whoever can change what the server says
    /// can refuse for it.
    IfOffered,
    /// The same, and a password goes out in clear text too.
    IfOfferedElsePlaintext,
    /// Everything travels in clear text, the password included.
    Off,
}
