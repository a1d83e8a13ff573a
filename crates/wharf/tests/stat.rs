//! What `stat` makes of a server with MLST, and of one without.

mod common;

use wharf::listing::{Kind, Precision, Zone};
use wharf::{Client, Encoding, Entry, ErrorKind, Result};

use common::{farewell, lines, session};

/// MLST is not known, and a listing by LIST.
const WITHOUT: &str = "C: MLST README\nS: 502 What?\n";

fn listing(line: &str, data: &str) -> String {
    format!(
        "C: PASV\nL\nS: 227 Entering Passive Mode ({{pasv}}).\nC: {line}\nD+\nS: 150 Here.\nD> {data}\nD.\nS: 226 Done.\n"
    )
}

/// What FEAT and LIST say where the command of a listing is chosen.
fn list(path: &str, data: &str) -> String {
    let line = format!("LIST {path}");
    let feat = "C: FEAT\nS: 502 What?\nC: PASV\nL\nS: 227 Entering Passive Mode ({pasv}).\n";
    let refused = format!("C: MLSD {path}\nD+\nS: 500 What?\nD<end\n");
    let (line, refused) = match path {
        "" => (
            "LIST".to_owned(),
            "C: MLSD\nD+\nS: 500 What?\nD<end\n".to_owned(),
        ),
        _ => (line, refused),
    };
    // All names are shown by this one, so that nothing more is asked.
    let all = line.replacen("LIST", "LIST -a", 1);
    format!(
        "{feat}{refused}{}{}",
        listing(&line, data),
        listing(&all, data)
    )
}

const LINES: &str = r"drwxr-xr-x   2 root     other       4096 Jan  9  2003 sub\r\n-rw-r--r--   1 root     other        531 Jan 29  2003 README\r\n";

async fn told(script: &str, path: &str) -> Result<Entry> {
    let (server, client) = session(script).await;
    let entry = client.stat(path).await;
    farewell(server, client).await;
    entry
}

#[tokio::test]
async fn mlst_tells_it_all() {
    let script =
        "C: MLST pub/README\nS| 250-Here\\r\\n type=file;size=4; /pub/README\\r\\n250 End\\r\\n\n";
    let entry = told(script, "pub/README").await.unwrap();
    assert_eq!((entry.kind(), entry.size()), (Kind::File, Some(4)));
}

#[tokio::test]
async fn nothing_named_is_the_working_directory() {
    // As a listing has it, and as Pure-FTPd has a root.
    for kind in ["cdir", "pdir", "dir"] {
        let script = format!("C: MLST .\nS| 250-Here\\r\\n type={kind}; /\\r\\n250 End\\r\\n\n");
        assert_eq!(told(&script, "").await.unwrap().kind(), Kind::Directory);
    }
}

#[tokio::test]
async fn a_refusal_by_mlst_is_the_answer() {
    let script = "C: MLST nope\nS: 550 nope: No such file or directory\n";
    assert!(told(script, "nope").await.unwrap_err().is_not_found());
    // GridFTP says so with 500, and pyftpdlib's MLSx with 501: the command is known.
    for code in [500, 501] {
        let script = format!("C: MLST nope\nS: {code} nope: No such file or directory\n");
        assert!(told(&script, "nope").await.unwrap_err().is_not_found());
    }
    let script = "C: MLST secret\nS: 550 Permission denied\n";
    assert!(
        told(script, "secret")
            .await
            .unwrap_err()
            .is_permission_denied()
    );
}

#[tokio::test]
async fn a_file_is_pieced_together_of_its_line_its_size_and_its_time() {
    let script = [
        WITHOUT,
        "C: SIZE README\nS: 213 532\nC: MDTM README\nS: 213 20030129032615\n",
        &list("", LINES),
        // MLST is not tried again.
        "C: SIZE README\nS: 550 Not now\nC: MDTM README\nS: 502 What?\n",
        &listing("LIST -a", LINES),
    ]
    .concat();
    let (server, client) = session(&script).await;
    let entry = client.stat("README").await.unwrap();
    assert_eq!(entry.kind(), Kind::File);
    assert_eq!((entry.size(), entry.size_is_exact()), (Some(532), true));
    let modified = entry.modified().unwrap();
    assert_eq!(modified.time.to_wire(), "20030129032615");
    assert_eq!(
        (modified.precision, modified.zone),
        (Precision::Second, Zone::Utc)
    );
    assert_eq!(entry.owner(), Some(&b"root"[..]));

    let entry = client.stat("README").await.unwrap();
    assert_eq!(entry.size(), Some(531));
    assert_eq!(entry.modified().unwrap().precision, Precision::Day);
    farewell(server, client).await;
}

#[tokio::test]
async fn another_user_may_be_told_by_mlst() {
    let script = [
        WITHOUT,
        "C: SIZE README\nS: 213 531\nC: MDTM README\nS: 502 What?\n",
        &list("", LINES),
        "C: REIN\nS: 220 As new.\nC: MLST README\nS| 250-Here\\r\\n type=file;size=4; README\\r\\n250 End\\r\\n\n",
    ]
    .concat();
    let (server, client) = session(&script).await;
    assert_eq!(client.stat("README").await.unwrap().size(), Some(531));
    client.rein().await.unwrap();
    assert_eq!(client.stat("README").await.unwrap().size(), Some(4));
    farewell(server, client).await;
}

