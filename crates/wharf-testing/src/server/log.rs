//! What went over the control connections.

use std::{
    collections::VecDeque,
    fmt,
    sync::{Mutex, MutexGuard, PoisonError},
};

/// One line that went over a control connection, as [`Server::log`](super::Server::log) gives it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Which connection it was: 1 for the first client since the start.
    pub connection: usize,
    /// Who sent it.
    pub from: Side,
    /// The line without its end. The arguments of `PASS` and `ACCT` are `…`; bytes that are
    /// not text are written as in Rust, `\0` or `\xff`.
    pub text: String,
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let from = match self.from {
            Side::Client => 'C',
            Side::Server => 'S',
        };
        write!(f, "{} {from}: {}", self.connection, self.text)
    }
}

/// An end of the control connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The client: the line is a command.
    Client,
    /// This server: the line is a reply or a part of one.
    Server,
}

/// The newest lines of all sessions, oldest first.
#[derive(Debug, Default)]
pub(super) struct Log {
    lines: Mutex<VecDeque<Line>>,
}

impl Log {
    /// A benchmark may send commands for hours; the log must not grow with it.
    const CAPACITY: usize = 1 << 16;

    pub(super) fn client(&self, connection: usize, line: &[u8]) {
        self.push(connection, Side::Client, masked(line));
    }

    pub(super) fn server(&self, connection: usize, line: &[u8]) {
        self.push(connection, Side::Server, readable(line));
    }

    pub(super) fn snapshot(&self) -> Vec<Line> {
        self.lock().iter().cloned().collect()
    }

    fn push(&self, connection: usize, from: Side, text: String) {
        let mut lines = self.lock();
        if lines.len() == Self::CAPACITY {
            lines.pop_front();
        }
        lines.push_back(Line {
            connection,
            from,
            text,
        });
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<Line>> {
        // A list of finished lines is sound wherever a panic left it.
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A command line fit to be shown: everything behind a secret's verb is hidden.
///
/// It need not be a blank that follows the verb, and Telnet commands may precede it: what a
/// broken client meant as a password is one.
fn masked(line: &[u8]) -> String {
    let start = line
        .iter()
        .position(|&byte| byte < 0xF0)
        .unwrap_or(line.len());
    match line[start..].split_at_checked(4) {
        Some((verb, [next, ..])) if is_secret(verb) && !next.is_ascii_alphanumeric() => {
            format!("{} …", readable(verb))
        }
        _ => readable(line),
    }
}

/// Whether what follows this verb is nobody's business.
fn is_secret(verb: &[u8]) -> bool {
    verb.eq_ignore_ascii_case(b"PASS") || verb.eq_ignore_ascii_case(b"ACCT")
}

/// Bytes as text on one line, without losing any of them.
fn readable(line: &[u8]) -> String {
    let mut text = String::with_capacity(line.len());
    for chunk in line.utf8_chunks() {
        for c in chunk.valid().chars() {
            if c == '\0' {
                text.push_str("\\0");
            } else if c.is_control() {
                text.extend(c.escape_default());
            } else {
                text.push(c);
            }
        }
        text.extend(chunk.invalid().escape_ascii().map(char::from));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_hidden_however_their_verb_is_written() {
        assert_eq!(masked(b"PASS harbor"), "PASS …");
        assert_eq!(masked(b"pass harbor"), "pass …");
        assert_eq!(masked(b"Acct 4711"), "Acct …");
        assert_eq!(masked(b"PASS\tharbor"), "PASS …");
        assert_eq!(masked(b"\xff\xf4PASS harbor"), "PASS …");
        assert_eq!(masked(b"PASS"), "PASS");
        assert_eq!(masked(b"PASV"), "PASV");
        assert_eq!(masked(b"PASSIVE on"), "PASSIVE on");
    }

    #[test]
    fn every_byte_of_a_line_can_be_read_back() {
        assert_eq!(readable(b"CWD a\0b"), "CWD a\\0b");
        assert_eq!(readable(b"CWD \xff\xe9t\xc3\xa9"), "CWD \\xff\\xe9té");
        assert_eq!(readable(b"a\rb"), "a\\rb");
    }

    #[test]
    fn the_oldest_lines_make_room_for_the_newest() {
        let log = Log::default();
        for number in 0..=Log::CAPACITY {
            log.server(number, b"200 OK");
        }
        let lines = log.snapshot();
        assert_eq!(lines.len(), Log::CAPACITY);
        assert_eq!(lines[0].connection, 1);
    }
}
