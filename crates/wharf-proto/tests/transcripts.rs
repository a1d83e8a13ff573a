//! Plays every file of `tests/sessions` through a session: no sockets, and a clock that only moves
//! when a file says so.
//!
//! Each file is one behaviour, and its name is the sentence that it proves. How the files are
//! written is told in [`player`].

use std::fs;
use std::panic::{self, AssertUnwindSafe};
use std::path::{Path, PathBuf};

use player::{Cut, play};

mod player;

fn files() -> Vec<PathBuf> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sessions");
    let mut files: Vec<PathBuf> = fs::read_dir(directory)
        .expect("the directory is in the repository")
        .map(|entry| entry.expect("a readable directory").path())
        .collect();
    files.sort();
    files
}

fn play_all(cut: Cut) {
    let failed: Vec<String> = files()
        .iter()
        .filter_map(|path| {
            let text = fs::read_to_string(path).expect("a text file");
            let played = panic::catch_unwind(AssertUnwindSafe(|| play(&text, cut)));
            played.is_err().then(|| path.display().to_string())
        })
        .collect();
    assert!(failed.is_empty(), "these do not hold: {failed:#?}");
}

#[test]
fn every_session_file_holds() {
    play_all(Cut::Whole);
}

#[test]
fn every_session_file_holds_when_each_byte_comes_alone() {
    play_all(Cut::Bytes);
}

#[test]
fn the_directory_holds_session_files_and_nothing_else() {
    let files = files();
    assert!(!files.is_empty());
    for path in files {
        assert_eq!(path.extension().expect("an extension"), "ftp", "{path:?}");
    }
}

/// A player that nothing can displease proves nothing.
mod the_player_is_displeased_by {
    use super::{Cut, play};

    #[test]
    #[should_panic(expected = "expected `PWD`, the client said `NOOP`")]
    fn another_command() {
        play(
            "config no-login\nS: 220 hi\n= login 220 hi\ncall a: NOOP\nC: PWD",
            Cut::Whole,
        );
    }

    #[test]
    #[should_panic(expected = "nobody expected `a failed CommandFailed 550`")]
    fn a_result_that_no_line_speaks_of() {
        play(
            "config no-login\nS: 220 hi\n= login 220 hi\ncall a: NOOP\nC: NOOP\nS: 550 no",
            Cut::Whole,
        );
    }

    #[test]
    #[should_panic(expected = "a has no result")]
    fn an_operation_without_a_result() {
        play(
            "config no-login\nS: 220 hi\n= login 220 hi\ncall a: NOOP\nC: NOOP",
            Cut::Whole,
        );
    }

    #[test]
    #[should_panic(expected = "was sent and not expected")]
    fn a_command_that_no_line_speaks_of() {
        play(
            "config no-login\nS: 220 hi\n= login 220 hi\ncall a: NOOP\nS: 200 ok\n= a 200 ok",
            Cut::Whole,
        );
    }

    #[test]
    #[should_panic(expected = "still has a data connection")]
    fn a_data_connection_that_is_left_open() {
        play(
            "config no-login\nS: 220 hi\n= login 220 hi\ncall a: [pasv] RETR x\nC: PASV\nL\n\
             S: 227 ({pasv})",
            Cut::Whole,
        );
    }

    #[test]
    #[should_panic(expected = "Start was not carried out")]
    fn a_handshake_that_nobody_shakes() {
        play(
            "config no-login\nconfig tls explicit\nS: 220 hi\nC: AUTH TLS\nS: 234 go",
            Cut::Whole,
        );
    }

    #[test]
    #[should_panic(expected = "expected Start, was asked for None")]
    fn a_handshake_that_nobody_asked_for() {
        play(
            "config no-login\nS: 220 hi\n= login 220 hi\nT+ login",
            Cut::Whole,
        );
    }

    #[test]
    #[should_panic(expected = "no handshake was asked for")]
    fn data_that_is_encrypted_unasked() {
        play(
            "config no-login\nS: 220 hi\n= login 220 hi\ncall a: [pasv] RETR x\nC: PASV\nL\n\
             S: 227 ({pasv})\nD+\nC: RETR x\nT+ a",
            Cut::Whole,
        );
    }
}
