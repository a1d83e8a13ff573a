//! The rules that follow from how real servers behave, each as a test.
//!
//! Rule 10 (bytes behind the answer to AUTH TLS) and rule 11 (data connections resume the control
//! connection's session) are about TLS and come with it. Rule 12 (no delayed acknowledgement on the
//! control connection) is tested where the socket is, in `control.rs`.

#![expect(clippy::unwrap_used, reason = "what a helper cannot do fails its test")]

mod common;
#[path = "common/data.rs"]
mod data;
#[path = "common/listing.rs"]
mod listing;
#[path = "common/memory.rs"]
mod memory;

use std::net::Ipv6Addr;
use std::time::Duration;

use tokio::time::Instant;
use wharf::{Client, Config, DataMode, ErrorKind, Passive, RetrieveOptions, Tls};
use wharf_testing::net::Tcp;
use wharf_testing::script::{Script, ScriptedServer};

use common::{config, farewell, lines, session};
use data::{received, stored};
use memory::in_memory;

/// A passive RETR up to its 150.
const RETR: &str = "
    C: PASV
    L
    S: 227 Entering Passive Mode ({pasv}).
    C: RETR a
    D+
    S: 150 Here it comes.
";

fn classic() -> Config {
    Config::new("harbour").mode(DataMode::Passive(Passive::Classic))
}

/// A client in memory that has logged in, under a clock that may be paused.
async fn quiet_session(script: &str, config: &Config) -> (ScriptedServer, Client) {
    let (server, client) = in_memory(&format!("login\n{script}"), config).await;
    client.logged_in().await.unwrap();
    (server, client)
}

#[tokio::test(start_paused = true)]
async fn rule_01_a_download_is_address_rest_command_data_reply_with_nothing_between() {
    let script = "
        C: EPSV
        expect-nothing
        L
        S: 229 Entering Extended Passive Mode (|||{epsv}|)
        C: REST 3
        D+
        expect-nothing
        S: 350 From 3.
        C: RETR a
        expect-nothing
        S: 150 Here it comes.
        D> def
        D.
        D<eof
        expect-nothing
        S: 226 Done.
        C: NOOP
        S: 200 Here.
    ";
    let (server, client) = quiet_session(script, &Config::new("harbour")).await;
    let options = RetrieveOptions::default().offset(3);
    let retr = client.retrieve_file_with("a", options);
    // Of another task, and eager to come between.
    let other = client.clone();
    let noop = tokio::spawn(async move { other.noop().await });
    let (bytes, end) = received(retr.await.unwrap()).await;
    assert_eq!(bytes, b"def");
    end.unwrap();
    noop.await.unwrap().unwrap();
    server.finished().await;
}

#[tokio::test(start_paused = true)]
async fn rule_01_an_upload_ends_its_data_before_it_awaits_the_reply() {
    let script = "
        C: EPSV
        L
        S: 229 Entering Extended Passive Mode (|||{epsv}|)
        C: STOR a
        D+
        expect-nothing
        S: 150 Send it.
        D< abc
        D<eof
        expect-nothing
        S: 226 Done.
    ";
    let (server, client) = quiet_session(script, &Config::new("harbour")).await;
    stored(client.store_file("a"), b"abc").await.unwrap();
    server.finished().await;
}

#[tokio::test]
async fn rule_01_nothing_is_asked_for_until_the_data_connection_stands() {
    let (server, client) = session(
        "
        C: PASV
        L refused
        S: 227 Entering Passive Mode ({pasv}).
        C: NOOP
        S: 200 Here.
        ",
    )
    .await;
    let options = RetrieveOptions::default().offset(3);
    let error = client.retrieve_file_with("a", options).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::DataConnection);
    client.noop().await.unwrap();
    farewell(server, client).await;
}

