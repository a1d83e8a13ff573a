//! That the fuzz targets are complete, and that what they begin with passes their judge.

mod oracle;

use std::path::{Path, PathBuf};

use wharf_proto::listing::Dialect;

#[test]
fn every_dialect_has_a_fuzz_target() {
    let fuzz = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz");
    let manifest = std::fs::read_to_string(fuzz.join("Cargo.toml")).expect("the fuzzers' manifest");
    for dialect in Dialect::ALL {
        let path = format!("fuzz_targets/{dialect}.rs");
        let is_built = manifest.contains(&format!("name = \"{dialect}\"\npath = \"{path}\""));
        assert!(is_built, "fuzz/Cargo.toml has no target for {dialect}");
        let target = std::fs::read_to_string(fuzz.join(&path)).expect("a target");
        let macro_call = format!("wharf_fuzz::dialect!({dialect:?});");
        assert!(target.contains(&macro_call), "{path} reads another dialect");
    }
}

#[test]
fn what_the_fuzzers_begin_with_is_read_soundly_by_every_dialect() {
    let listings = listings(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/listings"));
    assert!(listings.len() > 30, "the listings are not where they were");
    for path in listings {
        let listing = std::fs::read(path).expect("a listing");
        let listing = &listing[..listing.len().min(SEED)];
        oracle::vote(listing);
        oracle::mlst(&[b"250-\n", listing, b"\n250 \n"].concat());
        for dialect in Dialect::ALL {
            oracle::dialect(dialect, listing);
        }
        // Every format, and what else may be known in turn.
        for format in 0..FORMATS {
            oracle::splits(&[listing, &[format, 6, 2, format % 16]].concat());
        }
    }
}

/// As much of a listing as `scripts/fuzz` takes.
const SEED: usize = 2000;

/// How many formats [`oracle::splits`] chooses from.
const FORMATS: u8 = 36;

/// The fixtures, those of servers among them.
fn listings(directory: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(directory).expect("the listings") {
        let path = entry.expect("a listing").path();
        if path.is_dir() {
            found.extend(listings(&path));
        } else if path.extension().is_some_and(|kind| kind == "txt") {
            found.push(path);
        }
    }
    found
}
