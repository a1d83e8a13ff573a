//! Which entries of a listing stand in the directory that was asked for, and what they are called there.

#[path = "common/chosen.rs"]
mod chosen;
mod common;

use wharf::{ListCommand, ListOptions, Parsed, Result};

use chosen::{FEAT, files, listing, names, plain};
use common::{farewell, lines, session};

#[tokio::test]
async fn what_stands_under_the_heading_of_another_directory_is_no_entry() {
    let (line, other) = (files(&["README"]), files(&["passwd"]));
    for heading in ["", "pub:", "./pub/:", "/home/pub:", ".:"] {
        for foreign in [
            "./pub/sub:",
            "/etc:",
            "../pub:",
            "/home/notpub:",
            "/srv/pub:",
        ] {
            let data = format!(r"{heading}\r\n{line}\r\n{foreign}\r\n{other}");
            let script = format!("{FEAT}{}", listing("LIST pub", &data, "226 Done."));
            let (server, client) = session(&script).await;
            // Nothing that is hidden is asked for.
            let options = ListOptions::default().hidden(false);
            let listing = client.list_with("pub", options).await.unwrap();
            let names = names(listing).await.unwrap();
            farewell(server, client).await;
            let [name, unknown] = &names[..] else {
                panic!("{heading} {foreign}: {names:?}");
            };
            assert_eq!(name, "README", "{heading} {foreign}");
            assert!(
                unknown.starts_with("? -rw") && unknown.ends_with("passwd"),
                "{unknown}"
            );
        }
    }
}

#[tokio::test]
async fn a_heading_may_name_in_full_what_was_asked_for_in_short() {
    for (path, heading) in [
        (".", "/home/ship"),
        ("..", "/home"),
        ("pub/..", "/home/ship"),
        // The server's root is somewhere on its disk.
        ("/pub", "/srv/ftp/pub"),
        ("", "/home/ship"),
    ] {
        let (line, other) = (files(&["README"]), files(&["passwd"]));
        let elsewhere = if path.is_empty() { "/" } else { "/etc/pub" };
        let data = format!(r"{heading}:\r\n{line}\r\n{elsewhere}:\r\n{other}");
        let line = format!("LIST {path}");
        let line = line.trim_end();
        let script = format!("{FEAT}{}", listing(line, &data, "226 Done."));
        let (server, client) = session(&script).await;
        let options = ListOptions::default().hidden(false);
        let listing = client.list_with(path, options).await.unwrap();
        let names = names(listing).await.unwrap();
        assert_eq!(names[0], "README", "{path}");
        assert!(names.len() == 2 && names[1].starts_with('?'), "{names:?}");
        farewell(server, client).await;
    }
}

#[tokio::test]
async fn what_stands_under_the_heading_of_where_the_server_is_may_be_another_directory_s() {
    let (line, other) = (files(&["README"]), files(&["passwd"]));
    for (path, heading, is_it) in [
        ("pub", "pub:", false),
        ("pub", "/home/pub:", false),
        (".", "/home:", true),
        ("./", "./:", true),
    ] {
        let data = format!(r"{heading}\r\n{line}\r\n.:\r\n{other}");
        let script = format!(
            "{FEAT}{}",
            listing(&format!("LIST {path}"), &data, "226 Done.")
        );
        let (server, client) = session(&script).await;
        let listing = client.list_with(path, plain()).await.unwrap();
        let names = names(listing).await.unwrap();
        assert_eq!(names[0], "README", "{path} {heading}");
        assert_eq!(names[1] == "passwd", is_it, "{path} {heading}: {names:?}");
        farewell(server, client).await;
    }
}

#[tokio::test]
async fn of_the_directories_that_vms_lists_the_first_is_the_one() {
    let one = |place: &str, name: &str| {
        format!(
            r"Directory DKA0:[{place}]\r\n\r\n{name};1   8  25-NOV-2003 20:01\r\n\r\nTotal of 1 file, 8 blocks.\r\n\r\n"
        )
    };
    let data = one("ANON.PUB", "README.TXT") + &one("OTHER.SUB", "PASSWD.TXT");
    let script = format!("{FEAT}{}", listing("LIST pub", &data, "226 Done."));
    let (server, client) = session(&script).await;
    let listing = client.list_with("pub", plain()).await.unwrap();
    let names = names(listing).await.unwrap();
    farewell(server, client).await;
    let [name, unknown] = &names[..] else {
        panic!("{names:?}");
    };
    assert_eq!(name, "README.TXT");
    assert!(unknown.starts_with("? PASSWD.TXT;1 "), "{unknown}");
}

