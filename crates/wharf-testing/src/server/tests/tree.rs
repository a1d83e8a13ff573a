//! Files, directories and listings.

use std::{
    fs,
    os::unix::fs::{PermissionsExt, symlink},
};

use super::*;

#[tokio::test]
async fn directories_are_made_entered_left_and_removed() {
    let (server, mut raw) = session(Options::default()).await;
    assert_eq!(raw.ask("PWD").await, "257 \"/\" is the current directory.");
    assert_eq!(raw.ask("MKD a\"b").await, "257 \"/a\"\"b\" created.");
    assert_eq!(raw.ask("MKD a\"b").await, "550 File exists.");
    assert_eq!(
        raw.ask("MKD no/parent").await,
        "550 No such file or directory."
    );
    assert_eq!(raw.code("CWD a\"b").await, "250");
    assert_eq!(raw.ask("XMKD sub").await, "257 \"/a\"\"b/sub\" created.");
    assert_eq!(raw.code("XCWD sub").await, "250");
    assert_eq!(
        raw.ask("XPWD").await,
        "257 \"/a\"\"b/sub\" is the current directory."
    );
    assert_eq!(raw.code("XCUP").await, "250");
    assert_eq!(raw.code("CDUP").await, "250");
    assert_eq!(raw.code("CDUP").await, "250");
    assert_eq!(raw.ask("PWD").await, "257 \"/\" is the current directory.");
    assert_eq!(raw.ask("RMD a\"b").await, "550 Directory not empty.");
    assert_eq!(raw.code("XRMD a\"b/sub").await, "250");
    assert_eq!(raw.code("RMD a\"b").await, "250");
    assert_eq!(raw.ask("RMD /").await, "550 Permission denied.");
    assert_eq!(raw.ask("CWD nope").await, "550 No such file or directory.");
    assert_eq!(fs::read_dir(server.root()).unwrap().count(), 0);
}

#[tokio::test]
async fn names_are_bytes_and_nul_is_a_line_feed() {
    let (server, mut raw) = session(Options::default()).await;
    raw.send(b"MKD \xff\xe9").await;
    let mut reply = Vec::new();
    raw.stream.read_until(b'\n', &mut reply).await.unwrap();
    assert_eq!(reply, b"257 \"/\xff\xe9\" created.\r\n");
    assert_eq!(raw.code(b"RMD \xff\xe9").await, "250");
    assert_eq!(
        raw.ask(b"MKD two\0lines").await,
        "257 \"/two\0lines\" created."
    );
    assert!(server.root().join("two\nlines").is_dir());
    assert_eq!(raw.listing("NLST").await, ["two\0lines"]);
    assert_eq!(
        raw.upload("STOR  blank ", b"x").await,
        "226 Transfer complete."
    );
    assert!(server.root().join(" blank ").is_file());
}

#[tokio::test]
async fn files_are_renamed_and_deleted() {
    let (server, mut raw) = session(Options::default()).await;
    fs::write(server.root().join("a"), "1").unwrap();
    assert_eq!(raw.ask("RNTO b").await, "503 RNFR first.");
    assert_eq!(raw.ask("RNFR nope").await, "550 No such file or directory.");
    assert_eq!(raw.code("RNFR a").await, "350");
    assert_eq!(raw.code("NOOP").await, "200");
    assert_eq!(raw.ask("RNTO b").await, "503 RNFR first.");
    assert_eq!(raw.code("RNFR a").await, "350");
    assert_eq!(
        raw.ask("RNTO no/where").await,
        "553 No such file or directory."
    );
    assert_eq!(raw.code("RNFR a").await, "350");
    assert_eq!(raw.code("RNTO b").await, "250");
    assert_eq!(fs::read(server.root().join("b")).unwrap(), b"1");
    assert_eq!(raw.ask("DELE a").await, "550 No such file or directory.");
    assert_eq!(raw.code("DELE b").await, "250");
    assert_eq!(fs::read_dir(server.root()).unwrap().count(), 0);
}

#[tokio::test]
async fn sizes_dates_and_modes_are_told_and_set() {
    let (server, mut raw) = session(Options::default()).await;
    fs::write(server.root().join("a"), "eleven byte").unwrap();
    fs::create_dir(server.root().join("d")).unwrap();
    assert_eq!(raw.ask("SIZE a").await, "213 11");
    assert_eq!(raw.ask("SIZE d").await, "550 Not a plain file.");
    assert_eq!(raw.ask("MDTM nope").await, "550 No such file or directory.");
    assert_eq!(
        raw.ask("MFMT 20200102030405 a").await,
        "213 Modify=20200102030405; a"
    );
    assert_eq!(raw.ask("MDTM a").await, "213 20200102030405");
    assert_eq!(
        raw.ask("SITE UTIME 20210203040506 a").await,
        "213 Modify=20210203040506; a"
    );
    assert_eq!(raw.ask("MDTM a").await, "213 20210203040506");
    assert_eq!(raw.code("MFMT 20200230000000 a").await, "501");
    assert_eq!(raw.code("MFMT 20200102030405").await, "501");
    assert_eq!(raw.code("MFMT 20200102030405 nope").await, "550");
    assert_eq!(raw.code("SITE CHMOD 640 a").await, "200");
    let mode = fs::metadata(server.root().join("a"))
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o7777, 0o640);
    assert_eq!(raw.code("SITE CHMOD 9 a").await, "501");
    assert_eq!(raw.code("SITE CHMOD 10000 a").await, "501");
    raw.ask("TYPE A").await;
    assert_eq!(raw.ask("SIZE a").await, "550 SIZE needs TYPE I.");
}