#[tokio::test]
async fn rule_02_the_final_reply_is_accepted_before_during_and_after_the_data() {
    for order in [
        "S: 226 Done.\nD> abc\nD> def\nD.",
        "D> abc\nS: 226 Done.\nD> def\nD.",
        "D> abc\nD> def\nD.\nD<eof\nS: 226 Done.",
    ] {
        let (server, client) = session(&format!("{RETR}\n{order}")).await;
        let (bytes, end) = received(client.retrieve_file("a").await.unwrap()).await;
        assert_eq!(bytes, b"abcdef", "{order}");
        assert_eq!(
            lines(&end.unwrap().reply),
            ["150 Here it comes.", "226 Done."]
        );
        farewell(server, client).await;
    }
}

#[tokio::test]
async fn rule_02_a_226_without_a_150_is_a_whole_transfer() {
    for (data, expected) in [("", &b""[..]), ("D> a\\r\\n", b"a\r\n")] {
        let (server, client) = session(&format!(
            "C: PASV\nL\nS: 227 Entering Passive Mode ({{pasv}}).\nC: NLST\nD+\n{data}\nS: 226 Done.\nD."
        ))
        .await;
        let listing = client.nlst("").await.unwrap();
        assert_eq!(listing.raw().await.unwrap(), expected);
        farewell(server, client).await;
    }
}

#[tokio::test]
async fn rule_02_a_150_may_be_followed_by_a_550() {
    let (server, client) = session(&format!("{RETR}\nS: 550 No such file.\nD<end")).await;
    let (bytes, end) = received(client.retrieve_file("a").await.unwrap()).await;
    assert_eq!(bytes, b"");
    let error = end.unwrap_err();
    assert!(error.is_not_found());
    assert_eq!(
        lines(error.reply().unwrap()),
        ["150 Here it comes.", "550 No such file."]
    );
    farewell(server, client).await;
}

#[tokio::test]
async fn rule_02_a_150_behind_the_data_is_not_the_end_of_a_whole_transfer() {
    let script = format!("{RETR}\nD> abc\nD.\nD<eof\nS: 150 0.2 seconds\nS: 226 Done.");
    let (server, client) = session(&script).await;
    let (bytes, end) = received(client.retrieve_file("a").await.unwrap()).await;
    assert_eq!(bytes, b"abc");
    assert_eq!(
        lines(&end.unwrap().reply),
        ["150 Here it comes.", "150 0.2 seconds", "226 Done."]
    );
    farewell(server, client).await;
}

#[tokio::test]
async fn rule_02_a_150_behind_the_data_is_the_end_of_an_aborted_transfer() {
    // Pure-FTPd says nothing more about it.
    let (server, client) = session(&format!(
        "
        {RETR}
        D> abc
        D<end
        S: 150 0.209 seconds (measured here), 1.2 Mbytes per second
        C: PWD
        S: 257 \"/\"
        C: NOOP
        S: 200 Here.
        "
    ))
    .await;
    drop(client.retrieve_file("a").await.unwrap());
    client.noop().await.unwrap();
    farewell(server, client).await;
}

#[tokio::test(start_paused = true)]
async fn rule_03_a_cancelled_transfer_closes_its_data_and_sends_nothing_before_the_reply() {
    // No ABOR, and none of Telnet's signals, which close the connection on aioftp and libunftp.
    let script = format!(
        "{RETR}\nD> abc\nD<end\nexpect-nothing\nS: 426 Aborted.\nC: PWD\nS: 257 \"/\"\nC: NOOP\nS: 200 Here."
    );
    let (server, client) = quiet_session(&script, &classic()).await;
    let download = client.retrieve_file("a").await.unwrap();
    let (aborted, noop) = tokio::join!(download.abort(), client.noop());
    aborted.unwrap();
    noop.unwrap();
    server.finished().await;
}

#[tokio::test(start_paused = true)]
async fn rule_03_abor_stops_a_transfer_whose_stream_somebody_else_holds() {
    let script = format!(
        "{RETR}\nD> abc\nD<end\nexpect-nothing\nS: 426 Aborted.\nC: PWD\nS: 257 \"/\"\nC: NOOP\nS: 200 Here."
    );
    let (server, client) = quiet_session(&script, &classic()).await;
    // Held, and not read.
    let download = client.retrieve_file("a").await.unwrap();
    client.abor().await.unwrap();
    client.noop().await.unwrap();
    let (_, end) = received(download).await;
    assert_eq!(end.unwrap_err().kind(), ErrorKind::Aborted);
    server.finished().await;
}

