//! How the lines of a listing are written, which one line alone may leave open.

use super::super::Kind;
use super::super::ls_date::Behind;
use super::super::words::Line;
use super::arrow;
use super::columns::Columns;
use super::mode::Mode;

/// What the head of a listing tells of all its lines.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Habits {
    /// How many lines had a date.
    dated: usize,
    /// How many blanks stand before every name, beyond the one that parts columns.
    padding: usize,
    /// A year had one blank before it and one behind: its column is not filled up.
    years_are_bare: bool,
    /// A name had a blank without a backslash before it: a backslash is the name's own.
    blanks_are_bare: bool,
}

impl Habits {
    /// Takes note of a line that is an entry.
    pub(super) fn see(&mut self, line: &Line<'_>) {
        let Some(mode) = Mode::find(line) else { return };
        let Some(columns) = Columns::find(line, &mode) else {
            return;
        };
        let found = &columns.found;
        let rest = line.after(found.last, 1).unwrap_or_default();
        let blanks = rest.iter().take_while(|&&byte| byte == b' ').count();
        let of_year = usize::from(found.behind == Behind::Padded);
        let padding = blanks.saturating_sub(of_year);
        self.padding = if self.dated == 0 {
            padding
        } else {
            self.padding.min(padding)
        };
        self.dated += 1;
        self.years_are_bare |= found.behind == Behind::Bare;
        let written = rest.trim_ascii();
        let end = arrow(written).filter(|_| mode.kind == Kind::Symlink);
        let name = &written[..end.unwrap_or(written.len())];
        self.blanks_are_bare |= name
            .windows(2)
            .any(|pair| pair[1] == b' ' && pair[0] != b'\\');
    }

    /// How many blanks part a name from its date.
    pub(super) fn gap(&self, behind: Behind) -> usize {
        let of_year = usize::from(behind == Behind::Padded && !self.years_are_bare);
        // One name alone may begin with blanks; three hardly all do.
        let padding = if self.dated >= 3 { self.padding } else { 0 };
        1 + of_year + padding
    }

    /// Whether a line without a date is not one of this listing's.
    pub(super) fn has_dates(&self) -> bool {
        self.dated > 0
    }

    /// Whether `\ ` stands for a blank.
    pub(super) fn escapes_blanks(&self) -> bool {
        !self.blanks_are_bare
    }
}
