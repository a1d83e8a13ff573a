//! What `list` asks behind a listing: whether the directory is there, and what `-a` would show.

#[path = "common/chosen.rs"]
mod chosen;
mod common;

use wharf::{Client, ErrorKind, ListCommand, ListOptions, Parsed, Result};

use chosen::{FEAT, files, listing, names, plain};
use common::{farewell, lines, session};

const ENTERED: &str =
    "C: PWD\nS: 257 \"/home\"\nC: CWD pub\nS: 250 There.\nC: CWD /home\nS: 250 Back.\n";

const REFUSED: &str = "C: PWD\nS: 257 \"/home\"\nC: CWD pub\nS: 550 Failed to change directory.\n";

async fn listed(client: &Client) -> Result<Vec<String>> {
    names(client.list("pub").await?).await
}

/// The result of one listing of `pub`, and nothing else that reaches the server.
async fn after(script: &str) -> Result<Vec<String>> {
    let (server, client) = session(&format!("{FEAT}{script}")).await;
    let result = listed(&client).await;
    farewell(server, client).await;
    result
}

#[tokio::test]
async fn an_empty_listing_of_what_is_not_there_is_the_server_s_refusal() {
    let error = after(&(listing("LIST pub", "", "226 Directory send OK.") + REFUSED))
        .await
        .unwrap_err();
    assert!(error.is_not_found(), "{error}");
    assert_eq!(error.command(), Some("CWD pub"));
    let words = lines(error.reply().unwrap());
    assert_eq!(words, ["550 Failed to change directory."]);
}

#[tokio::test]
async fn an_empty_listing_of_what_is_there_is_empty() {
    for data in ["", r"total 0\r\n", r"\r\n"] {
        let script = listing("LIST pub", data, "226 Done.") + ENTERED;
        assert!(after(&script).await.unwrap().is_empty(), "{data}");
    }
}

#[tokio::test]
async fn a_directory_that_the_server_says_it_cannot_open_is_not_empty() {
    // Of what may be entered and not read, vsFTPd and Pure-FTPd.
    let last = "226 Transfer done (but failed to open directory).";
    let pure = r"226-Sorry, we were unable to read [pub]\r\n226 0 matches total\r\n";
    let listed = listing("LIST pub", "", last);
    let by_pure = listed.replace(&format!("S: {last}"), &format!("S| {pure}"));
    for (unopened, said) in [(listed, "failed to open"), (by_pure, "unable to read")] {
        let error = after(&(unopened.clone() + ENTERED)).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::CommandFailed);
        assert!(error.to_string().contains(said), "{error}");
        assert!(!error.is_not_found());
        // And of what is not there.
        let error = after(&(unopened + REFUSED)).await.unwrap_err();
        assert!(error.is_not_found(), "{error}");
    }

    let script = format!("{FEAT}{}", listing("LIST", "", last));
    let (server, client) = session(&script).await;
    let listing = client.list_with("", plain()).await.unwrap();
    let error = names(listing).await.unwrap_err();
    assert!(error.to_string().contains("failed to open"), "{error}");
    farewell(server, client).await;
}

#[tokio::test]
async fn an_error_of_ls_is_no_entry_and_its_directory_not_there() {
    let data = r"/bin/ls: cannot access 'pub': No such file or directory\r\n";
    let script = listing("LIST pub", data, "226 Transfer complete.") + REFUSED;
    assert!(after(&script).await.unwrap_err().is_not_found());
}

#[tokio::test]
async fn a_directory_that_may_not_be_read_is_no_empty_one() {
    // Pure-FTPd has facts of it, and lists nothing.
    let script = "C: FEAT\nS| 211-Features:\\r\\n MLST type*;\\r\\n211 End\\r\\n\n\
                  C: PASV\nL\nS: 227 Entering Passive Mode ({pasv}).\nC: MLSD pub\nD+\nS: 550 Can't check for file existence\nD<end\n"
        .to_owned()
        + &listing("LIST pub", "", "226 0 matches total")
        + "C: PWD\nS: 257 \"/home\"\nC: CWD pub\nS: 550 Can't change directory to pub: Permission denied\n";
    let (server, client) = session(&script).await;
    let error = listed(&client).await.unwrap_err();
    assert!(error.is_permission_denied(), "{error}");
    farewell(server, client).await;
}

