//! In which order a listing writes its dates of three numbers, as far as all of its rows tell.
//!
//! `04/03/02` may be a day of April, of March or of 2004. Another row may have a month 13 in one of
//! the orders, and every row was written by the same program. Where each order is as likely as the
//! others, a day in the future speaks against one as well; elsewhere it rather tells of a wrong clock.

use super::date::{Clock, Date, Now, Order, Triple};

/// What is known of the order by now.
#[derive(Debug)]
pub(super) struct DayOrder {
    /// Those that the dialect may have, the most usual first.
    orders: &'static [Order],
    doubts: [Doubt; 3],
}

/// What some row says against an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Doubt {
    None,
    /// A day would be in the future, where files of a wrong clock may be.
    Future,
    /// A number would be no month or no day.
    Impossible,
}

impl DayOrder {
    pub(super) const fn new(orders: &'static [Order]) -> Self {
        Self {
            orders,
            doubts: [Doubt::None; 3],
        }
    }

    /// The day of a row, by what the rows before it say and by what it says itself. `now` is given
    /// where days in the future count.
    pub(super) fn day(
        &mut self,
        triple: Triple,
        clock: Option<Clock>,
        now: Option<Now>,
    ) -> Option<Date> {
        // A year of four digits in front says nothing of dates that have none.
        if let Some(day) = triple.first_of(&[]) {
            return Some(day);
        }
        let own = |order: &Order| own_doubt(triple.day(*order), clock, now);
        // A row that is wrong in every order is wrong for another reason.
        if self
            .orders
            .iter()
            .map(own)
            .any(|own| own < Doubt::Impossible)
        {
            for (doubt, order) in self.doubts.iter_mut().zip(self.orders) {
                *doubt = (*doubt).max(own(order));
            }
        }
        // Full stops part days from months in Europe.
        let is_unlikely = |order: Order| triple.separator == b'.' && order != Order::Dmy;
        let (_, day) = self
            .doubts
            .iter()
            .zip(self.orders)
            .filter_map(|(&doubt, &order)| Some(((doubt, is_unlikely(order)), triple.day(order)?)))
            .min_by_key(|&(doubt, _)| doubt)?;
        Some(day)
    }
}

/// What a row says against an order in which its numbers are `day`.
fn own_doubt(day: Option<Date>, clock: Option<Clock>, now: Option<Now>) -> Doubt {
    match day.and_then(|day| day.at(clock).modified(None)) {
        None => Doubt::Impossible,
        Some(day) if now.is_some_and(|now| day.time > now.limit) => Doubt::Future,
        Some(_) => Doubt::None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Timestamp;

    /// The days that rows are read as, when all have been looked over once.
    fn days(rows: &[&str]) -> Vec<Option<(i16, i8, i8)>> {
        let now = Timestamp::parse(b"20261122120000").and_then(Now::new);
        let mut order = DayOrder::new(&[Order::Mdy, Order::Dmy, Order::Ymd]);
        let mut read = |row: &&str| {
            let day = order.day(Triple::read(row.as_bytes())?, None, now)?;
            Some((day.year?, day.month?, day.day))
        };
        for row in rows {
            read(row);
        }
        rows.iter().map(read).collect()
    }

    #[test]
    fn a_row_that_fits_one_order_settles_the_others() {
        assert_eq!(days(&["04-03-02"]), [Some((2002, 4, 3))]);
        assert_eq!(
            days(&["04-03-02", "13-01-02"]),
            [Some((2002, 3, 4)), Some((2002, 1, 13))]
        );
        assert_eq!(
            days(&["04-03-02", "98-06-25"]),
            [Some((2004, 3, 2)), Some((1998, 6, 25))]
        );
    }

    #[test]
    fn a_day_that_the_calendar_lacks_is_none() {
        assert_eq!(days(&["29-02-03", "04-03-02"])[1], Some((2004, 3, 2)));
    }

    #[test]
    fn a_row_that_is_wrong_in_every_order_settles_nothing() {
        assert_eq!(
            days(&["02-30-04", "99-99-99", "13-01-02", "04-03-02"])[1..],
            [None, Some((2002, 1, 13)), Some((2002, 3, 4))]
        );
    }

    #[test]
    fn days_in_the_future_tell_only_where_the_numbers_do_not() {
        assert_eq!(days(&["12-05-26"]), [Some((2026, 5, 12))]);
        assert_eq!(
            days(&["12-05-26", "06-25-26"]),
            [Some((2026, 12, 5)), Some((2026, 6, 25))]
        );
        assert_eq!(days(&["01-02-30"]), [Some((2030, 1, 2))]);
    }

    #[test]
    fn rows_that_contradict_each_other_are_read_each_for_itself() {
        assert_eq!(
            days(&["13-01-02", "01-13-02", "05-04-03"]),
            [Some((2002, 1, 13)), Some((2002, 1, 13)), Some((2003, 5, 4))]
        );
        assert_eq!(days(&["13-13-99"]), [None]);
    }

    #[test]
    fn a_year_in_front_settles_its_own_row_alone() {
        assert_eq!(
            days(&["2002-13-01", "2002-09-02", "04-03-02"]),
            [None, Some((2002, 9, 2)), Some((2002, 4, 3))]
        );
    }

    #[test]
    fn full_stops_are_european_unless_the_numbers_say_otherwise() {
        assert_eq!(days(&["04.03.02"]), [Some((2002, 3, 4))]);
        assert_eq!(days(&["04.13.02"]), [Some((2002, 4, 13))]);
    }
}
