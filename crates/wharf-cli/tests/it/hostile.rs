//! One table for each place where a server can do harm: what it does there, the exit code, and what
//! has to be said. Whatever happens, the old file stays and nothing is left beside it.

use std::fs;
use std::thread;

use crate::bench::{against_script_in, names};

/// What a server does, how the command ends, and what it says.
type Fault = (&'static str, u8, &'static str);

/// The exit code where a limit was reached.
const TIMED_OUT: u8 = 11;

/// The limit for what never comes; on a busy machine, whatever does come is to come within it.
const LIMIT: &str = "--timeout 2";

/// Runs `line` against each fault, begun like this; all at once, for most of the time they wait.
fn suffer(begun: &str, line: &str, faults: &[Fault]) {
    thread::scope(|scope| {
        for fault in faults {
            scope.spawn(move || suffer_one(begun, line, fault));
        }
    });
}

fn suffer_one(begun: &str, line: &str, (fault, code, words): &Fault) {
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("a"), "old").unwrap();
    let script = format!("{begun}\n{fault}");
    let limit = if *code == TIMED_OUT { LIMIT } else { "" };
    let line = format!("{line} {limit}");
    let shown = against_script_in(directory.path(), &script, line.trim_end());
    let end = format!("exit {code}\n");
    assert!(
        shown.starts_with(&end) && shown.contains(words),
        "{fault}\ndoes not end in {code}, {words:?}, but in:\n{shown}"
    );
    let control = |character: char| character.is_control() && character != '\n';
    assert!(!shown.contains(control), "{fault}\n{shown:?}");
    assert_eq!(names(directory.path()), ["a"], "{fault}");
    let kept = fs::read_to_string(directory.path().join("a")).unwrap();
    assert_eq!(kept, "old", "{fault}");
}

#[test]
fn no_greeting_holds_the_command_or_fills_its_memory() {
    suffer(
        "",
        "ls ftp://HOST/",
        &[
            ("note silent", 11, "did not greet us"),
            ("S| 22", 11, "did not greet us"),
            ("S| 220-never\\r\\n", 11, "did not greet us"),
            ("S: 120 Soon.", 11, "did not greet us"),
            ("S|* forever 2", 16, "longer than 8192 bytes"),
            ("S|* forever 220-on\\r\\n", 16, "more than 1000 lines"),
            ("S|* forever 120 soon\\r\\n", 16, "without end"),
            ("S|* forever hello\\r\\n", 16, "does not speak FTP"),
            ("S: 421 \\x1b]0;x\\x07 Busy.", 5, "421 \\x1b]0;x\\x07 Busy."),
            ("S: 999 \\x9b\\xc2\\x9b", 16, "999 \\u{9b}"),
            ("S: 000 Nothing.", 16, "000 Nothing."),
            ("close", 5, "closed the connection"),
        ],
    );
}

#[test]
fn no_answer_to_the_login_holds_the_command() {
    suffer(
        "S: 220 ready\nC: USER anonymous",
        "ls ftp://HOST/",
        &[
            ("note silent", 11, "no reply"),
            ("S| 150 on\\r\\n", 11, "no reply"),
            ("S|* forever 150 on\\r\\n", 16, "without end"),
            ("S: 421 Bye.", 5, "421 Bye."),
            ("close", 5, "closed the connection"),
            (
                "S: 331 More.\nC* PASS *\nS: 331 More.\neof",
                7,
                "nothing more to offer: 331",
            ),
            ("S: 332 Account.\neof", 7, "an account"),
            (
                "S: 230 In.\nC: TYPE I\nS| 200 One.\\r\\n200 Two.\\r\\n",
                16,
                "200 Two.",
            ),
        ],
    );
}

const SIZED: &str = "login\nC: SIZE a\nS: 213 5";

#[test]
fn no_address_leads_the_data_connection_astray() {
    suffer(
        &format!("{SIZED}\nC: EPSV\nS: 500 No EPSV.\nC: PASV"),
        "get ftp://HOST/a",
        &[
            (
                "S: 227 (127,0,0,1,0,0)\nC: QUIT\nclose",
                16,
                "the port is 0",
            ),
            ("S: 227 (127,0,0,1,0,22)\neof", 15, "port 22 is below 1024"),
            ("S: 227 (127,0,0,1,256,1)\nC: QUIT\nclose", 16, "too large"),
            ("S: 227 (127,0,0,1,1)\nC: QUIT\nclose", 16, "no address"),
            ("S: 227 Somewhere.\nC: QUIT\nclose", 16, "no address"),
            ("S: 227\nC: QUIT\nclose", 16, "no address"),
            ("S: 200 Fine.\nC: QUIT\nclose", 16, "200 Fine."),
            ("S: 421 Bye.\neof", 5, "421 Bye."),
            ("L refused\nS: 227 ({pasv})\neof", 10, "refused"),
        ],
    );
    suffer(
        &format!("{SIZED}\nC: EPSV"),
        "get ftp://HOST/a",
        &[
            ("S: 229 (|||22|)\neof", 15, "port 22 is below 1024"),
            ("S: 421 Bye.\neof", 5, "421 Bye."),
            ("note silent", 11, "no reply"),
        ],
    );
}

