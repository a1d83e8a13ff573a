//! What the fuzz targets have in common. What they hold bytes against is a part of the workspace's own tests.

#[path = "../../crates/wharf-proto/tests/oracle/mod.rs"]
mod oracle;

pub use libfuzzer_sys::fuzz_target;
pub use wharf_proto::listing::Dialect;

/// A listing in one dialect.
pub fn dialect(dialect: Dialect, listing: &[u8]) {
    oracle::dialect(dialect, listing);
}

/// A listing whose dialect is to be found out.
pub fn vote(listing: &[u8]) {
    oracle::vote(listing);
}

/// A listing, whole and in pieces.
pub fn splits(listing: &[u8]) {
    oracle::splits(listing);
}

/// Replies to `MLST`.
pub fn mlst(wire: &[u8]) {
    oracle::mlst(wire);
}

/// A target that reads listings in one dialect.
#[macro_export]
macro_rules! dialect {
    ($dialect:ident) => {
        $crate::fuzz_target!(|listing: &[u8]| $crate::dialect($crate::Dialect::$dialect, listing));
    };
}
