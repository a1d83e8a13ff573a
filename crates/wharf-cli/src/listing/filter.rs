//! What `find` looks for.

use wharf::listing::Kind;
use wharf::{Encoding, Entry, Timestamp};

use super::pattern::Pattern;
use super::size;

/// Conditions, all of which have to hold.
#[derive(Clone, Debug, Default)]
pub(crate) struct Filter {
    /// One of these has to fit the name, if there are any.
    pub(crate) names: Vec<Pattern>,
    pub(crate) path: Option<Pattern>,
    /// It has to be one of these, if there are any.
    pub(crate) kinds: Vec<Kind>,
    pub(crate) sizes: Vec<Bound>,
    pub(crate) newer_than: Option<Timestamp>,
    pub(crate) older_than: Option<Timestamp>,
}

impl Filter {
    /// Whether an entry of this name is looked for, but for its path. What the server does not tell
    /// fits no condition.
    pub(crate) fn accepts(&self, entry: &Entry, name: &[u8], encoding: Encoding) -> bool {
        let is = |kind: &Kind| *kind == entry.kind();
        if !self.kinds.is_empty() && !self.kinds.iter().any(is) {
            return false;
        }
        if !self.names.is_empty() {
            let name = encoding.decode(name);
            if !self.names.iter().any(|pattern| pattern.matches(&name)) {
                return false;
            }
        }
        // What the size of a directory means is the server's affair.
        let size = entry.size().filter(|_| entry.kind() != Kind::Directory);
        let fits = |bound: &Bound| size.is_some_and(|size| bound.holds(size));
        self.sizes.iter().all(fits) && self.time_fits(entry)
    }

    /// Whether a path is one of those looked for.
    pub(crate) fn accepts_path(&self, path: &[u8], encoding: Encoding) -> bool {
        let pattern = self.path.as_ref();
        pattern.is_none_or(|pattern| pattern.matches(&encoding.decode(path)))
    }

    fn time_fits(&self, entry: &Entry) -> bool {
        if self.newer_than.is_none() && self.older_than.is_none() {
            return true;
        }
        entry.modified().is_some_and(|modified| {
            self.newer_than.is_none_or(|limit| modified.time > limit)
                && self.older_than.is_none_or(|limit| modified.time < limit)
        })
    }
}

/// What a size is compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Bound {
    MoreThan(u64),
    LessThan(u64),
    Exactly(u64),
}

impl Bound {
    /// Reads `+1M`, `-1k`, `0`.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let (bound, digits): (fn(u64) -> Self, _) = match text.split_at_checked(1) {
            Some(("+", digits)) => (Self::MoreThan, digits),
            Some(("-", digits)) => (Self::LessThan, digits),
            _ => (Self::Exactly, text),
        };
        let wrong = || "not a size such as 512, +1M or -10k".to_owned();
        size::parse(digits).map(bound).ok_or_else(wrong)
    }

    fn holds(self, size: u64) -> bool {
        match self {
            Self::MoreThan(limit) => size > limit,
            Self::LessThan(limit) => size < limit,
            Self::Exactly(wanted) => size == wanted,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::listing::order::tests::entries;

    /// The names of those accepted.
    fn accepted(filter: &Filter) -> String {
        let entries = entries([
            "type=file;size=5;modify=20200101000000; a.txt",
            "type=file;size=5000;modify=20210101000000; B.TXT",
            "type=dir;size=5000;modify=20210101000000; sub",
            "type=file; unknown",
        ]);
        let accepted = entries.iter().filter(|entry| {
            let path = [b"in/", entry.name()].concat();
            filter.accepts(entry, entry.name(), Encoding::Utf8)
                && filter.accepts_path(&path, Encoding::Utf8)
        });
        let names: Vec<_> = accepted.map(Entry::name_lossy).collect();
        names.join(" ")
    }

    #[test]
    fn without_conditions_all_is_accepted() {
        assert_eq!(accepted(&Filter::default()), "a.txt B.TXT sub unknown");
    }

    #[test]
    fn one_of_the_names_fits_and_all_other_conditions_hold() {
        let mut filter = Filter {
            names: vec![Pattern::new("*.txt").in_any_case(), Pattern::new("sub")],
            ..Filter::default()
        };
        assert_eq!(accepted(&filter), "a.txt B.TXT sub");
        filter.kinds = vec![Kind::File, Kind::Symlink];
        assert_eq!(accepted(&filter), "a.txt B.TXT");
        filter.path = Some(Pattern::new("in/B*"));
        assert_eq!(accepted(&filter), "B.TXT");
    }

    #[test]
    fn sizes_are_those_of_files_that_have_one() {
        let sizes = |texts: &[&str]| {
            accepted(&Filter {
                sizes: texts.iter().map(|it| Bound::parse(it).unwrap()).collect(),
                ..Filter::default()
            })
        };
        assert_eq!(sizes(&["+4k"]), "B.TXT");
        assert_eq!(sizes(&["-5001"]), "a.txt B.TXT");
        assert_eq!(sizes(&["+4", "-6"]), "a.txt");
        assert_eq!(sizes(&["5"]), "a.txt");
        assert_eq!(sizes(&["+5000"]), "");
    }

    #[test]
    fn times_are_on_this_side_of_the_limits() {
        let time = |text: &str| Timestamp::parse(text.as_bytes());
        let newer = Filter {
            newer_than: time("20200101000000"),
            ..Filter::default()
        };
        assert_eq!(accepted(&newer), "B.TXT sub");
        let between = Filter {
            newer_than: time("20191231235959"),
            older_than: time("20210101000000"),
            ..Filter::default()
        };
        assert_eq!(accepted(&between), "a.txt");
    }

    #[test]
    fn what_is_no_size_is_refused() {
        for wrong in ["", "+", "-", "++1", "+-1", "x", "1x"] {
            assert!(Bound::parse(wrong).is_err(), "{wrong}");
        }
    }
}