#[test]
fn no_download_that_is_not_whole_takes_the_place_of_a_file() {
    let asked = format!("{SIZED}\nC: EPSV\nL\nS: 229 (|||{{epsv}}|)\nC: RETR a\nD+");
    suffer(
        &asked,
        "get ftp://HOST/a",
        &[
            (
                "S: 150 Go.\nD> new\nD.\nS: 226 Done.",
                13,
                "after 3 of 5 bytes",
            ),
            (
                "S: 150 Go.\nD> newest\nD.\nS: 226 Done.",
                13,
                "more than the 5",
            ),
            ("S: 150 Go.\nD>* forever newest", 13, "more than the 5"),
            ("S: 150 Go.\nD> newer\nD.\nS: 550 Gone.", 4, "550 Gone."),
            ("S: 150 Go.\nD> newer\nD.\nS: 451 Bad.", 5, "451 Bad."),
            ("S: 150 Go.\nD> newer\nD.\nS: 331 Odd.", 16, "331 Odd."),
            ("S: 150 Go.\nD> newer\nD.\nS: 999 Odd.", 16, "999 Odd."),
            ("S: 150 Go.\nD> newer\nD.\nS: 421 Bye.", 5, "421 Bye."),
            ("S: 150 Go.\nD> newer\nD.\nnote silent", 11, "no reply"),
            (
                "S: 150 Go.\nD> newer\nD.\nclose",
                5,
                "closed the connection",
            ),
            ("S: 150 Go.\nD> new\nD!\nS: 426 Cut.", 10, "426 Cut."),
            ("S: 150 Go.\nD> new\nS: 451 Bad.", 5, "451 Bad."),
            ("S: 150 Go.\nD> new", 11, "no byte of data moved"),
            (
                "S: 150 Go.\nD> new\nS: 226 Done.",
                11,
                "no byte of data moved",
            ),
            (
                "S: 150 Go.\nD> newer\nS: 226 Done.",
                11,
                "no byte of data moved",
            ),
            ("S: 150 Go.", 11, "no byte of data moved"),
            ("S: 450 Busy.\nC: QUIT\nclose", 5, "450 Busy."),
            ("note silent", 11, "no reply"),
        ],
    );
}

#[test]
fn no_upload_that_is_not_whole_is_called_one() {
    let asked = "login\nC: EPSV\nL\nS: 229 (|||{epsv}|)\nC: STOR b\nD+";
    suffer(
        asked,
        "put a ftp://HOST/b",
        &[
            ("S: 226 Done.\nD<any", 13, "226 Done."),
            ("S: 553 No.\nC: QUIT\nclose", 1, "553 No."),
            ("S: 150 Go.\nD< old\nD<eof\nS: 552 Full.", 14, "552 Full."),
            ("S: 150 Go.\nD< old\nD<eof\nS: 421 Bye.", 5, "421 Bye."),
            (
                "S: 150 Go.\nD< old\nD<eof\nclose",
                5,
                "closed the connection",
            ),
            ("S: 150 Go.\nD< old\nD<eof\nnote silent", 11, "no reply"),
            (
                "S: 150 Go.\nD< old\nD<eof\nS: 226 Done.\nC: SIZE b\nS: 213 2",
                13,
                "2 bytes now, and should have 3",
            ),
            ("note silent", 11, "no reply"),
        ],
    );
}

#[test]
fn no_listing_holds_the_command_or_reaches_the_terminal_raw() {
    let asked = "login\nC: FEAT\nS| 211-Features\\r\\n SIZE\\r\\n211 End\\r\\n\n\
         C: EPSV\nL\nS: 229 (|||{epsv}|)\nC: LIST\nD+\nS: 150 Go.";
    suffer(
        asked,
        "ls ftp://HOST/",
        &[
            ("D>* forever x", 16, "longer than 65536 bytes"),
            ("D> total 0\\r\\n", 11, "no byte of data moved"),
            ("D.\nS: 426 Cut.", 10, "426 Cut."),
            (
                "D> \\x1b[2J\\x07\\r\\n\nD.\nS: 226 Done.",
                16,
                "\\x1b[2J\\x07",
            ),
        ],
    );
}
