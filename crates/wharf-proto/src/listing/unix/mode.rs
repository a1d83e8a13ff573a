//! The column of the type and the permissions.

use super::super::permissions::{Form, is_permission};
use super::super::words::Line;
use super::super::{Kind, Permissions};
use super::columns;

/// The first column that every dialect of this family has.
pub(super) struct Mode<'a> {
    pub(super) kind: Kind,
    pub(super) permissions: Option<Permissions<'a>>,
    /// Its word.
    pub(super) word: usize,
    /// A link count that is glued to it, as in `drwxr-x---+1464`.
    pub(super) links: Option<&'a [u8]>,
}

impl<'a> Mode<'a> {
    /// Finds the mode: the first word, or behind an inode and a number of blocks.
    pub(super) fn find(line: &Line<'a>) -> Option<Self> {
        let mut word = 0;
        while word < 2 && is_count(line.word(word)?) {
            word += 1;
        }
        let (kind, rest) = line.word(word)?.split_first()?;
        let kind = match kind {
            // What Cray moved to tape, and what Masscomp kept in one piece, are files all the same.
            b'-' | b'f' | b'M' | b'C' => Kind::File,
            // 3Com's 3CDaemon writes a large letter, and nobody searches the doors of Solaris.
            b'd' => Kind::Directory,
            b'D' if rest.get(2) == Some(&b'x') => Kind::Directory,
            // External links of z/OS lead to what is not a path.
            b'l' | b'e' => Kind::Symlink,
            b'b' => Kind::BlockDevice,
            b'c' => Kind::CharDevice,
            b'p' => Kind::Fifo,
            b's' => Kind::Socket,
            // Doors and ports of Solaris, network files of HP-UX, whiteouts of the BSDs.
            b'D' | b'P' | b'n' | b'w' => Kind::Other,
            _ => return None,
        };
        let mut length = rest
            .iter()
            .take(9)
            .take_while(|&&byte| is_permission(byte))
            .count();
        let permissions = rest
            .first_chunk()
            .filter(|_| length == 9)
            .map(|symbolic| Permissions(Form::Symbolic(symbolic)));
        let mut mark = &rest[length..];
        // Windows servers put their attributes into the place of the permissions.
        if length < 9 && rest.len() <= 9 && rest.iter().all(|byte| b"-rwxahACRHSD".contains(byte)) {
            (length, mark) = (rest.len(), b"");
        }
        if let [b'+' | b'.' | b'@', after @ ..] = mark {
            mark = after;
        }
        // Some write eight permissions, and others six.
        let fits = (6..=9).contains(&length)
            && (mark.is_empty() || (length == 9 && mark.iter().all(u8::is_ascii_digit)));
        fits.then(|| Self {
            kind,
            permissions,
            word,
            links: Some(mark).filter(|mark| !mark.is_empty()),
        })
    }
}

/// An inode or a number of blocks, which `ls -sh` writes as `4.0K`.
fn is_count(word: &[u8]) -> bool {
    word.iter().all(u8::is_ascii_digit)
        || (word[0].is_ascii_digit() && columns::rounded(word).is_some())
}
