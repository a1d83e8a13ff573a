//! The contract's tests of the listing parser, through a client's LIST: T48–T53.

mod common;
#[path = "common/listing.rs"]
mod listing;

use wharf::listing::Kind;
use wharf::{Entry, Parsed};
use wharf_testing::line::escaped;

use common::{farewell, lines, session};

/// What a client makes of these bytes as a listing.
async fn listed(bytes: &str) -> Vec<Parsed> {
    let (server, client) = session(&format!(
        "
        C: PASV
        L
        S: 227 Entering Passive Mode ({{pasv}}).
        C: LIST
        D+
        S: 150 Here it comes.
        D> {}
        D.
        S: 226 Done.",
        escaped(bytes.as_bytes())
    ))
    .await;
    let mut listing = listing::list(&client, "")
        .await
        .expect("a listing that begins");
    let mut all = Vec::new();
    while let Some(parsed) = listing.next_entry().await {
        all.push(parsed.expect("a listing that goes on"));
    }
    let completion = listing.completion().expect("the listing is over");
    assert_eq!(
        lines(&completion.reply),
        ["150 Here it comes.", "226 Done."]
    );
    drop(listing);
    farewell(server, client).await;
    all
}

/// The same where every line is an entry.
async fn entries(bytes: &str) -> Vec<Entry> {
    let entry = |parsed| match parsed {
        Parsed::Entry(entry) => entry,
        Parsed::Unknown(line) => panic!("no entry: {line:?}"),
    };
    listed(bytes).await.into_iter().map(entry).collect()
}

fn text(bytes: Option<&[u8]>) -> Option<&str> {
    bytes.map(|bytes| std::str::from_utf8(bytes).expect("a listing in ASCII"))
}

#[tokio::test]
async fn t48_a_line_gives_every_column() {
    let line = "-rw-r--r--   1 root     other        531 Jan 29 03:26 README\r\n";
    let [file] = &entries(line).await[..] else {
        panic!("not one entry");
    };
    assert_eq!(file.kind(), Kind::File);
    assert_eq!(file.permissions().unwrap().symbolic(), Some("rw-r--r--"));
    assert_eq!(file.links(), Some(1));
    assert_eq!(text(file.owner()), Some("root"));
    assert_eq!(text(file.group()), Some("other"));
    assert_eq!(file.size(), Some(531));
    assert_eq!(text(file.date_text()), Some("Jan 29 03:26"));
    assert_eq!(file.name(), b"README");
    assert_eq!(file.target(), None);
}

#[tokio::test]
async fn t49_directories_links_and_lines_that_are_neither_are_told_apart() {
    let all = listed(
        "drw-r--r--   2 root     other        531 Jan  9  2003 A\r\n\
         lrw-r--r--   1 root     other          1 Jan 29 03:26 B -> A\r\n\
         woohoo! \r\n",
    )
    .await;
    let [
        Parsed::Entry(dir),
        Parsed::Entry(link),
        Parsed::Unknown(other),
    ] = &all[..]
    else {
        panic!("{all:?}");
    };
    assert_eq!((dir.kind(), dir.name()), (Kind::Directory, &b"A"[..]));
    assert_eq!(text(dir.date_text()), Some("Jan  9  2003"));
    assert_eq!((link.kind(), link.name()), (Kind::Symlink, &b"B"[..]));
    assert_eq!(text(link.target()), Some("A"));
    // The original leaves the CR of the line's end on it.
    assert_eq!(other, "woohoo! ");
}

#[tokio::test]
async fn t50_lines_that_are_no_entries_are_handed_back() {
    let all = listed("ABC\r\nnot a file\r\n").await;
    let [Parsed::Unknown(first), Parsed::Unknown(second)] = &all[..] else {
        panic!("{all:?}");
    };
    assert_eq!((&first[..], &second[..]), (&b"ABC"[..], &b"not a file"[..]));
}

#[tokio::test]
async fn t51_names_and_targets_may_hold_blanks() {
    let all = entries(
        "-rw-r--r--   1 root     other        531 Jan  9  2003 A B\r\n\
         lrw-r--r--   1 root     other          1 Jan 29 03:26 B A -> D C/A B\r\n",
    )
    .await;
    assert_eq!(all[0].name(), b"A B");
    assert_eq!(all[1].name(), b"B A");
    assert_eq!(text(all[1].target()), Some("D C/A B"));
    assert_eq!(all.len(), 2);
}

#[tokio::test]
async fn t52_blanks_may_stand_behind_backslashes() {
    let all = entries(
        "-rw-r--r--   1 root     other        531 Jan  9  2003 A\\ B\r\n\
         lrw-r--r--   1 root     other          1 Jan 29 03:26 B A -> D\\ C/A B\r\n",
    )
    .await;
    assert_eq!(all[0].name(), b"A B");
    assert_eq!(all[1].name(), b"B A");
    assert_eq!(text(all[1].target()), Some("D C/A B"));
    assert_eq!(all.len(), 2);
}

#[tokio::test]
async fn t53_a_year_may_stand_in_the_time_s_place_and_lf_alone_ends_the_line() {
    let all = entries("-rw-r--r--   1 root     other        531 Jan 29 2003 README\n").await;
    let [file] = &all[..] else {
        panic!("{all:?}");
    };
    assert_eq!(file.size(), Some(531));
    assert_eq!(text(file.date_text()), Some("Jan 29 2003"));
    assert_eq!(file.name(), b"README");
}
