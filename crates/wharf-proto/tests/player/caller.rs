//! How a file's `config` and `call` lines are read.

use std::time::Duration;

use wharf_proto::command::Command;
use wharf_proto::op::{
    Credentials, DataMode, Direction, List, ListAll, Login, Op, Passive, Place, Presence, Rename,
    Representation, Simple, Transfer,
};
use wharf_proto::secret::Secret;
use wharf_proto::server::{Quirks, Server};
use wharf_proto::session::{DataProtection, Security, SessionConfig};

/// Who logs in unless a file says otherwise: the one that the transcript's `login` expects.
pub(super) fn anonymous() -> Credentials {
    credentials("anonymous", Some("guest"))
}

fn credentials(user: &str, password: Option<&str>) -> Credentials {
    let secret = password.map(Secret::from);
    Credentials::new(user.as_bytes(), secret.as_ref()).expect("plain words")
}

/// `no-login`, `no-password`, `user NAME PASSWORD`, `account NAME`, `host NAME`, `window N`,
/// `keep-alive 60s`, `peer ADDRESS`, `quirks SERVER`, `tls explicit`, `if-offered` or `implicit`,
/// `plaintext`, `data clear-by-prot` or `clear-by-cdc`, `clear-command-channel`.
pub(super) fn configure(config: &mut SessionConfig, setting: &str) {
    let (name, value) = setting.split_once(' ').unwrap_or((setting, ""));
    let login = config.login.take();
    match name {
        "no-login" => return,
        "no-password" => config.login = Some(credentials("anonymous", None)),
        "user" => {
            let (user, password) = value.split_once(' ').expect("a name and a password");
            config.login = Some(credentials(user, Some(password)));
        }
        "account" => {
            let login = login.expect("a login");
            config.login = Some(login.with_account(&Secret::from(value)).expect("a word"));
            return;
        }
        "host" => {
            let login = login.expect("a login");
            config.login = Some(login.with_host(value.as_bytes()).expect("a name"));
            return;
        }
        "tls" => {
            config.security = match value {
                "explicit" => Security::Explicit,
                "if-offered" => Security::IfOffered,
                "implicit" => Security::Implicit,
                _ => panic!("no TLS is called {value}"),
            }
        }
        "plaintext" => config.plaintext_secrets = true,
        "data" => {
            config.data_protection = match value {
                "clear-by-prot" => DataProtection::DangerClearByProt,
                "clear-by-cdc" => DataProtection::DangerClearByCdc,
                _ => panic!("no protection is called {value}"),
            }
        }
        "clear-command-channel" => config.clear_command_channel = true,
        "quirks" => {
            config.quirks = Some(Quirks::of(match value {
                "InetUtils" => Server::InetUtils,
                "VsFtpd" => Server::VsFtpd,
                "Twisted" => Server::Twisted,
                "GridFtp" => Server::GridFtp,
                _ => panic!("no server is called {value} here"),
            }));
        }
        "window" => config.window = value.parse().expect("a number"),
        "keep-alive" => {
            let seconds = value.strip_suffix('s').expect("seconds");
            config.keep_alive = Some(Duration::from_secs(seconds.parse().expect("a number")));
        }
        "peer" => config.peer = value.parse().expect("an address"),
        _ => panic!("no setting is called {name}"),
    }
    config.login = config.login.take().or(login);
}