#[tokio::test(start_paused = true)]
async fn rule_03_one_reply_too_many_is_told_from_the_next_command_s() {
    let script = format!(
        "
        {RETR}
        D> abc
        D<end
        S: 226 Done.
        C: PWD
        S: 426 Aborted.
        S: 257 \"/\"
        C: NOOP
        S: 200 Here.
        "
    );
    let (server, client) = quiet_session(&script, &classic()).await;
    drop(client.retrieve_file("a").await.unwrap());
    assert_eq!(lines(&client.noop().await.unwrap()), ["200 Here."]);
    server.finished().await;
}

#[tokio::test(start_paused = true)]
async fn rule_03_replies_that_cannot_be_told_apart_end_the_session() {
    let script =
        format!("{RETR}\nD> abc\nD<end\nS: 426 a\nC: PWD\nS: 226 b\nS: 226 c\nS: 226 d\neof");
    let (server, client) = quiet_session(&script, &classic()).await;
    drop(client.retrieve_file("a").await.unwrap());
    let error = client.noop().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ConnectionLost);
    assert!(!error.was_sent());
    server.finished().await;
}

#[tokio::test(start_paused = true)]
async fn rule_04_the_session_is_kept_alive_when_idle_and_never_during_a_transfer() {
    let script = format!(
        "{RETR}\nwait 5m\nexpect-nothing\nD> abc\nD.\nwait 30s\nexpect-nothing\nS: 226 Done.\nC: NOOP\nS: 200 Here.\nC: NOOP\nS: 200 Here."
    );
    let config = classic()
        .keep_alive(Duration::from_secs(10))
        .stall_timeout(Duration::from_hours(1));
    let (server, client) = quiet_session(&script, &config).await;
    let (bytes, end) = received(client.retrieve_file("a").await.unwrap()).await;
    assert_eq!(bytes, b"abc");
    end.unwrap();
    let idle = Instant::now();
    server.finished().await;
    assert_eq!(idle.elapsed().as_secs(), 20);
}

#[tokio::test(start_paused = true)]
async fn rule_05_a_command_that_is_never_answered_is_given_up() {
    let limit = Duration::from_secs(33);
    let script = "C: SITE x\neof";
    let (server, client) = quiet_session(script, &classic().reply_timeout(limit)).await;
    let start = Instant::now();
    let (site, noop) = (client.site("x"), client.noop());
    let error = site.await.unwrap_err();
    assert_eq!(error.root().kind(), ErrorKind::Timeout);
    assert_eq!(error.command(), Some("SITE x"));
    assert_eq!(start.elapsed().as_secs(), limit.as_secs());
    assert_eq!(noop.await.unwrap_err().kind(), ErrorKind::ConnectionLost);
    server.finished().await;
}

#[tokio::test]
async fn rule_05_an_empty_line_that_no_server_answers_is_not_sent() {
    let (server, client) = session("").await;
    for line in ["", " ", "\t"] {
        let error = client.command(line).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
    }
    farewell(server, client).await;
}

/// A session with the default mode: EPSV, then PASV.
async fn by_default(script: &str) -> (ScriptedServer, Client) {
    let script = format!("login\n{script}\nC: QUIT\nS: 221 Bye.\neof");
    let server = Script::new(&*script).play().await;
    let config = config(&server).passive(true);
    let client = config.connect().await.unwrap();
    (server, client)
}

#[tokio::test]
async fn rule_06_an_epsv_that_is_refused_for_good_gives_way_to_pasv_and_is_remembered() {
    for refusal in ["500 What?", "502 Not here.", "504 Not so.", "522 Not that."] {
        let (server, client) = by_default(&format!(
            "C: EPSV\nS: {refusal}\n{RETR}\nS: 226 Done.\nD.\n{RETR}\nS: 226 Done.\nD."
        ))
        .await;
        for _ in 0..2 {
            let (_, end) = received(client.retrieve_file("a").await.unwrap()).await;
            assert_eq!(end.unwrap().address.code(), 227);
        }
        farewell(server, client).await;
    }
}