/// A line of `ls -ld` of a directory with this name.
fn directory(name: &str) -> String {
    format!(r"d---------   2 root     other        512 Jan 29  2003 {name}\r\n")
}

#[tokio::test]
async fn a_directory_that_lists_itself_may_not_be_read() {
    for (path, name, within) in [
        ("pub", "pub", "pub/pub"),
        ("pub", "/home/pub", "pub/pub"),
        ("a/pub/", "pub", "a/pub/pub"),
        ("/pub", "pub", "/pub/pub"),
    ] {
        // That one is let into it tells nothing: mode 711 allows as much.
        let script = listing(&format!("LIST {path}"), &directory(name), "226 Done.")
            + &REFUSED.replace("CWD pub", &format!("CWD {within}"));
        let (server, client) = session(&format!("{FEAT}{script}")).await;
        let mut listing = client.list_with(path, plain()).await.unwrap();
        let error = listing.next_entry().await.unwrap().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::CommandFailed, "{name}");
        assert!(error.to_string().contains("nothing but itself"), "{error}");
        assert_eq!(error.code().unwrap(), 226);
        assert!(!error.is_not_found(), "it is there: {error}");
        assert!(listing.next_entry().await.is_none());
        drop(listing);
        farewell(server, client).await;
    }
}

#[tokio::test]
async fn a_directory_of_its_own_name_is_in_it_if_we_are_let_in() {
    let script = listing("LIST pub", &directory("pub"), "226 Done.");
    let entered = ENTERED.replace("CWD pub", "CWD pub/pub");
    let (server, client) = session(&format!("{FEAT}{script}{entered}")).await;
    let listing = client.list_with("pub", plain()).await.unwrap();
    assert_eq!(names(listing).await.unwrap(), ["pub"]);
    farewell(server, client).await;
}

#[tokio::test]
async fn a_directory_of_its_own_name_is_hidden_or_shown_like_any() {
    let script = listing("LIST .pub", &directory(".pub"), "226 Done.");
    let entered = ENTERED.replace("CWD pub", "CWD .pub/.pub");
    let (server, client) = session(&format!("{FEAT}{script}{entered}")).await;
    let listing = client.list_with(".pub", plain()).await.unwrap();
    assert!(names(listing).await.unwrap().is_empty());
    farewell(server, client).await;
}

#[tokio::test]
async fn what_stands_beside_others_is_not_about_the_directory_that_was_asked_for() {
    let own = directory("pub");
    for (data, expected) in [
        (own.clone() + &files(&["a"]), &["pub", "a"][..]),
        (own.clone() + &own, &["pub", "pub"]),
        (files(&["a"]) + &own, &["a", "pub"]),
        (
            own.clone() + &files(&["a", "b", "c"]),
            &["pub", "a", "b", "c"],
        ),
        (directory("other"), &["other"]),
        (files(&["pub"]), &["pub"]),
    ] {
        let script = listing("LIST pub", &data, "226 Done.");
        let (server, client) = session(&format!("{FEAT}{script}")).await;
        let listing = client.list_with("pub", plain()).await.unwrap();
        assert_eq!(names(listing).await.unwrap(), expected);
        farewell(server, client).await;
    }
}

#[tokio::test]
async fn what_came_of_a_listing_that_broke_off_is_not_doubted() {
    let script = listing("LIST pub", &directory("pub"), "426 Aborted.");
    let (server, client) = session(&format!("{FEAT}{script}")).await;
    let mut listing = client.list_with("pub", plain()).await.unwrap();
    assert!(matches!(
        listing.next_entry().await,
        Some(Ok(Parsed::Entry(_)))
    ));
    let error = listing.next_entry().await.unwrap().unwrap_err();
    assert_eq!(error.code().unwrap(), 426);
    drop(listing);
    farewell(server, client).await;
}

#[tokio::test]
async fn a_directory_that_lists_itself_by_a_command_that_was_named_is_believed() {
    let (server, client) = session(&listing("LIST pub", &directory("pub"), "226 Done.")).await;
    let named = ListOptions::default().command(ListCommand::List);
    let listed = client.list_with("pub", named).await.unwrap();
    assert_eq!(names(listed).await.unwrap(), ["pub"]);
    farewell(server, client).await;

    let feat = "C: FEAT\nS| 211-Features:\\r\\n MLST type*;\\r\\n211 End\\r\\n\n";
    let script = listing("MLSD pub", r"type=dir; pub\r\n", "226 Done.");
    let (server, client) = session(&format!("{feat}{script}")).await;
    assert_eq!(self::listed(&client).await.unwrap(), ["pub"]);
    farewell(server, client).await;
}

