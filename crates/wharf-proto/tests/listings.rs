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

use std::path::Path;

use self::shown::shown;

#[test]
fn every_listing_is_read_as_it_was_meant() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/listings");
    let mut names: Vec<_> = std::fs::read_dir(&directory)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|kind| kind == "txt"))
        .collect();
    names.sort();
    assert!(
        names.len() > 30,
        "the listings are not where they should be"
    );
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("listings");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    for path in names {
        let listing = std::fs::read(&path).unwrap();
        let name = path.file_stem().unwrap().to_str().unwrap();
        settings.bind(|| insta::assert_snapshot!(name, shown(&listing)));
    }
}
