//! What every server of the lab makes of a directory of awkward files, and that it is read as what
//! is really there. `lab/capture-listings` made the files and wrote down what came.

mod compare;
mod limits;
mod tree;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use wharf_proto::listing::{Dialect, Entry, Format, ListParser, ListingLimits, Parsed};
use wharf_proto::reply::{Framed, Multiline, Reply, ReplyDecoder, ReplyLimits};
use wharf_proto::text::escaped;
use wharf_proto::time::Timestamp;

use self::compare::Comparison;
use self::limits::LIMITS;
use self::tree::Tree;

#[test]
fn what_servers_list_is_read_as_what_is_there() {
    let tree = Tree::read(&directory());
    assert!(
        tree.below("bay", false).len() > 140,
        "the tree has become small"
    );
    let mut is_needed = BTreeSet::new();
    let mut report = String::new();
    for capture in captures().iter().filter(|capture| capture.is_of("bay")) {
        let parsed = capture.read(tree.captured);
        let is_recursive = capture.command == "list-r";
        let mut comparison = Comparison::new(tree.captured, tree.below("bay", is_recursive));
        for parsed in &parsed {
            comparison.see(parsed, place_in_bay);
        }
        let differences = match capture.command.as_str() {
            // A few things were asked for, one by one.
            "mlst" => comparison.so_far(),
            _ => comparison.end(),
        };
        for difference in differences {
            let (server, command) = (&capture.server, &capture.command);
            let explains = |&at: &usize| LIMITS[at].explains(server, command, &difference);
            match (0..LIMITS.len()).find(explains) {
                Some(at) => drop(is_needed.insert((at, server.clone()))),
                None => writeln!(report, "{server} {command}: {difference}").expect("a string"),
            }
        }
    }
    for (at, limit) in LIMITS.iter().enumerate() {
        for server in limit.servers {
            if !is_needed.contains(&(at, (*server).to_owned())) {
                writeln!(report, "{server} no longer {}", limit.why).expect("a string");
            }
        }
    }
    assert!(report.is_empty(), "{report}");
}

/// A directory with one awkward file in it, or that file listed alone.
#[test]
fn a_line_alone_is_read_as_in_its_listing() {
    let tree = Tree::read(&directory());
    let captures = captures();
    let lists = captures
        .iter()
        .filter(|it| it.is_of("bay") && matches!(&*it.command, "list" | "list-a" | "mlsd"));
    for capture in lists {
        for parsed in capture.read(tree.captured) {
            let Parsed::Entry(entry) = parsed else {
                continue;
            };
            // Which blanks and backslashes are a name's own is what the lines show together.
            let name = entry.name();
            if name.starts_with(b" ") || name == br"a\ b" {
                continue;
            }
            let mut parser = ListParser::new(
                Format::Detect,
                Some(tree.captured),
                ListingLimits::default(),
            );
            parser.push(entry.raw()).expect("a short line");
            parser.finish().expect("a short line");
            let alone = parser.next();
            assert_eq!(alone, Some(Parsed::Entry(entry)), "{}", capture.server);
        }
    }
}

/// Names that are no text or no line, links that lead nowhere, and directories with nothing in them.
#[test]
fn what_servers_make_of_the_rest_is_known() {
    let tree = Tree::read(&directory());
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(directory());
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    let captures = captures();
    for capture in captures.iter().filter(|capture| !capture.is_of("bay")) {
        let mut text = String::new();
        for parsed in capture.read(tree.captured) {
            match parsed {
                Parsed::Entry(entry) => {
                    let name = escaped(entry.name()).to_string();
                    write!(text, "{:?} {name:?} {:?}", entry.kind(), entry.size())
                        .expect("a string");
                    if let Some(target) = entry.target() {
                        write!(text, " to {}", escaped(target)).expect("a string");
                    }
                    text.push('\n');
                }
                Parsed::Unknown(line) => writeln!(text, "? {}", escaped(&line)).expect("a string"),
            }
        }
        let name = format!("{}-{}", capture.server, capture.command);
        settings.bind(|| insta::assert_snapshot!(name, text));
    }
}