#[tokio::test]
async fn the_working_directory_is_not_asked_for() {
    let script = format!("{FEAT}{}", listing("LIST", "", "226 Done."));
    let (server, client) = session(&script).await;
    let listing = client.list("").await.unwrap();
    assert!(names(listing).await.unwrap().is_empty());
    farewell(server, client).await;
}

#[tokio::test]
async fn a_listing_with_an_entry_is_not_doubted() {
    // Nor where the only one is not shown.
    let data = r"type=cdir; .\r\n";
    let feat = "C: FEAT\nS| 211-Features:\\r\\n MLST type*;\\r\\n211 End\\r\\n\n";
    let (server, client) =
        session(&format!("{feat}{}", listing("MLSD pub", data, "226 Done."))).await;
    assert!(listed(&client).await.unwrap().is_empty());
    farewell(server, client).await;
}

#[tokio::test]
async fn a_refusal_behind_the_mark_may_be_an_empty_listing_too() {
    // ProFTPD opens the data connection ahead of its 450.
    let refusal = "450 pub: No such file or directory";
    let script = listing("LIST pub", "", refusal) + ENTERED;
    assert!(after(&script).await.unwrap().is_empty());

    let script = listing("LIST pub", "", refusal) + REFUSED;
    let error = after(&script).await.unwrap_err();
    assert_eq!(lines(error.reply().unwrap()).last(), Some(&refusal));
    assert!(error.is_not_found());
}

#[tokio::test]
async fn a_data_connection_that_was_not_used_is_an_empty_listing_if_the_directory_is_there() {
    let unused = "C: PASV\nL\nS: 227 Entering Passive Mode ({pasv}).\nC: LIST pub\nD+\nD!\nS: 226 Nothing.\n";
    let listed = after(&[unused, ENTERED].concat()).await.unwrap();
    assert!(listed.is_empty());

    let error = after(&[unused, REFUSED].concat()).await.unwrap_err();
    assert_eq!(error.code().unwrap(), 550, "{error}");
}

#[tokio::test]
async fn a_listing_that_is_cut_is_no_empty_one() {
    for last in ["426 Aborted.", "550 pub: Permission denied"] {
        let error = after(&listing("LIST pub", "", last)).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::CommandFailed, "{last}");
    }
    // Words of nothing behind something.
    let script = listing("LIST pub", r"total 8\r\n", "550 No such file");
    let error = after(&script).await.unwrap_err();
    assert_eq!(error.code().unwrap(), 550);
}

#[tokio::test]
async fn a_listing_without_a_data_connection_is_like_any_that_is_empty() {
    let script = format!(
        "{FEAT}C: PASV\nL\nS: 227 Entering Passive Mode ({{pasv}}).\nC: LIST pub\nD+\nS: 550 No files found.\nD<end\n{ENTERED}"
    );
    let (server, client) = session(&script).await;
    let mut listing = client.list("pub").await.unwrap();
    assert_eq!(listing.command(), ListCommand::List);
    assert!(listing.next_entry().await.is_none());
    let completion = listing.completion().unwrap();
    assert_eq!(lines(&completion.reply), ["550 No files found."]);
    assert!(listing.raw().await.unwrap().is_empty());
    farewell(server, client).await;
}

#[tokio::test]
async fn a_relative_path_means_nothing_any_more_where_the_directory_was_changed() {
    let script = format!(
        "{FEAT}{}C: CWD other\nS: 250 There.\n",
        listing("LIST pub", "", "226 Done.")
    );
    let (server, client) = session(&script).await;
    let listing = client.list("pub").await.unwrap();
    client.cwd("other").await.unwrap();
    let error = names(listing).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    farewell(server, client).await;
}

#[tokio::test]
async fn a_listing_that_cannot_be_confirmed_fails_with_the_session() {
    let script = format!(
        "login\n{FEAT}{}C: PWD\nclose\n",
        listing("LIST pub", "", "226 Done.")
    );
    let server = wharf_testing::script::Script::new(&*script).play().await;
    let client = common::config(&server).connect().await.unwrap();
    let error = listed(&client).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ConnectionLost);
    server.finished().await;
}

