//! What callers ask for in one run.

use proptest::prelude::*;
use wharf_proto::command::Command;
use wharf_proto::op::{
    Credentials, DataMode, Direction, List, ListAll, Login, Op, Passive, Presence, Rename,
    Representation, Simple, Transfer,
};
use wharf_proto::session::{DataProtection, Security};

/// What a caller asks for.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Kind {
    Simple,
    Rename,
    /// Another user logs in.
    Login,
    Transfer {
        upload: bool,
        mode: DataMode,
        ascii: bool,
        rest: bool,
    },
    /// By the best command.
    List {
        mode: DataMode,
        all: bool,
        /// The path would be read as a pattern.
        misread: bool,
    },
    /// Whether a directory is there.
    Presence,
}

pub(crate) fn kind() -> impl Strategy<Value = Kind> {
    let mode = prop_oneof![
        Just(DataMode::Passive(Passive::Auto)),
        Just(DataMode::Passive(Passive::Classic)),
        Just(DataMode::Passive(Passive::Extended)),
        Just(DataMode::Active),
    ];
    let list = (mode.clone(), any::<bool>(), any::<bool>())
        .prop_map(|(mode, all, misread)| Kind::List { mode, all, misread });
    let transfer = (any::<bool>(), mode, any::<bool>(), any::<bool>()).prop_map(
        |(upload, mode, ascii, rest)| Kind::Transfer {
            upload,
            mode,
            ascii,
            rest,
        },
    );
    prop_oneof![
        6 => Just(Kind::Simple),
        2 => Just(Kind::Rename),
        1 => Just(Kind::Login),
        8 => transfer,
        4 => list,
        1 => Just(Kind::Presence),
    ]
}

/// What is encrypted in one run.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Encryption {
    pub(crate) security: Security,
    pub(crate) data: DataProtection,
    pub(crate) clear_command_channel: bool,
    /// Passwords may go out all the same.
    pub(crate) plaintext: bool,
}

fn encryption() -> impl Strategy<Value = Encryption> {
    let security = prop_oneof![
        Just(Security::Off),
        Just(Security::Explicit),
        Just(Security::IfOffered),
        Just(Security::Implicit),
    ];
    let data = prop_oneof![
        6 => Just(DataProtection::Private),
        1 => Just(DataProtection::DangerClearByProt),
        1 => Just(DataProtection::DangerClearByCdc),
    ];
    // Most runs of a session in clear text would be over at once.
    (
        security,
        data,
        prop::bool::weighted(0.2),
        prop::bool::weighted(0.6),
    )
        .prop_map(
            |(security, data, clear_command_channel, plaintext)| Encryption {
                security,
                data,
                clear_command_channel,
                plaintext,
            },
        )
}

/// One run.
#[derive(Debug, Clone)]
pub(crate) struct Plan {
    pub(crate) encryption: Encryption,
    pub(crate) window: usize,
    pub(crate) login: bool,
    pub(crate) keep_alive: bool,
    /// The server takes paths for patterns.
    pub(crate) patterns: bool,
    pub(crate) kinds: Vec<Kind>,
    pub(crate) rolls: Vec<u16>,
}

pub(crate) fn plan() -> impl Strategy<Value = Plan> {
    (
        encryption(),
        prop_oneof![Just(1_usize), Just(2), Just(8)],
        any::<bool>(),
        any::<bool>(),
        any::<bool>(),
        prop::collection::vec(kind(), 1..10),
        prop::collection::vec(0..96_u16, 0..800),
    )
        .prop_map(
            |(encryption, window, login, keep_alive, patterns, kinds, rolls)| Plan {
                encryption,
                window,
                login,
                keep_alive,
                patterns,
                kinds,
                rolls,
            },
        )
}

/// The `n`th operation: its number is the argument of its commands.
pub(super) fn op(kind: Kind, n: usize) -> Op {
    let command = |verb: &str| Command::raw(format!("{verb} {n}")).expect("plain words");
    match kind {
        Kind::Simple => Op::Simple(Simple::new(command("SIZE"))),
        Kind::Rename => Op::Rename(Rename::new(command("RNFR"), command("RNTO"))),
        Kind::Login => {
            let name = n.to_string();
            let credentials = Credentials::new(name.as_bytes(), Some(&name.as_str().into()));
            Op::Login(Login::again(credentials.expect("plain words")))
        }
        Kind::List { mode, all, misread } => {
            let pattern = if misread { "*" } else { "" };
            let list = List::new(mode, format!("{n}{pattern}").as_bytes()).expect("plain words");
            Op::List(Box::new(list.all(if all {
                ListAll::Always
            } else {
                ListAll::IfObeyed
            })))
        }
        Kind::Presence => {
            let presence = Presence::new(n.to_string().as_bytes()).expect("plain words");
            Op::Presence(Box::new(presence))
        }
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
