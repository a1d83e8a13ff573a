//! Listings of OS/400 (IBM i).
//!
//! ```text
//! PEP              4019 04/03/18 18:58:16 *STMF      einladung.zip
//! PEP             36864 04/03/24 14:06:34 *DIR       dir1/
//! QPGMR                                   *MEM       RPGUNITC1.FILE/RUCALLTST.MBR
//! ```
//!
//! The order of a date is that of the job, and nothing says which that is. The whole listing
//! settles it as far as it can: an order that would need a month 13, or a day in the future,
//! is not the one.

use super::date::{self, Clock, Order, Triple};
use super::draft::{Draft, Reading};
use super::reader::{Context, Reader};
use super::words::Line;
use super::{Kind, decimal};

/// The reader of whole listings.
#[derive(Debug, Default)]
pub(super) struct Os400 {
    /// The orders of [`ORDERS`] that some date has ruled out.
    ruled_out: [bool; 3],
}

/// The United States' first, where these machines come from.
const ORDERS: [Order; 3] = [Order::Mdy, Order::Ymd, Order::Dmy];

impl Reader for Os400 {
    fn read<'a>(&mut self, line: &Line<'a>, cx: &Context) -> Reading<'a> {
        self.entry(line, cx).into()
    }
}

impl Os400 {
    fn entry<'a>(&mut self, line: &Line<'a>, cx: &Context) -> Option<Draft<'a>> {
        let owner = line.word(0).filter(|owner| is_name(owner))?;
        let kind = (1..=4).find(|&at| line.word(at).is_some_and(is_type))?;
        let name = line.from(kind + 1)?;
        let bare = name
            .strip_suffix(b"/")
            .filter(|bare| !bare.is_empty())
            .unwrap_or(name);
        let mut draft = match line.word(kind)? {
            b"*SYMLNK" => Draft::new(bare, Kind::Symlink),
            b"*DIR" | b"*DDIR" | b"*LIB" | b"*FLR" => Draft::file_or_directory(bare, true),
            _ => Draft::file_or_directory(bare, name.ends_with(b"/")),
        };
        draft.owner = Some(owner);
        // Members of files have neither size nor date, and other objects may lack one of them.
        let mut at = 1;
        if at < kind
            && let Some(size) = line.word(at).and_then(decimal)
        {
            draft.size = Some(size);
            at += 1;
        }
        if at < kind {
            let triple = Triple::read(line.word(at)?)?;
            let clock = date::clock(line.word(at + 1)?)?;
            let order = self.order(triple, clock, cx)?;
            let moment = triple.day(order)?.at(Some(clock));
            draft = draft.modified(line.between(at, at + 2)?, moment.modified(cx.now));
            at += 2;
        }
        (at == kind).then_some(draft)
    }

    /// The order of the dates, as far as is known by now.
    fn order(&mut self, triple: Triple, clock: Clock, cx: &Context) -> Option<Order> {
        let limit = cx.now.map(|now| now.limit.unix_seconds());
        let is_possible = |order| {
            let modified = triple
                .day(order)
                .and_then(|day| day.at(Some(clock)).modified(None));
            modified.is_some_and(|modified| {
                limit.is_none_or(|limit| modified.time.unix_seconds() <= limit)
            })
        };
        let possible = ORDERS.map(is_possible);
        for (out, is_possible) in self.ruled_out.iter_mut().zip(possible) {
            *out |= !is_possible;
        }
        let left = || {
            ORDERS
                .into_iter()
                .zip(self.ruled_out)
                .filter(|(_, out)| !out)
                .map(|(order, _)| order)
        };
        // Full stops part days from months in Europe.
        if triple.separator == b'.' && left().any(|order| order == Order::Dmy) {
            return Some(Order::Dmy);
        }
        if let Some(order) = left().find(|&order| triple.day(order).is_some()) {
            return Some(order);
        }
        // The rows contradict each other; each for itself then.
        let own = ORDERS
            .into_iter()
            .zip(possible)
            .find(|(_, is_possible)| *is_possible);
        let any = || {
            ORDERS
                .into_iter()
                .find(|&order| triple.day(order).is_some())
        };
        own.map(|(order, _)| order).or_else(any)
    }
}

/// The name of a user profile.
fn is_name(word: &[u8]) -> bool {
    let fits = |byte: &u8| byte.is_ascii_alphanumeric() || b"_$#@.".contains(byte);
    !word.is_empty() && word.len() <= 10 && word.iter().all(fits)
}

/// The type of an object, as `*STMF`.
fn is_type(word: &[u8]) -> bool {
    matches!(word, [b'*', rest @ ..] if rest.len() >= 3 && rest.iter().all(u8::is_ascii_uppercase))
}