#[tokio::test]
async fn a_named_command_is_not_doubted() {
    let (server, client) = session(&listing("LIST pub", "", "226 Done.")).await;
    let options = ListOptions::default().command(ListCommand::List);
    let listing = client.list_with("pub", options).await.unwrap();
    assert!(names(listing).await.unwrap().is_empty());
    farewell(server, client).await;
}

#[tokio::test]
async fn what_a_shows_more_is_shown_and_asked_for_from_there_on() {
    let all = files(&[".", "..", ".profile", "README"]);
    let script = [
        FEAT,
        &listing("LIST pub", &files(&["README"]), "226 Done."),
        &listing("LIST -a pub", &all, "226 All done."),
        &listing("LIST -a pub", &all, "226 Done."),
        // Nothing is found out for somebody who does not want to see it.
        &listing("LIST pub", &files(&["README"]), "226 Done."),
    ]
    .concat();
    let (server, client) = session(&script).await;
    let mut first = client.list("pub").await.unwrap();
    let Some(Ok(Parsed::Entry(entry))) = first.next_entry().await else {
        panic!("no entry");
    };
    assert_eq!(entry.name(), b".profile");
    let completion = first.completion().unwrap();
    assert_eq!(lines(&completion.reply), ["150 Here.", "226 All done."]);
    assert_eq!(names(first).await.unwrap(), ["README"]);
    assert_eq!(listed(&client).await.unwrap(), [".profile", "README"]);
    let plain = ListOptions::default().hidden(false);
    let listing = client.list_with("pub", plain).await.unwrap();
    assert_eq!(names(listing).await.unwrap(), ["README"]);
    farewell(server, client).await;
}

#[tokio::test]
async fn what_takes_a_for_a_name_is_not_asked_again() {
    let refused = "C: PASV\nL\nS: 227 Entering Passive Mode ({pasv}).\nC: LIST -a pub\nD+\nS: 550 -a pub: No such file\nD<end\n\
                   C: PWD\nS: 257 \"/\"\nC: CWD pub\nS: 250 There.\nC: CWD /\nS: 250 Back.\n";
    for second in [
        // Empty by the words, and the directory is there: what the first showed is missing all the same.
        refused.to_owned(),
        listing("LIST -a pub", "", "226 Done."),
        listing("LIST -a pub", &files(&["other"]), "226 Done."),
        listing("LIST -a pub", &files(&["README"]), "426 Aborted."),
        listing("LIST -a pub", "", "550 -a pub: Permission denied"),
    ] {
        let plain = listing("LIST pub", &files(&["README"]), "226 Done.");
        let script = [FEAT, &plain, &second, &plain].concat();
        let (server, client) = session(&script).await;
        assert_eq!(listed(&client).await.unwrap(), ["README"], "{second}");
        assert_eq!(listed(&client).await.unwrap(), ["README"], "{second}");
        farewell(server, client).await;
    }
}

#[tokio::test]
async fn what_a_does_alone_is_not_what_it_does_ahead_of_a_path() {
    // Twisted under another name: it drops a `-a` alone, and looks for a file `-a pub`.
    let refused = "C: PASV\nL\nS: 227 Entering Passive Mode ({pasv}).\nC: LIST -a pub\nD+\nS: 550 -a pub: No such file\nD<end\n\
                   C: PWD\nS: 257 \"/\"\nC: CWD pub\nS: 250 There.\nC: CWD /\nS: 250 Back.\n";
    let script = [
        FEAT,
        &listing("LIST", &files(&["pub"]), "226 Done."),
        &listing("LIST -a", &files(&["pub"]), "226 Done."),
        &listing("LIST pub", &files(&["README"]), "226 Done."),
        refused,
        &listing("LIST pub", &files(&["README"]), "226 Done."),
        &listing("LIST -a", &files(&["pub"]), "226 Done."),
    ]
    .concat();
    let (server, client) = session(&script).await;
    for (path, expected) in [
        ("", "pub"),
        ("pub", "README"),
        ("pub", "README"),
        ("", "pub"),
    ] {
        let listing = client.list(path).await.unwrap();
        assert_eq!(names(listing).await.unwrap(), [expected], "{path}");
    }
    farewell(server, client).await;
}

