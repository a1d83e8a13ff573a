//! In what order entries come.

use std::cmp::{Ordering, Reverse};

use wharf::Entry;

/// An order: what counts first, and whether it is turned round. Names are compared byte by byte.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Order {
    pub(crate) by: By,
    pub(crate) reverse: bool,
}

/// What counts first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum By {
    #[default]
    Name,
    /// The largest first, and what has no size last.
    Size,
    /// The newest first, and what has no time last.
    Time,
}

impl Order {
    /// Puts entries in order, in the place where they are.
    pub(crate) fn sort(self, entries: &mut [Entry]) {
        entries.sort_unstable_by(|one, other| {
            let order = self.by.compare(one, other);
            if self.reverse { order.reverse() } else { order }
        });
    }
}

impl By {
    fn compare(self, one: &Entry, other: &Entry) -> Ordering {
        let first = match self {
            Self::Name => Ordering::Equal,
            Self::Size => Reverse(one.size()).cmp(&Reverse(other.size())),
            Self::Time => {
                let time = |entry: &Entry| entry.modified().map(|modified| modified.time);
                Reverse(time(one)).cmp(&Reverse(time(other)))
            }
        };
        // The latest version of a file is the file.
        first
            .then_with(|| one.name().cmp(other.name()))
            .then_with(|| Reverse(one.version()).cmp(&Reverse(other.version())))
            .then_with(|| one.raw().cmp(other.raw()))
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use wharf::listing::{Dialect, Format, ListParser, ListingLimits, Parsed};

    use super::*;

    /// The entries of lines of MLSD.
    pub(crate) fn entries<const N: usize>(lines: [&str; N]) -> Vec<Entry> {
        read(Format::Mlsd, lines)
    }

    /// The entries of lines in some format.
    pub(crate) fn read<const N: usize>(
        format: Format,
        lines: [impl std::fmt::Display; N],
    ) -> Vec<Entry> {
        let mut parser = ListParser::new(format, None, ListingLimits::default());
        parser
            .push(lines.map(|line| format!("{line}\n")).concat().as_bytes())
            .unwrap();
        parser.finish().unwrap();
        std::iter::from_fn(|| parser.next())
            .map(|parsed| match parsed {
                Parsed::Entry(entry) => entry,
                Parsed::Unknown(line) => panic!("{line:?}"),
            })
            .collect()
    }

    fn sorted(by: By, reverse: bool) -> String {
        let mut entries = entries([
            "type=file;size=5;modify=20200101000000; b",
            "type=file;size=50;modify=20190101000000; a",
            "type=file;size=5;modify=20210101000000; B",
            "type=file; c",
        ]);
        Order { by, reverse }.sort(&mut entries);
        let names: Vec<_> = entries.iter().map(Entry::name_lossy).collect();
        names.join(" ")
    }

    #[test]
    fn large_and_new_come_first_and_what_is_not_known_last() {
        assert_eq!(sorted(By::Name, false), "B a b c");
        assert_eq!(sorted(By::Size, false), "a B b c");
        assert_eq!(sorted(By::Time, false), "B b a c");
    }

    #[test]
    fn every_order_can_be_turned_round() {
        assert_eq!(sorted(By::Name, true), "c b a B");
        assert_eq!(sorted(By::Size, true), "c b B a");
        assert_eq!(sorted(By::Time, true), "c a b B");
    }

    #[test]
    fn of_one_name_the_latest_version_comes_first() {
        let mut entries = read(
            Format::Dialect(Dialect::Vms),
            ["2", "10", "9"].map(|version| {
                format!("A.TXT;{version}  3  2-NOV-2019 07:15 [ME] (RWED,RWED,RE,)")
            }),
        );
        let order = Order::default();
        order.sort(&mut entries);
        let versions: Vec<_> = entries.iter().filter_map(Entry::version).collect();
        assert_eq!(versions, [10, 9, 2]);
    }
}