/// `PWD`; `MKD a or XMKD a`; `MLST a if offered`; `RNFR a + RNTO b`; `login USER PASSWORD`; `RETR a` and the other transfers,
/// behind any of `[pasv]` `[epsv]` `[active]` `[from 3]` `[type A]` `[type I]` `[after SITE x]`; `best a` and its
/// options, see [`list`]; `presence a`, seen from where the last such listing was.
pub(super) fn op(text: &str, place: Option<Place>) -> (Op, Option<Direction>) {
    if let Some(who) = text.strip_prefix("login ") {
        let (user, password) = who.split_once(' ').expect("a name and a password");
        let login = Login::again(credentials(user, Some(password)));
        return (Op::Login(login), None);
    }
    if let Some(path) = text.strip_prefix("presence ") {
        let presence = Presence::new(path.as_bytes()).expect("a path");
        let presence = match place {
            Some(place) => presence.seen_from(place),
            None => presence,
        };
        return (Op::Presence(Box::new(presence)), None);
    }
    if let Some(list) = list(text, place) {
        return (Op::List(Box::new(list)), Some(Direction::Download));
    }
    if let Some((from, to)) = text.split_once(" + ") {
        return (Op::Rename(Rename::new(command(from), command(to))), None);
    }
    if let Some(line) = text.strip_suffix(" if offered") {
        return (Op::Simple(Simple::new(command(line)).if_offered()), None);
    }
    if let Some((name, older)) = text.split_once(" or ") {
        let simple = Simple::with_fallback(command(name), command(older));
        return (Op::Simple(simple), None);
    }
    let (options, line) = text.rsplit_once("] ").unwrap_or(("", text));
    let command = command(line);
    let direction = match &*command.verb() {
        "RETR" | "LIST" | "NLST" | "MLSD" => Direction::Download,
        "STOR" | "APPE" | "STOU" => Direction::Upload,
        _ if options.contains("[type I") => {
            let simple = Simple::new(command).represented_as(Representation::Image);
            return (Op::Simple(simple), None);
        }
        _ => return (Op::Simple(Simple::new(command)), None),
    };
    let transfer = transfer(direction, options, command);
    (Op::Transfer(Box::new(transfer)), Some(direction))
}

/// `best a`, a listing whose command is chosen, behind any of `[pasv]` `[active]` `[all never]` `[all always]`
/// `[recursive]` `[by-list]` `[from-there]`, where the last such listing was.
fn list(text: &str, place: Option<Place>) -> Option<List> {
    let (options, what) = text.rsplit_once("] ").unwrap_or(("", text));
    let path = match what.strip_prefix("best") {
        Some("") => "",
        Some(path) => path.strip_prefix(' ')?,
        None => return None,
    };
    let options = split(options);
    let mut list = List::new(mode(&options), path.as_bytes()).expect("a path");
    for option in options {
        list = match option {
            "pasv" | "epsv" | "active" => list,
            "all never" => list.all(ListAll::Never),
            "all always" => list.all(ListAll::Always),
            "recursive" => list.recursive(),
            "by-list" => list.by_list(),
            "from-there" => list.seen_from(place.expect("a listing before this one")),
            _ => panic!("no option is called {option}"),
        };
    }
    Some(list)
}

fn split(options: &str) -> Vec<&str> {
    options
        .split('[')
        .map(|option| option.trim().trim_end_matches(']'))
        .filter(|option| !option.is_empty())
        .collect()
}

fn mode(options: &[&str]) -> DataMode {
    options
        .iter()
        .find_map(|option| match *option {
            "pasv" => Some(DataMode::Passive(Passive::Classic)),
            "epsv" => Some(DataMode::Passive(Passive::Extended)),
            "active" => Some(DataMode::Active),
            _ => None,
        })
        .unwrap_or_default()
}

fn transfer(direction: Direction, options: &str, line: Command) -> Transfer {
    let options = split(options);
    let mut transfer = Transfer::new(direction, mode(&options), line);
    for option in options {
        let (name, value) = option.split_once(' ').unwrap_or((option, ""));
        transfer = match name {
            "pasv" | "epsv" | "active" => transfer,
            "from" => transfer.from_offset(value.parse().expect("an offset")),
            "after" => transfer.after([command(value)]),
            "type" => transfer.represented_as(match value {
                "A" => Representation::Ascii,
                _ => Representation::Image,
            }),
            _ => panic!("no option is called {name}"),
        };
    }
    transfer
}

fn command(line: &str) -> Command {
    Command::raw(line).expect("a line without a line end")
}