#[tokio::test]
async fn what_a_does_inside_of_a_directory_is_what_it_does_alone() {
    let inside = |line: &str, names: &[&str]| {
        format!(
            "C: PWD\nS: 257 \"/\"\nC: CWD two words\nS: 250 There.\n{}C: CWD /\nS: 250 Back.\n",
            listing(line, &files(names), "226 Done.")
        )
    };
    let refused = "C: PASV\nL\nS: 227 Entering Passive Mode ({pasv}).\nC: LIST -a pub\nD+\nS: 550 -a pub: Permission denied\nD<end\n";
    let script = [
        FEAT,
        &inside("LIST", &["a"]),
        &inside("LIST -a", &[".b", "a"]),
        // With a path it is found out by itself.
        &listing("LIST pub", &files(&["a"]), "226 Done."),
        refused,
        &listing("LIST -a", &files(&[".b", "a"]), "226 Done."),
    ]
    .concat();
    let (server, client) = session(&script).await;
    for (path, expected) in [
        ("two words", &[".b", "a"][..]),
        ("pub", &["a"]),
        ("", &[".b", "a"]),
    ] {
        let listing = client.list(path).await.unwrap();
        assert_eq!(names(listing).await.unwrap(), expected, "{path}");
    }
    farewell(server, client).await;
}

#[tokio::test]
async fn nothing_is_learnt_from_an_empty_listing_nor_from_a_failed_one() {
    let plain = listing("LIST pub", "", "226 Done.") + ENTERED;
    let failed = listing("LIST pub", &files(&["a"]), "426 Aborted.");
    let script = [
        FEAT,
        &plain,
        &failed,
        &listing("LIST pub", &files(&["a"]), "226 Done."),
        &listing("LIST -a pub", &files(&["a"]), "226 Done."),
    ]
    .concat();
    let (server, client) = session(&script).await;
    assert!(listed(&client).await.unwrap().is_empty());
    let mut cut = client.list("pub").await.unwrap();
    let Some(Ok(Parsed::Entry(_))) = cut.next_entry().await else {
        panic!("what came ahead of the cut is lost");
    };
    assert_eq!(names(cut).await.unwrap_err().code().unwrap(), 426);
    assert_eq!(listed(&client).await.unwrap(), ["a"]);
    farewell(server, client).await;
}

#[tokio::test]
async fn a_directory_that_was_left_is_not_listed_again() {
    let plain = listing("LIST pub", &files(&["a"]), "226 Done.");
    let script = [FEAT, &plain, "C: CWD other\nS: 250 There.\n"].concat();
    let (server, client) = session(&script).await;
    let listing = client.list("pub").await.unwrap();
    client.cwd("other").await.unwrap();
    assert_eq!(names(listing).await.unwrap(), ["a"]);
    farewell(server, client).await;
}

#[tokio::test]
async fn a_large_listing_is_not_asked_for_twice_and_comes_whole() {
    let count = 2_000;
    let line = files(&["x"]);
    let script = format!(
        "{FEAT}C: PASV\nL\nS: 227 Entering Passive Mode ({{pasv}}).\nC: LIST pub\nD+\nS: 150 Here.\nD>* {count} {line}\nD.\nS: 226 Done.\n"
    );
    let (server, client) = session(&script).await;
    assert_eq!(listed(&client).await.unwrap().len(), count);
    farewell(server, client).await;
}

#[tokio::test]
async fn what_is_too_large_to_be_compared_teaches_nothing() {
    let plain = listing("LIST pub", &files(&["README"]), "226 Done.");
    let line = files(&["README"]);
    let large = format!(
        "C: PASV\nL\nS: 227 Entering Passive Mode ({{pasv}}).\nC: LIST -a pub\nD+\nS: 150 Here.\nD>* 40000 {line}\nD<end\nS: 426 Broken.\nC: PWD\nS: 257 \"/\"\n"
    );
    let again = listing("LIST -a pub", &files(&["README", ".profile"]), "226 Done.");
    let script = [FEAT, &plain, &large, &plain, &again].concat();
    let (server, client) = session(&script).await;
    assert_eq!(listed(&client).await.unwrap(), ["README"]);
    assert_eq!(listed(&client).await.unwrap(), ["README", ".profile"]);
    farewell(server, client).await;
}

#[tokio::test]
async fn a_listing_keeps_its_session() {
    let script = format!("{FEAT}{}{ENTERED}", listing("LIST pub", "", "226 Done."));
    let (server, client) = session(&script).await;
    let listing = client.list("pub").await.unwrap();
    drop(client);
    assert!(names(listing).await.unwrap().is_empty());
    server.finished().await;
}
