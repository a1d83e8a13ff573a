//! What callers ask for in one run.

use proptest::prelude::*;
use wharf_proto::command::Command;
use wharf_proto::op::{DataMode, Direction, Op, Passive, Rename, Representation, Simple, Transfer};

/// What a caller asks for.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Kind {
    Simple,
    Rename,
    Transfer {
        upload: bool,
        mode: DataMode,
        ascii: bool,
        rest: bool,
    },
}

pub(crate) fn kind() -> impl Strategy<Value = Kind> {
    let mode = prop_oneof![
        Just(DataMode::Passive(Passive::Auto)),
        Just(DataMode::Passive(Passive::Classic)),
        Just(DataMode::Passive(Passive::Extended)),
        Just(DataMode::Active),
    ];
    let transfer = (any::<bool>(), mode, any::<bool>(), any::<bool>()).prop_map(
        |(upload, mode, ascii, rest)| Kind::Transfer {
            upload,
            mode,
            ascii,
            rest,
        },
    );
    prop_oneof![3 => Just(Kind::Simple), 1 => Just(Kind::Rename), 4 => transfer]
}

/// One run.
#[derive(Debug, Clone)]
pub(crate) struct Plan {
    pub(crate) window: usize,
    pub(crate) login: bool,
    pub(crate) keep_alive: bool,
    pub(crate) kinds: Vec<Kind>,
    pub(crate) rolls: Vec<u16>,
}

pub(crate) fn plan() -> impl Strategy<Value = Plan> {
    (
        prop_oneof![Just(1_usize), Just(2), Just(8)],
        any::<bool>(),
        any::<bool>(),
        prop::collection::vec(kind(), 1..10),
        prop::collection::vec(0..96_u16, 0..800),
    )
        .prop_map(|(window, login, keep_alive, kinds, rolls)| Plan {
            window,
            login,
            keep_alive,
            kinds,
            rolls,
        })
}

/// The `n`th operation: its number is the argument of its commands.
pub(super) fn op(kind: Kind, n: usize) -> Op {
    let command = |verb: &str| Command::raw(format!("{verb} {n}")).expect("plain words");
    match kind {
        Kind::Simple => Op::Simple(Simple::new(command("SIZE"))),
        Kind::Rename => Op::Rename(Rename::new(command("RNFR"), command("RNTO"))),
        Kind::Transfer {
            upload,
            mode,
            ascii,
            rest,
        } => {
            let (direction, verb) = if upload {
                (Direction::Upload, "STOR")
            } else {
                (Direction::Download, "RETR")
            };
            let transfer = Transfer::new(direction, mode, command(verb))
                .represented_as(if ascii {
                    Representation::Ascii
                } else {
                    Representation::Image
                })
                .from_offset(if rest { (OFFSET + n) as u64 } else { 0 });
            Op::Transfer(Box::new(transfer))
        }
    }
}

/// What is added to an operation's number to make its offset: REST 0 is never sent.
pub(super) const OFFSET: usize = 1000;