#[tokio::test]
async fn rule_06_an_epsv_whose_port_cannot_be_reached_gives_way_to_pasv() {
    let (server, client) = by_default(&format!(
        "C: EPSV\nL2 refused\nS: 229 Entering Extended Passive Mode (|||{{epsv2}}|)\n{RETR}\nS: 226 Done.\nD."
    ))
    .await;
    let (_, end) = received(client.retrieve_file("a").await.unwrap()).await;
    end.unwrap();
    farewell(server, client).await;
}

#[tokio::test]
async fn rule_06_an_epsv_that_is_refused_for_now_is_asked_again_next_time() {
    for (refusal, times) in [(425, 2), (450, 1)] {
        let asked = format!("C: EPSV\nS: {refusal} Not now.\n").repeat(times);
        let (server, client) = by_default(&asked.repeat(2)).await;
        for _ in 0..2 {
            let error = client.retrieve_file("a").await.unwrap_err();
            assert_eq!(error.code().unwrap(), refusal);
            assert!(error.is_transient());
        }
        farewell(server, client).await;
    }
}

#[tokio::test]
async fn rule_06_a_port_that_the_server_could_not_open_is_asked_for_once_more() {
    let (server, client) = by_default(
        "
        C: EPSV
        S: 425 EPSV: Address already in use
        C: EPSV
        L
        S: 229 Entering Extended Passive Mode (|||{epsv}|)
        C: RETR a
        D+
        S: 150 Here it comes.
        D.
        S: 226 Done.
        ",
    )
    .await;
    let (_, end) = received(client.retrieve_file("a").await.unwrap()).await;
    end.unwrap();
    farewell(server, client).await;
}

#[tokio::test]
async fn rule_06_a_verb_that_is_unknown_is_not_tried_again() {
    for refusal in ["500 What?", "502 Not here."] {
        let (server, client) = session(&format!(
            "
            C: PWD
            S: {refusal}
            C: XPWD
            S: 257 \"/a\"
            C: XPWD
            S: 257 \"/b\"
            "
        ))
        .await;
        assert_eq!(client.get_directory().await.unwrap(), "/a");
        assert_eq!(client.get_directory().await.unwrap(), "/b");
        farewell(server, client).await;
    }
}

#[tokio::test]
async fn rule_06_what_feat_does_not_list_is_used_all_the_same() {
    let (server, client) = by_default(
        "
        C: FEAT
        S: 500 What?
        C: EPSV
        L
        S: 229 Entering Extended Passive Mode (|||{epsv}|)
        C: RETR a
        D+
        S: 150 Here it comes.
        D.
        S: 226 Done.
        ",
    )
    .await;
    let features = client.features().await.unwrap();
    assert!(!features.supports_epsv());
    let (_, end) = received(client.retrieve_file("a").await.unwrap()).await;
    end.unwrap();
    farewell(server, client).await;
}

#[tokio::test]
async fn rule_07_the_host_in_a_227_may_be_anything() {
    for host in ["0,0,0,0", "10,1,2,3", "255,255,255,255"] {
        let script = RETR.replace("{pasv}", &format!("{host},{{pasv-port}}"));
        let (server, client) = session(&format!("{script}\nD> abc\nD.\nS: 226 Done.")).await;
        let (bytes, end) = received(client.retrieve_file("a").await.unwrap()).await;
        assert_eq!(bytes, b"abc", "{host}");
        end.unwrap();
        farewell(server, client).await;
    }
}

