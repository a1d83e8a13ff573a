//! TLS on the control and data connections (RFC 4217).