#[tokio::test]
async fn a_directory_is_what_its_line_says_with_or_without_a_slash_behind_it() {
    for path in ["pub/sub", "pub/sub/"] {
        let script = format!(
            "C: MLST {path}\nS: 500 What?\nC: SIZE {path}\nS: 550 Not a plain file\nC: MDTM {path}\nS: 550 Not a plain file\n{}",
            list("pub", LINES)
        );
        let entry = told(&script, path).await.unwrap();
        assert_eq!(entry.kind(), Kind::Directory);
        assert_eq!(entry.name(), b"sub");
    }
}

#[tokio::test]
async fn what_has_no_line_above_it_is_told_by_what_answers() {
    // A root, and a directory that is not listed in the one above.
    let script = "C: MLST /\nS: 500 What?\nC: SIZE /\nS: 213 4096\nC: MDTM /\nS: 550 No\nC: PWD\nS: 257 \"/home\"\nC: CWD /\nS: 250 There.\nC: CWD /home\nS: 250 Back.\n";
    let root = told(script, "/").await.unwrap();
    assert_eq!((root.kind(), root.name()), (Kind::Directory, &b"/"[..]));
    assert_eq!((root.size(), root.modified()), (None, None));

    // A file in a directory that may not be listed.
    let hidden = "C: MLST in/README\nS: 500 What?\nC: SIZE in/README\nS: 213 4\nC: MDTM in/README\nS: 213 20030129032615\nC: FEAT\nS: 502 What?\nC: PASV\nL\nS: 227 Entering Passive Mode ({pasv}).\nC: MLSD in\nD+\nS: 550 Permission denied\nD<end\nC: PWD\nS: 257 \"/\"\nC: CWD in/README\nS: 550 Not a directory\n";
    let file = told(hidden, "in/README").await.unwrap();
    assert_eq!((file.kind(), file.size()), (Kind::File, Some(4)));
    assert_eq!(file.modified().unwrap().time.to_wire(), "20030129032615");

    // Twisted has a size for a directory that may not be entered as well.
    let closed = hidden.replace("550 Not a directory", "550 Permission denied.");
    let closed = told(&closed, "in/README").await.unwrap();
    assert_eq!((closed.kind(), closed.size()), (Kind::Unknown, Some(4)));
}

#[tokio::test]
async fn what_nothing_tells_of_is_not_there_in_the_server_s_words() {
    let nothing = |size: &str, cwd: &str| {
        format!(
            "C: MLST nope\nS: 500 What?\nC: SIZE nope\nS: {size}\nC: MDTM nope\nS: 550 No\n{}C: PWD\nS: 257 \"/\"\nC: CWD nope\nS: {cwd}\n",
            list("", LINES)
        )
    };
    for (size, cwd, words) in [
        (
            "550 Could not get file size.",
            "550 Failed to change directory.",
            "550 Could not get file size.",
        ),
        (
            "502 What?",
            "550 nope: No such file or directory",
            "550 nope: No such file or directory",
        ),
    ] {
        let error = told(&nothing(size, cwd), "nope").await.unwrap_err();
        assert!(error.is_not_found(), "{error}");
        assert_eq!(lines(error.reply().unwrap()), [words]);
    }
}

#[tokio::test]
async fn of_two_with_one_name_the_one_with_a_size_is_no_directory() {
    let data = r"drwxr-xr-x   2 root     other       4096 Jan  9  2003 README\r\n-rw-r--r--   1 root     other        531 Jan 29  2003 README\r\n";
    let script = [
        WITHOUT,
        "C: SIZE README\nS: 213 531\nC: MDTM README\nS: 502 What?\n",
        &list("", data),
    ]
    .concat();
    assert_eq!(told(&script, "README").await.unwrap().kind(), Kind::File);
}

#[tokio::test]
async fn a_name_is_known_again_in_the_server_s_encoding() {
    let line = r"-rw-r--r--   1 root     other        531 Jan 29  2003 caf\xe9\r\n";
    let told = "C: MLST caf\\xe9\nS: 500 What?\nC: SIZE caf\\xe9\nS: 502 What?\nC: MDTM caf\\xe9\nS: 502 What?\n";
    let script = format!(
        "login\n{}{}C: QUIT\nS: 221 Goodbye.\neof",
        told,
        list("", line)
    );
    let server = wharf_testing::script::Script::new(&*script).play().await;
    let config = common::config(&server).encoding(Encoding::Latin1);
    let client = config.connect().await.unwrap();
    let entry = client.stat("café").await.unwrap();
    assert_eq!((entry.name(), entry.size()), (&b"caf\xe9"[..], Some(531)));
    farewell(server, client).await;
}

#[tokio::test]
async fn a_lost_session_is_no_missing_file() {
    for script in [
        "C: MLST README\nclose",
        "C: MLST README\nS: 500 What?\nC: SIZE README\nclose",
        "C: MLST README\nS: 500 What?\nC: SIZE README\nS: 213 4\nC: MDTM README\nS: 550 No\nC: FEAT\nclose",
    ] {
        let script = format!("login\n{script}\n");
        let server = wharf_testing::script::Script::new(&*script).play().await;
        let client: Client = common::config(&server).connect().await.unwrap();
        let error = client.stat("README").await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ConnectionLost);
        server.finished().await;
    }
}
