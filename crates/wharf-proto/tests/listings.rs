//! Whole listings, one a dialect or more, as documentation and servers show them, and what is read
//! in them. `INSTA_UPDATE=always` writes the expectations anew.

#[path = "listings/headings.rs"]
mod headings;
#[path = "listings/mainframes.rs"]
mod mainframes;
#[path = "listings/mvs.rs"]
mod mvs;
#[path = "listings/names.rs"]
mod names;
#[path = "listings/shown.rs"]
mod shown;
#[path = "listings/small_systems.rs"]
mod small_systems;

use std::fmt::Write as _;
use std::path::Path;

use self::shown::shown;

#[test]
fn every_listing_is_read_as_it_was_meant() {
    for (name, listing) in listings() {
        settings().bind(|| insta::assert_snapshot!(name, shown(&listing)));
    }
}

#[test]
fn the_text_of_a_date_is_all_of_it() {
    let mut text = String::new();
    for (name, listing) in listings() {
        let dates = shown::dates(&listing);
        if !dates.is_empty() {
            writeln!(text, "{name}: {}", dates.join(" | ")).expect("a string");
        }
    }
    settings().bind(|| insta::assert_snapshot!("date-texts", text));
}

/// The whole listings, by name.
fn listings() -> Vec<(String, Vec<u8>)> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/listings");
    let mut listings: Vec<_> = std::fs::read_dir(&directory)
        .expect("the listings")
        .map(|entry| entry.expect("a listing").path())
        .filter(|path| path.extension().is_some_and(|kind| kind == "txt"))
        .map(|path| {
            let name = path.file_stem().expect("a name").to_string_lossy();
            (name.into_owned(), std::fs::read(&path).expect("a listing"))
        })
        .collect();
    listings.sort();
    assert!(
        listings.len() > 30,
        "the listings are not where they should be"
    );
    listings
}

fn settings() -> insta::Settings {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("listings");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings
}