#[tokio::test]
async fn rule_07_pasv_is_never_sent_over_ipv6() {
    // 425, 228 and 229 were seen in answer to it, and none of them leads anywhere.
    for (refusal, times) in [("500 What?", 1), ("425 Not now.", 2), ("522 Use (1).", 1)] {
        let asked = format!("C: EPSV\nS: {refusal}\n").repeat(times);
        let script = format!("login\n{asked}C: NOOP\nS: 200 Here.");
        let server = Script::new(&*script)
            .play_on(&Tcp, Ipv6Addr::LOCALHOST.into())
            .await;
        let client = config(&server).passive(true).connect().await.unwrap();
        let (retr, noop) = (client.retrieve_file("a"), client.noop());
        retr.await.unwrap_err();
        noop.await.unwrap();
        client.set_mode(DataMode::Passive(Passive::Classic));
        let error = client.retrieve_file("a").await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unsupported);
        assert!(!error.was_sent());
        server.finished().await;
    }
}

#[tokio::test]
async fn rule_08_byte_255_goes_out_as_it_is_but_to_servers_that_read_telnet() {
    for (greeting, sent) in [
        ("220 ready", r"CWD \xff"),
        ("220 (vsFTPd 3.0.3)", r"CWD \xff"),
        ("220 ProFTPD Server (lab) [127.0.0.1]", r"CWD \xff\xff"),
        (
            "220 x FTP server (GNU inetutils 2.4) ready.",
            r"CWD \xff\xff",
        ),
    ] {
        let script = format!(
            "S: {greeting}\nC: USER anonymous\nS: 230 In.\nC: TYPE I\nS: 200 Binary.\nC: {sent}\nS: 250 There."
        );
        let server = Script::new(&*script).play().await;
        let client = config(&server).connect().await.unwrap();
        client.cwd(&b"\xff"[..]).await.unwrap();
        server.finished().await;
    }
}

