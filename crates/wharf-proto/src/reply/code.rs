//! The code of a reply (RFC 959 §4.2.1), and what its first digit says.

use std::fmt;

/// The three digits that open a reply. Whatever three digits a server writes can be held.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Code(u16);

impl Code {
    /// The code with this number, or `None` if it needs more than three digits.
    pub const fn new(number: u16) -> Option<Self> {
        if number <= 999 {
            Some(Self(number))
        } else {
            None
        }
    }

    /// The number.
    pub const fn get(self) -> u16 {
        self.0
    }

    /// What the first digit says.
    pub const fn class(self) -> Class {
        match self.0 {
            100..=199 => Class::Preliminary,
            200..=299 => Class::Completion,
            300..=399 => Class::Intermediate,
            400..=499 => Class::Transient,
            500..=599 => Class::Permanent,
            _ => Class::Invalid,
        }
    }

    /// 1yz: a mark; the final reply is still to come.
    pub const fn is_preliminary(self) -> bool {
        matches!(self.class(), Class::Preliminary)
    }

    /// 2yz: done.
    pub const fn is_completion(self) -> bool {
        matches!(self.class(), Class::Completion)
    }

    /// 3yz: accepted, and another command is expected.
    pub const fn is_intermediate(self) -> bool {
        matches!(self.class(), Class::Intermediate)
    }

    /// 2yz or 3yz.
    pub const fn is_success(self) -> bool {
        matches!(self.class(), Class::Completion | Class::Intermediate)
    }

    /// 4yz: refused now, perhaps not later.
    pub const fn is_transient(self) -> bool {
        matches!(self.class(), Class::Transient)
    }

    /// 5yz: refused.
    pub const fn is_permanent(self) -> bool {
        matches!(self.class(), Class::Permanent)
    }

    /// 4yz or 5yz.
    pub const fn is_failure(self) -> bool {
        matches!(self.class(), Class::Transient | Class::Permanent)
    }

    /// 1yz to 5yz: a code that RFC 959 gives a meaning.
    pub const fn is_valid(self) -> bool {
        !matches!(self.class(), Class::Invalid)
    }

    /// The code a line begins with, and whatever follows its three digits.
    pub(super) fn split(line: &[u8]) -> Option<(Self, &[u8])> {
        let (digits, rest) = line.split_first_chunk::<3>()?;
        if !digits.iter().all(u8::is_ascii_digit) {
            return None;
        }
        let number = digits
            .iter()
            .fold(0, |sum, digit| sum * 10 + u16::from(digit - b'0'));
        Some((Self(number), rest))
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:03}", self.0)
    }
}

impl PartialEq<u16> for Code {
    fn eq(&self, other: &u16) -> bool {
        self.0 == *other
    }
}

/// What the first digit of a [`Code`] says (RFC 959 §4.2.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Class {
    /// 1yz.
    Preliminary,
    /// 2yz.
    Completion,
    /// 3yz.
    Intermediate,
    /// 4yz.
    Transient,
    /// 5yz.
    Permanent,
    /// 0yz and 6yz to 9yz, which no RFC gives a meaning.
    Invalid,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_classes_are_those_of_the_first_digit() {
        let code = |number| Code::new(number).unwrap();
        assert!(code(150).is_preliminary() && code(226).is_completion());
        assert!(code(350).is_intermediate() && code(226).is_success() && code(350).is_success());
        assert!(code(421).is_transient() && code(421).is_failure() && !code(421).is_permanent());
        assert!(code(550).is_permanent() && code(550).is_failure());
        assert!(code(150).is_valid() && !code(99).is_valid() && !code(765).is_valid());
    }
}
