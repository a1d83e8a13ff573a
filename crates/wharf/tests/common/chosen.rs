//! Listings by the command that is the best, of a server without MLSD.

use wharf::{ListOptions, Listing, Parsed, Result};

/// FEAT, of a server that has no MLSD.
pub(crate) const FEAT: &str = "C: FEAT\nS| 211-Features:\\r\\n SIZE\\r\\n211 End\\r\\n\n";

/// A listing by this line, with this data and this last reply.
pub(crate) fn listing(line: &str, data: &str, last: &str) -> String {
    let data = if data.is_empty() {
        String::new()
    } else {
        format!("D> {data}\n")
    };
    format!(
        "C: PASV\nL\nS: 227 Entering Passive Mode ({{pasv}}).\nC: {line}\nD+\nS: 150 Here.\n{data}D.\nS: {last}\n"
    )
}

/// Lines of `ls -l` with these names.
pub(crate) fn files(names: &[&str]) -> String {
    let line = |name| format!(r"-rw-r--r--   1 root     other        531 Jan 29  2003 {name}\r\n");
    names.iter().map(line).collect()
}

/// The names that are shown, and lines that are not understood behind a question mark.
pub(crate) async fn names(mut listing: Listing) -> Result<Vec<String>> {
    let mut names = Vec::new();
    while let Some(item) = listing.next_entry().await {
        match item? {
            Parsed::Entry(entry) => names.push(entry.name_lossy().into_owned()),
            Parsed::Unknown(line) => names.push(format!("? {}", line.escape_ascii())),
        }
    }
    assert!(listing.next_entry().await.is_none(), "nothing follows");
    Ok(names)
}

/// A listing by LIST alone, of which no more is asked than whether it is right.
pub(crate) fn plain() -> ListOptions {
    ListOptions::default().hidden(false)
}