#[tokio::test]
async fn rule_08_a_directory_is_read_whether_or_not_the_server_doubles_quotes() {
    for (reply, path) in [
        (r#"257 "/q""uote""#, &b"/q\"uote"[..]),
        (r#"257 "/q"uote" is your current location"#, b"/q\"uote"),
        (r#"257 "/"all"" is the current directory"#, b"/\"all\""),
        (r#"257 "/l\0f" is current"#, b"/l\nf"),
    ] {
        let (server, client) = session(&format!("C: PWD\nS: {reply}")).await;
        let directory = client.get_directory().await.unwrap();
        assert_eq!(directory.as_bytes(), path, "{reply}");
        farewell(server, client).await;
    }
}

#[tokio::test]
async fn rule_08_whatever_path_mkd_names_the_reply_is_handed_on_unread() {
    for reply in [
        r#"257 "new" : The directory was successfully created"#,
        "257 /new",
        "257 ",
        "250 Done.",
    ] {
        let (server, client) = session(&format!("C: MKD new\nS: {reply}")).await;
        assert_eq!(lines(&client.make_directory("new").await.unwrap()), [reply]);
        farewell(server, client).await;
    }
}

/// A listing with this data and this last reply, read to its end.
async fn listed(data: &str, last: &str) -> (usize, bool) {
    let (server, client) = session(&format!(
        "C: PASV\nL\nS: 227 Entering Passive Mode ({{pasv}}).\nC: LIST\nD+\nS: 150 Here it comes.\n{data}\nD.\n{last}"
    ))
    .await;
    let mut listing = listing::list(&client, "").await.unwrap();
    let mut entries = 0;
    while let Some(entry) = listing.next_entry().await {
        entry.unwrap();
        entries += 1;
    }
    let truncated = listing.is_truncated();
    drop(listing);
    farewell(server, client).await;
    (entries, truncated)
}

#[tokio::test]
async fn rule_09_a_listing_that_was_cut_short_says_so() {
    let line = r"D> -rw-r--r--   1 root     other        531 Jan 29 03:26 README\r\n";
    let cut = "S: 226-Options: -l \nS: 226 Output truncated to 10000 matches";
    assert_eq!(listed(line, cut).await, (1, true));
    let whole = "S: 226-Options: -l \nS: 226 1 matches total";
    assert_eq!(listed(line, whole).await, (1, false));
}

#[tokio::test]
async fn rule_09_the_listing_of_what_is_missing_may_be_an_empty_success() {
    assert_eq!(listed("", "S: 226 Directory send OK.").await, (0, false));
}

#[tokio::test(start_paused = true)]
async fn rule_13_commands_go_out_one_by_one_whoever_the_server_is() {
    for greeting in ["220 ready", "220 (vsFTPd 3.0.3)"] {
        let script = format!(
            "
            S: {greeting}
            C: USER anonymous
            expect-nothing
            S: 331 Password?
            C* PASS *
            expect-nothing
            S: 230 In.
            C: TYPE I
            expect-nothing
            S: 200 Binary.
            C: NOOP
            expect-nothing
            S: 200 Here.
            C: SIZE a
            expect-nothing
            S: 213 1
            C: MDTM a
            expect-nothing
            S: 213 20200102030405
            "
        );
        let (server, client) = in_memory(&script, &classic()).await;
        let (noop, size, mdtm) = (client.noop(), client.size("a"), client.mdtm("a"));
        noop.await.unwrap();
        assert_eq!(size.await.unwrap(), 1);
        mdtm.await.unwrap();
        server.finished().await;
    }
}

#[tokio::test(start_paused = true)]
async fn rule_14_an_idle_goodbye_is_a_loss_that_later_calls_are_told() {
    for (goodbye, code) in [
        (r"S| 200 Here.\r\n421 Timeout.\r\n", Some(421)),
        (r"S| 200 Here.\r\n221 Session timed out.\r\n", Some(221)),
        ("S: 200 Here.\nclose", None),
    ] {
        let script = format!("C: NOOP\n{goodbye}\neof");
        let (server, client) = quiet_session(&script, &classic()).await;
        client.noop().await.unwrap();
        client.closed().await;
        let error = client.remove_file("a").await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ConnectionLost, "{goodbye}");
        assert_eq!(error.root().code().map(wharf::Code::get), code);
        assert!(error.is_transient(), "{goodbye}");
        // So it may be repeated elsewhere, even though it is no safe command.
        assert!(!error.was_sent());
        server.finished().await;
    }
}

#[tokio::test]
async fn rule_14_a_goodbye_in_answer_to_a_command_is_not_its_success() {
    for goodbye in ["S: 421 Timeout.", "S: 221 Session timed out.", "close"] {
        let server = Script::new(&*format!("login\nC: DELE a\n{goodbye}\neof"))
            .play()
            .await;
        let client = config(&server).connect().await.unwrap();
        let (dele, noop) = (client.remove_file("a"), client.noop());
        let error = dele.await.unwrap_err();
        assert!(error.is_transient(), "{error:?}");
        assert!(error.was_sent());
        let error = noop.await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ConnectionLost);
        assert!(error.is_transient() && !error.was_sent(), "{error:?}");
        server.finished().await;
    }
}

/// What a login with a password comes to.
async fn turned_away(script: &str) -> wharf::Error {
    let server = Script::new(script).play().await;
    let config = config(&server).login("ship", "harbor").tls(Tls::Off);
    let error = config.connect().await.unwrap_err();
    server.finished().await;
    error
}

#[tokio::test]
async fn rule_15_a_530_may_mean_that_the_server_is_full() {
    let login = "S: 220 ready\nC: USER ship\nS: 331 Password?\nC: PASS harbor";
    let full = "S: 530 Sorry, the maximum number of clients (2) are already connected.";
    let error = turned_away(&format!("{login}\n{full}\neof")).await;
    assert_eq!(error.kind(), ErrorKind::Login);
    assert!(error.is_transient());
    assert!(error.advice().unwrap().contains("later"));
    let error = turned_away(&format!("{login}\nS: 530 Login incorrect.\neof")).await;
    assert_eq!(error.kind(), ErrorKind::Login);
    assert!(!error.is_transient());
}

#[tokio::test]
async fn rule_15_a_421_may_stand_in_place_of_the_greeting() {
    let error = turned_away("S: 421 Too many users.\nclose\neof").await;
    assert_eq!(error.kind(), ErrorKind::CommandFailed);
    assert_eq!(error.code().unwrap(), 421);
    assert!(error.is_transient());
}