#[tokio::test]
async fn nothing_outside_the_root_can_be_reached() {
    let outside = TemporaryDirectory::new().unwrap();
    fs::write(outside.path().join("secret"), "x").unwrap();
    let (server, mut raw) = session(Options::default()).await;
    symlink(outside.path(), server.root().join("out")).unwrap();
    symlink(outside.path().join("new"), server.root().join("dangling")).unwrap();
    raw.ask("EPSV").await;
    for command in [
        "CWD out",
        "RETR out/secret",
        "SIZE out/secret",
        "LIST out",
        "NLST out",
        "MLSD out",
        "STAT out",
        "DELE out/secret",
        "RNFR out/secret",
        "MKD out/d",
        "SITE CHMOD 777 out",
        "MFMT 20200102030405 out/secret",
        "RETR ../../../../etc/passwd",
        "CWD ../../tmp",
    ] {
        assert_eq!(raw.code(command).await, "550", "{command}");
    }
    for command in ["STOR out/new", "STOR dangling", "APPE out/secret"] {
        assert_eq!(raw.code(command).await, "553", "{command}");
    }
    assert_eq!(fs::read(outside.path().join("secret")).unwrap(), b"x");
    assert_eq!(fs::read_dir(outside.path()).unwrap().count(), 1);
    // The link itself is inside.
    assert_eq!(raw.code("DELE out").await, "250");
}

#[tokio::test]
async fn listings_show_the_tree_in_every_form() {
    let (server, mut raw) = session(Options::default()).await;
    fs::create_dir(server.root().join("sub")).unwrap();
    fs::write(server.root().join("sub/file"), "12345").unwrap();
    fs::write(server.root().join("top"), "1").unwrap();

    assert_eq!(raw.listing("NLST").await, ["sub", "top"]);
    assert_eq!(raw.listing("NLST sub").await, ["sub/file"]);
    assert_eq!(raw.listing("NLST sub/").await, ["sub/file"]);
    assert_eq!(raw.listing("NLST top").await, ["top"]);

    let lines = raw.listing("LIST").await;
    assert!(
        lines[0].starts_with("drw") && lines[0].ends_with(" sub"),
        "{lines:?}"
    );
    assert!(
        lines[1].starts_with("-rw") && lines[1].ends_with(" top"),
        "{lines:?}"
    );
    assert_eq!(raw.listing("LIST -al").await, lines);
    assert_eq!(raw.listing("LIST top").await, lines[1..]);
    let recursive = raw.listing("LIST -R").await;
    assert_eq!(
        (recursive[0].as_str(), recursive[4].as_str()),
        (".:", "./sub:")
    );

    assert_eq!(
        raw.ask("OPTS MLST type;size;").await,
        "200 MLST OPTS type;size;"
    );
    assert_eq!(
        raw.listing("MLSD").await,
        ["type=cdir; .", "type=dir; sub", "type=file;size=1; top"]
    );
    let sub = ["type=cdir; .", "type=pdir; ..", "type=file;size=5; file"];
    assert_eq!(raw.listing("MLSD sub").await, sub);
    assert_eq!(
        raw.ask("MLST sub/file").await,
        "250-Listing\n type=file;size=5; /sub/file\n250 End"
    );
    assert_eq!(raw.ask("MLST").await, "250-Listing\n type=dir; /\n250 End");
    assert_eq!(raw.ask("OPTS MLST").await, "200 MLST OPTS");
    assert_eq!(raw.ask("MLST top").await, "250-Listing\n  /top\n250 End");

    assert_eq!(
        raw.ask("STAT top").await.lines().nth(1),
        Some(lines[1].as_str())
    );
    fs::write(server.root().join("sub/blank "), "").unwrap();
    let status = raw.ask("STAT sub").await;
    assert!(
        status.starts_with("212-Status of /sub\n-rw")
            && status.contains(" blank \n")
            && status.contains(" file\n212 ")
    );

    raw.ask("EPSV").await;
    assert_eq!(raw.code("MLSD top").await, "501");
    for command in [
        "LIST nope",
        "NLST nope",
        "MLSD nope",
        "STAT nope",
        "MLST nope",
    ] {
        assert_eq!(raw.code(command).await, "550", "{command}");
    }
}