/// What is shown of a directory, listed by NLST for want of anything else.
async fn by_nlst(path: &str, data: &str) -> Result<Vec<(String, String)>> {
    let command = |name: &str| format!("{name} {path}").trim_end().to_owned();
    let refused = format!(
        "C: PASV\nL\nS: 227 Entering Passive Mode ({{pasv}}).\nC: {}\nD+\nS: 502 No.\nD<end\n",
        command("LIST")
    );
    let names = listing(&command("NLST"), data, "226 Done.");
    let (server, client) = session(&[FEAT, &refused, &names].concat()).await;
    let mut listing = client.list_with(path, plain()).await?;
    assert_eq!(listing.command(), ListCommand::Nlst);
    let mut shown = Vec::new();
    while let Some(item) = listing.next_entry().await {
        let Parsed::Entry(entry) = item? else {
            panic!("{path}: a line is no entry");
        };
        let raw = String::from_utf8_lossy(entry.raw());
        shown.push((entry.name_lossy().into_owned(), raw.into_owned()));
    }
    let completion = listing.completion().expect("the end has come");
    assert_eq!(lines(&completion.reply), ["150 Here.", "226 Done."]);
    drop(listing);
    farewell(server, client).await;
    Ok(shown)
}

#[tokio::test]
async fn the_directory_that_was_asked_for_is_taken_off_the_names_of_nlst() {
    for (path, ahead) in [
        ("pub", "pub"),
        ("pub/", "pub"),
        ("pub", "./pub"),
        ("pub", "/home/ship/pub"),
        ("a/pub", "a/pub"),
        ("/pub", "/pub"),
        ("/", ""),
        (".", "."),
        ("..", ".."),
        ("", "/home/ship"),
    ] {
        let lines = [format!("{ahead}/a b"), format!("{ahead}/pub")];
        let data = lines.each_ref().map(|line| format!(r"{line}\r\n")).concat();
        let expected = ["a b", "pub"].map(str::to_owned);
        let expected: Vec<_> = expected.into_iter().zip(lines).collect();
        assert_eq!(
            by_nlst(path, &data).await.unwrap(),
            expected,
            "{path} {ahead}"
        );
    }
}

#[tokio::test]
async fn any_other_directory_stays_ahead_of_the_names_of_nlst() {
    for (path, name) in [
        ("pub", "other/a"),
        ("pub", "pub/../a"),
        ("pub", "pub/sub/a"),
        ("pub", "/home/notpub/a"),
        ("pub", "../a"),
        ("a/pub", "pub/a"),
        ("", "pub/a"),
        // A file, which is listed by the path that was asked for.
        ("pub/a", "pub/a"),
        ("/a", "/a"),
    ] {
        let shown = by_nlst(path, &format!(r"{name}\r\n")).await.unwrap();
        assert_eq!(shown, [(name.to_owned(), name.to_owned())], "{path}");
    }
    // Where relative paths begin is not known, so of two directories the first is the one.
    for (path, lines, expected) in [
        (
            "pub",
            &["/home/pub/a", "/srv/pub/b"][..],
            &["a", "/srv/pub/b"][..],
        ),
        (
            "pub",
            &["a", "/home/pub/b", "pub/c"],
            &["a", "/home/pub/b", "c"],
        ),
        ("", &["/home/ship/a", "/b"], &["a", "/b"]),
        ("/", &["/a", "b"], &["a", "b"]),
    ] {
        let data = lines.join(r"\r\n") + r"\r\n";
        let shown = by_nlst(path, &data).await.unwrap();
        let names: Vec<_> = shown.iter().map(|(name, _)| &**name).collect();
        assert_eq!(names, expected);
    }
}

#[tokio::test]
async fn the_paths_of_the_directory_itself_and_of_that_above_are_no_names_in_it() {
    let data = r"type=cdir; /home/ship\r\ntype=pdir; /home\r\ntype=file; a\r\n";
    let feat = "C: FEAT\nS| 211-Features:\\r\\n MLST type*;\\r\\n211 End\\r\\n\n";
    let (server, client) = session(&[feat, &listing("MLSD", data, "226 Done.")].concat()).await;
    let listed = client.list_with("", plain().dots(true)).await.unwrap();
    let names = names(listed).await.unwrap();
    assert_eq!(names, ["/home/ship", "/home", "a"]);
    farewell(server, client).await;
}

#[tokio::test]
async fn names_that_were_asked_for_by_nlst_are_the_server_s() {
    let (server, client) = session(&listing("NLST pub", r"pub/a\r\n", "226 Done.")).await;
    let named = ListOptions::default().command(ListCommand::Nlst);
    let listed = client.list_with("pub", named).await.unwrap();
    assert_eq!(names(listed).await.unwrap(), ["pub/a"]);
    farewell(server, client).await;
}