/// What a server answered a command with.
struct Capture {
    server: String,
    command: String,
    path: PathBuf,
}

impl Capture {
    /// Whether the directory of that name was listed.
    fn is_of(&self, directory: &str) -> bool {
        let listed = self.command.split_once('-').map_or("bay", |(_, rest)| rest);
        let listed = if matches!(listed, "a" | "r") {
            "bay"
        } else {
            listed
        };
        listed == directory
    }

    /// What is read in it when nothing is known but the command.
    fn read(&self, now: Timestamp) -> Vec<Parsed> {
        let text = std::fs::read(&self.path).expect("a listing");
        let format = match self.command.split('-').next() {
            Some("mlst") => return replies(&text),
            Some("mlsd") => Format::Mlsd,
            Some("nlst") => Format::Names,
            _ => Format::Detect,
        };
        let mut parser = ListParser::new(format, Some(now), ListingLimits::default());
        parser.push(&text).expect("the fixtures are short");
        parser.finish().expect("the fixtures are short");
        let parsed: Vec<_> = std::iter::from_fn(|| parser.next()).collect();
        if format == Format::Detect && !parsed.is_empty() {
            let dialect = if self.server.ends_with("eplf") {
                Dialect::Eplf
            } else {
                Dialect::Unix
            };
            assert_eq!(parser.dialect(), Some(dialect), "{}", self.path.display());
        }
        parsed
    }
}

fn directory() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/listings/servers")
}

/// All captures, by server.
fn captures() -> Vec<Capture> {
    let mut captures: Vec<_> = std::fs::read_dir(directory())
        .expect("the listings of servers")
        .map(|entry| entry.expect("a listing").path())
        .filter(|path| path.extension().is_some_and(|kind| kind == "txt"))
        .map(|path| {
            let name = path
                .file_stem()
                .and_then(|name| name.to_str())
                .expect("an ASCII name");
            // `ftp-srv-eplf-list-a`: a server's name has hyphens as well.
            let commands = ["-list", "-nlst", "-mlsd", "-mlst"];
            let at = commands
                .iter()
                .find_map(|command| name.find(command))
                .expect("the name of a command");
            let (server, command) = name.split_at(at);
            let (server, command) = (
                server.to_owned(),
                command.trim_start_matches('-').to_owned(),
            );
            Capture {
                server,
                command,
                path,
            }
        })
        .collect();
    captures.sort_by(|a, b| a.path.cmp(&b.path));
    assert!(
        captures.len() > 70,
        "the listings are not where they should be"
    );
    captures
}

/// The entry of every reply to `MLST`.
fn replies(wire: &[u8]) -> Vec<Parsed> {
    let mut decoder = ReplyDecoder::new(ReplyLimits::default(), Multiline::Strict);
    decoder.push(wire);
    let mut parsed = Vec::new();
    while let Some(framed) = decoder.next().expect("the fixtures are short") {
        let Framed::Reply(message) = framed else {
            panic!("{framed:?} is no reply");
        };
        let reply = Reply::new(Vec::new(), message);
        let entry = wharf_proto::listing::parse_mlst_reply(&reply);
        let unknown = || Parsed::Unknown(reply.lines().concat().into());
        parsed.push(entry.map_or_else(unknown, Parsed::Entry));
    }
    parsed
}

/// Where an entry is below `bay`, whatever stands before its name and in the heading above it.
fn place_in_bay(entry: &Entry) -> Vec<u8> {
    let name = below_bay(entry.name());
    match entry.section().map(below_bay) {
        None | Some(b"") => name.to_vec(),
        Some(section) => [section, b"/", name].concat(),
    }
}

fn below_bay(path: &[u8]) -> &[u8] {
    let path = path
        .strip_prefix(b"/")
        .or_else(|| path.strip_prefix(b"./"))
        .unwrap_or(path);
    match path.strip_prefix(b"bay") {
        Some(b"") => b"",
        Some(rest) => rest.strip_prefix(b"/").unwrap_or(path),
        None => path,
    }
}
