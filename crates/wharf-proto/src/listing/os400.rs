//! Listings of OS/400 (IBM i).
//!
//! ```text
//! PEP              4019 04/03/18 18:58:16 *STMF      einladung.zip
//! PEP             36864 04/03/24 14:06:34 *DIR       dir1/
//! QPGMR                                   *MEM       RPGUNITC1.FILE/RUCALLTST.MBR
//! ```
//!
//! The order of a date is that of the job, and nothing says which that is; nor what parts its
//! numbers, of which there are but two in Julian dates. The owner is blank in anonymous sessions,
//! and size and date where an object has none.

use super::date::{self, Order, Triple};
use super::day_order::DayOrder;
use super::draft::{Draft, Reading};
use super::reader::{Context, Reader};
use super::words::Line;
use super::{Kind, decimal};

/// The reader of whole listings.
#[derive(Debug)]
pub(super) struct Os400 {
    order: DayOrder,
}

/// The United States' first, where these machines come from.
const ORDERS: &[Order] = &[Order::Mdy, Order::Ymd, Order::Dmy];

impl Default for Os400 {
    fn default() -> Self {
        Self {
            order: DayOrder::new(ORDERS),
        }
    }
}

impl Reader for Os400 {
    fn read<'a>(&mut self, line: &Line<'a>, cx: &Context) -> Reading<'a> {
        self.entry(line, cx).into()
    }
}

impl Os400 {
    fn entry<'a>(&mut self, line: &Line<'a>, cx: &Context) -> Option<Draft<'a>> {
        let kind = (0..=MOST_WORDS).find(|&at| line.word(at).is_some_and(is_type))?;
        let name = line.from(kind + 1)?;
        // Where neither size nor date stands before it, its column is all that tells a type from a
        // remark; a member has its type in its name as well.
        let is_member = line.word(kind)? == b"*MEM" && name.ends_with(b".MBR");
        if kind <= 1 && !is_member && line.start(kind)? < TYPE_COLUMN {
            return None;
        }
        let bare = name.strip_suffix(b"/").unwrap_or(name);
        if bare.is_empty() {
            return None;
        }
        let mut draft = match line.word(kind)? {
            b"*SYMLNK" => Draft::new(bare, Kind::Symlink),
            b"*SOCKET" => Draft::new(bare, Kind::Socket),
            b"*FIFO" => Draft::new(bare, Kind::Fifo),
            b"*CHRSF" => Draft::new(bare, Kind::CharDevice),
            b"*BLKSF" => Draft::new(bare, Kind::BlockDevice),
            b"*DIR" | b"*DDIR" | b"*LIB" | b"*FLR" => Draft::file_or_directory(bare, true),
            _ => Draft::file_or_directory(bare, name.ends_with(b"/")),
        };
        let mut at = 0;
        if at < kind
            && let Some(owner) = line.word(at).filter(|owner| is_name(owner))
        {
            draft.owner = Some(owner);
            at += 1;
        }
        if at < kind
            && let Some(size) = line.word(at).and_then(decimal)
        {
            draft.size = Some(size);
            at += 1;
        }
        if at == kind {
            return Some(draft);
        }
        let text = line.between(at, kind)?;
        if at + 2 == kind
            && let Some(triple) = line.word(at).and_then(Triple::read)
            && let Some(clock) = line.word(at + 1).and_then(date::clock)
            && let Some(day) = self.order.day(triple, Some(clock), cx.now)
        {
            return Some(draft.modified(text, day.at(Some(clock)).modified(cx.now)));
        }
        is_odd_date(text).then(|| draft.modified(text, None))
    }
}

/// How many words stand before the type at most: the owner, the size, and a date and time whose
/// numbers stand apart.
const MOST_WORDS: usize = 8;

/// Whether a text has the numbers of a date and time, parted in another way than usual, or a day
/// that there is not.
fn is_odd_date(text: &[u8]) -> bool {
    let digits = text.iter().filter(|byte| byte.is_ascii_digit()).count();
    let numbers = text.split(|byte| !byte.is_ascii_digit());
    // A Julian date does not fill its column.
    let numbers = numbers.filter(|number| !number.is_empty());
    let is_date = |byte: &u8| byte.is_ascii_digit() || b"/-.,: ".contains(byte);
    (11..=12).contains(&digits) && matches!(numbers.count(), 5 | 6) && text.iter().all(is_date)
}

/// Where types stand, behind the widths of an owner, a size, a day and a time; some servers of the
/// kind have them a bit further left.
const TYPE_COLUMN: usize = 30;

/// The name of a user profile, which begins with no digit. In some countries letters stand where
/// others have `#`, `$` and `@`.
fn is_name(word: &[u8]) -> bool {
    let fits =
        |byte: &u8| byte.is_ascii_alphanumeric() || b"_$#@.".contains(byte) || !byte.is_ascii();
    // A letter of two bytes counts once.
    let length = word.iter().filter(|&&byte| byte & 0xc0 != 0x80).count();
    length <= 10 && word.iter().all(fits) && !word[0].is_ascii_digit()
}

/// The type of an object, as `*STMF` or `*S36`.
fn is_type(word: &[u8]) -> bool {
    let [b'*', b'A'..=b'Z', rest @ ..] = word else {
        return false;
    };
    let fits = |byte: &u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
    rest.len() >= 2 && rest.iter().all(fits)
}
