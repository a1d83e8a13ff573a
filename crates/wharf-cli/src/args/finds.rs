//! Conditions in the words of Unix's `find`, with one dash, and what to type in their place.
//!
//! They are not taken as they are, for some of them say something else there: `-size 1` is a block of 512 bytes,
//! `-size -1M` an empty file, and of two `-name` both have to fit.

use std::ffi::OsString;

use crate::failure::Failure;

const AGE: &str = "--newer-than or --older-than";

/// What is typed there, and what here.
const WORDS: [(&str, &str); 14] = [
    ("-name", "--name"),
    ("-iname", "--iname"),
    ("-path", "--path"),
    ("-wholename", "--path"),
    ("-type", "--type"),
    ("-size", "--size (in bytes, or with k, M, G, T)"),
    ("-mtime", AGE),
    ("-mmin", AGE),
    ("-newer", AGE),
    ("-newermt", AGE),
    ("-maxdepth", "--max-depth"),
    ("-mindepth", "--min-depth"),
    ("-print0", "-0"),
    ("-print", "what it does in any case"),
];

/// What to say of a command line that could not be read, if it is a `find` with such words in it. Nothing else
/// of it is repeated.
pub(crate) fn explain(arguments: impl IntoIterator<Item = OsString>) -> Option<Failure> {
    let mut known = Vec::new();
    let conditions = arguments.into_iter().skip_while(|it| it != "find");
    for argument in conditions.take_while(|it| it != "--") {
        let word = WORDS.into_iter().find(|(theirs, _)| argument == *theirs);
        known.extend(word.filter(|word| !known.contains(word)));
    }
    if known.is_empty() {
        return None;
    }
    let said: Vec<_> = known
        .into_iter()
        .map(|(theirs, ours)| format!("{theirs} is {ours}"))
        .collect();
    let failure = Failure::usage(format!("in this find {}", said.join(", ")));
    Some(failure.advise("`wharf find --help` says what each of them takes"))
}
