//! The chances of one run, as a list of numbers that proptest makes and makes smaller.

/// Where a run's decisions come from. At its end every roll is 0, the harmless choice.
#[derive(Debug)]
pub(crate) struct Tape {
    rolls: std::vec::IntoIter<u16>,
}

impl Tape {
    pub(crate) fn new(rolls: Vec<u16>) -> Self {
        Self {
            rolls: rolls.into_iter(),
        }
    }

    /// A number below `sides`.
    pub(crate) fn roll(&mut self, sides: usize) -> usize {
        usize::from(self.rolls.next().unwrap_or(0)) % sides.max(1)
    }

    /// True once in `n` times, and never at the end of the tape.
    pub(crate) fn one_in(&mut self, n: usize) -> bool {
        self.roll(n) == n - 1
    }

    pub(crate) fn is_over(&self) -> bool {
        self.rolls.len() == 0
    }
}
