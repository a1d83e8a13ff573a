//! What a dialect makes of a line.

use std::borrow::Cow;

use super::permissions::Permissions;
use super::{Confidence, Kind, Modified};

/// An entry as it is read, of parts of its line.
#[derive(Debug)]
pub(super) struct Draft<'a> {
    pub(super) name: Cow<'a, [u8]>,
    pub(super) kind: Kind,
    pub(super) size: Option<u64>,
    pub(super) size_is_exact: bool,
    pub(super) modified: Option<Modified>,
    pub(super) date: Option<&'a [u8]>,
    pub(super) permissions: Option<Permissions<'a>>,
    pub(super) links: Option<&'a [u8]>,
    pub(super) owner: Option<&'a [u8]>,
    pub(super) group: Option<&'a [u8]>,
    pub(super) target: Option<Cow<'a, [u8]>>,
    pub(super) version: Option<u32>,
    pub(super) confidence: Confidence,
}

impl<'a> Draft<'a> {
    /// Of something of which nothing is known but its name and what it is.
    pub(super) fn new(name: impl Into<Cow<'a, [u8]>>, kind: Kind) -> Self {
        Self {
            name: name.into(),
            kind,
            size: None,
            size_is_exact: true,
            modified: None,
            date: None,
            permissions: None,
            links: None,
            owner: None,
            group: None,
            target: None,
            version: None,
            confidence: Confidence::High,
        }
    }

    /// Of a file or a directory, whose name may be that of a listed directory itself.
    pub(super) fn file_or_directory(name: impl Into<Cow<'a, [u8]>>, is_directory: bool) -> Self {
        let name = name.into();
        let kind = match (is_directory, &*name) {
            (false, _) => Kind::File,
            (true, b".") => Kind::CurrentDirectory,
            (true, b"..") => Kind::ParentDirectory,
            (true, _) => Kind::Directory,
        };
        Self::new(name, kind)
    }

    pub(super) fn size(self, size: Option<u64>) -> Self {
        Self { size, ..self }
    }

    /// A size that is not counted in bytes.
    pub(super) fn rough_size(self, size: Option<u64>) -> Self {
        Self {
            size,
            size_is_exact: false,
            ..self
        }
    }

    pub(super) fn modified(self, date: &'a [u8], modified: Option<Modified>) -> Self {
        Self {
            date: Some(date),
            modified,
            ..self
        }
    }

    pub(super) fn owner(self, owner: Option<&'a [u8]>) -> Self {
        Self { owner, ..self }
    }

    pub(super) fn confidence(self, confidence: Confidence) -> Self {
        Self { confidence, ..self }
    }
}

/// What a line is to a dialect.
#[derive(Debug)]
pub(super) enum Reading<'a> {
    /// An entry.
    Entry(Draft<'a>),
    /// Several entries side by side.
    Entries(Vec<Draft<'a>>),
    /// Column titles, the directory's name, or its sum: nothing, but the dialect's own nothing.
    Heading,
    /// The directory that the following lines are of.
    Section(&'a [u8]),
    /// The first half of an entry: to be read again with the next line behind it.
    Half,
    /// Not of this dialect.
    Unknown,
}

impl<'a> From<Option<Draft<'a>>> for Reading<'a> {
    fn from(draft: Option<Draft<'a>>) -> Self {
        draft.map_or(Self::Unknown, Self::Entry)
    }
}
