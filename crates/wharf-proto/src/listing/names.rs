//! Listings of names alone, which `NLST` asks for and some servers answer `LIST` with.

use super::draft::{Draft, Reading};
use super::reader::{Context, Reader};
use super::words::Line;
use super::{Confidence, Kind};

/// The reader of whole listings.
#[derive(Debug)]
pub(super) struct Names {
    /// Whether the lines need not be names.
    is_guess: bool,
    /// Whether there was a name without blanks.
    has_plain: bool,
    /// How many names there were.
    count: usize,
}

impl Names {
    /// For what `NLST` was answered with: everything that is no message is a name.
    pub(super) fn asked_for() -> Self {
        Self {
            is_guess: false,
            has_plain: false,
            count: 0,
        }
    }

    /// For what came without having been asked for.
    pub(super) fn suspected() -> Self {
        Self {
            is_guess: true,
            has_plain: false,
            count: 0,
        }
    }
}

impl Reader for Names {
    fn read<'a>(&mut self, line: &Line<'a>, cx: &Context) -> Reading<'a> {
        let text = line.text();
        let fits = if self.is_guess {
            // What vouches for a name with blanks may stand further down.
            looks_like_a_name(line, self.has_plain || cx.is_survey)
        } else {
            !is_message(text)
        };
        if !fits {
            return Reading::Unknown;
        }
        self.has_plain |= line.count() == 1;
        self.count += usize::from(cx.is_survey);
        // One word alone may be all that the server has to say.
        let is_lonely = self.is_guess && !cx.is_survey && self.count < 2;
        if is_lonely && !has_mark(text) {
            return Reading::Unknown;
        }
        let bare = text.strip_suffix(b"/").filter(|name| !name.is_empty());
        let name = bare.unwrap_or(text);
        let kind = match last_component(name) {
            b"." => Kind::CurrentDirectory,
            b".." => Kind::ParentDirectory,
            _ if bare.is_some() => Kind::Directory,
            _ => Kind::Unknown,
        };
        let draft = Draft::new(name, kind);
        Reading::Entry(if self.is_guess {
            draft.confidence(Confidence::Low)
        } else {
            draft
        })
    }
}

/// `/bin/ls: *.txt: No such file or directory`: what `ls` has to say, where names are expected.
fn is_message(text: &[u8]) -> bool {
    let lower = text.to_ascii_lowercase();
    let has = |part: &[u8]| lower.windows(part.len()).any(|window| window == part);
    has(b": ")
        && (has(b"denied") || has(b"no such file") || has(b"not found") || has(b"cannot access"))
}

/// What stands behind the directory that some servers write before every name.
fn last_component(name: &[u8]) -> &[u8] {
    let slash = name.iter().rposition(|&byte| byte == b'/');
    &name[slash.map_or(0, |slash| slash + 1)..]
}

/// A name, where it could as well be a sentence, a heading or a sum.
fn looks_like_a_name(line: &Line<'_>, has_plain: bool) -> bool {
    let text = line.text();
    let has = |part: &[u8]| text.windows(part.len()).any(|window| window == part);
    let is_plain = |byte: &u8| *byte >= b' ' && *byte != 0x7f && !b"<>|\"*?;".contains(byte);
    let text = without_version(text);
    let is_dots = matches!(text, b"." | b".." | b"./" | b"../");
    let says_something = |byte: &u8| byte.is_ascii_alphanumeric() || !byte.is_ascii();
    let is_name = text.iter().all(is_plain)
        && (text.iter().any(says_something) || is_dots)
        && !has(b":")
        && !has(b"  ")
        // `Listing of /quay/`
        && !has(b" /");
    // With blanks in it, a name shows itself by the mark of a directory, or by its type among others.
    let stands_out = || text.ends_with(b"/") || (has_plain && has_mark(text));
    let is_indented = text.starts_with(b" ");
    is_name && !is_indented && (line.count() == 1 || stands_out())
}

/// Whether a name has a type, or the mark of a directory.
fn has_mark(text: &[u8]) -> bool {
    let text = without_version(text);
    let word = text.iter().rposition(|&byte| byte == b' ');
    let last = &text[word.map_or(0, |blank| blank + 1)..];
    let dot = last.iter().rposition(|&byte| byte == b'.');
    let has_type = dot.is_some_and(|dot| dot > 0 && (1..=4).contains(&(last.len() - dot - 1)));
    has_type || text.ends_with(b"/")
}

/// A name without the version that VMS writes behind it.
fn without_version(text: &[u8]) -> &[u8] {
    let semicolon = text.iter().rposition(|&byte| byte == b';');
    let versioned = semicolon.filter(|&at| super::decimal(&text[at + 1..]).is_some());
    &text[..versioned.unwrap_or(text.len())]
}
