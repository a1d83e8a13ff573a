//! Which entries stand in the directory that was asked for, and which in others that the server lists unasked: the
//! heading above them tells, if there is one, and so does what stands ahead of their names.

/// The heading above the first entry of the directory, empty where it has none.
#[derive(Debug, Default)]
pub(super) struct Heading(Option<Vec<u8>>);

impl Heading {
    /// Whether what stands below this heading is in the directory that was asked for.
    ///
    /// Where relative paths begin is not known here, nor what links and `..` lead to. So a full path may be
    /// the directory's, but if two of them may, the first is.
    pub(super) fn is_of(&mut self, asked: &[u8], heading: Option<&[u8]>) -> bool {
        let asked = bare(asked);
        // A `.:` is no heading either. That may be where the server is, and not what was asked for.
        let may_be = heading.is_none_or(|heading| may_be(bare(heading), asked));
        let heading = heading.map(bare).unwrap_or_default();
        let is_first = || self.0.as_ref().is_none_or(|first| first == heading);
        let is_in_it = heading == asked || may_be && is_first();
        if is_in_it && self.0.is_none() {
            self.0 = Some(heading.to_vec());
        }
        is_in_it
    }
}

/// Whether a heading may be the full path of what was asked for in short.
fn may_be(heading: &[u8], asked: &[u8]) -> bool {
    let last = asked.rsplit(|&byte| byte == b'/').next();
    let is_any = matches!(last, Some(b"" | b"." | b".." | b"~"));
    let ends_so = || {
        let above = heading.strip_suffix(asked);
        above.is_some_and(|above| above.ends_with(b"/") || asked.starts_with(b"/"))
    };
    heading.starts_with(b"/") && (is_any || ends_so())
}

/// A path without what makes no difference: `./` ahead of it and slashes behind it, but for that of the root.
fn bare(path: &[u8]) -> &[u8] {
    let root = path.len().min(1);
    let last = path.iter().rposition(|&byte| byte != b'/');
    let path = &path[..last.map_or(root, |last| last + 1)];
    let path = path.strip_prefix(b"./").unwrap_or(path);
    if path == b"." { b"" } else { path }
}
