//! What the commands that list have in common: how a tree is walked, what is chosen from it, in what
//! order it comes, and how sizes, times and long lines are written.

pub(crate) mod columns;
pub(crate) mod date;
pub(crate) mod filter;
pub(crate) mod order;
pub(crate) mod pattern;
mod reading;
pub(crate) mod size;
pub(crate) mod walk;
