//! How connections under TLS come to their ends, and what is made of it.

use std::time::Duration;

use futures_util::FutureExt;
use rustls::{AlertDescription, ContentType};
use wharf::tls::CloseNotify;
use wharf::{ErrorKind, RetrieveOptions};
use wharf_testing::net::Memory;
use wharf_testing::server::{Resumption, Versions};
use wharf_testing::tls::accept::Acceptance;
use wharf_testing::tls::peer::{Ending, Level};

use crate::harbor::{content, trusting};
use crate::stage::{BOTH, Peer, Stage, implicit, speaking};

const POLICIES: [CloseNotify; 3] = [
    CloseNotify::Strict,
    CloseNotify::TolerateIfProven,
    CloseNotify::DangerIgnore,
];

async fn with_policy(versions: Versions, policy: CloseNotify) -> (Stage, wharf::Client) {
    let config = implicit(trusting().close_notify(policy));
    Stage::open(speaking(versions), &config).await
}

const ENDED: Ending = Ending::Alert(AlertDescription::CloseNotify);

#[tokio::test]
async fn a_download_without_close_notify_is_whole_if_its_size_says_so_or_the_caller() {
    for versions in BOTH {
        for policy in POLICIES {
            for size in [None, Some(7), Some(8)] {
                let (mut stage, client) = with_policy(versions, policy).await;
                let options = match size {
                    Some(size) => RetrieveOptions::default().expected_size(size),
                    None => RetrieveOptions::default(),
                };
                let serve = async |stage: &mut Stage, mut data: Peer| {
                    data.send_data(b"harbour").await.unwrap();
                    drop(data);
                    stage.say("226 Done.").await;
                };
                let (bytes, end) = stage.download(&client, options, serve).await;
                assert_eq!(bytes, b"harbour");
                let whole = match (policy, size) {
                    (CloseNotify::Strict, _) | (_, Some(8)) => false,
                    (CloseNotify::TolerateIfProven, size) => size == Some(7),
                    _ => true,
                };
                let case = format!("{versions:?}, {policy:?}, {size:?}: {end:?}");
                match end {
                    Ok(_) => assert!(whole, "{case}"),
                    Err(error) => {
                        assert!(!whole, "{case}");
                        assert_eq!(error.kind(), ErrorKind::Truncated, "{case}");
                        assert_eq!(error.code().unwrap(), 226, "{case}");
                    }
                }
                stage.goes_on(&client).await;
            }
        }
    }
}

#[tokio::test]
async fn a_cut_within_a_record_is_no_end_whatever_the_caller_puts_up_with() {
    for versions in BOTH {
        for policy in POLICIES {
            for cut in [1, 4, 5, 20] {
                let (mut stage, client) = with_policy(versions, policy).await;
                let serve = async |stage: &mut Stage, mut data: Peer| {
                    data.send_data(b"harbour").await.unwrap();
                    let last = data.seal(ContentType::ApplicationData, b"master").unwrap();
                    data.send(&last[..cut]).await.unwrap();
                    drop(data);
                    stage.say("226 Done.").await;
                };
                let options = RetrieveOptions::default();
                let (bytes, end) = stage.download(&client, options, serve).await;
                assert_eq!(bytes, b"harbour");
                let error = end.unwrap_err();
                assert_eq!(error.kind(), ErrorKind::Truncated, "{policy:?}: {error}");
                stage.goes_on(&client).await;
            }
        }
    }
}

#[tokio::test]
async fn a_reset_is_no_end_be_it_behind_the_last_byte_or_before() {
    for versions in BOTH {
        for policy in POLICIES {
            for size in [7, 8] {
                let (mut stage, client) = with_policy(versions, policy).await;
                let serve = async |stage: &mut Stage, mut data: Peer| {
                    data.send_data(b"harbour").await.unwrap();
                    data.into_stream().reset();
                    stage.say("226 Done.").await;
                };
                let options = RetrieveOptions::default().expected_size(size);
                let (bytes, end) = stage.download(&client, options, serve).await;
                assert_eq!(bytes, b"harbour");
                let error = end.unwrap_err();
                assert_eq!(error.kind(), ErrorKind::DataConnection, "{error}");
                assert_eq!(error.code().unwrap(), 226, "{error}");
                stage.goes_on(&client).await;
            }
        }
    }
}

#[tokio::test]
async fn a_reset_behind_close_notify_takes_nothing_back() {
    for versions in BOTH {
        let (mut stage, client) = with_policy(versions, CloseNotify::Strict).await;
        let serve = async |stage: &mut Stage, mut data: Peer| {
            data.send_data(b"harbour").await.unwrap();
            data.close_notify().await.unwrap();
            data.into_stream().reset();
            stage.say("226 Done.").await;
        };
        let (bytes, end) = stage
            .download(&client, RetrieveOptions::default(), serve)
            .await;
        assert_eq!(bytes, b"harbour");
        end.unwrap();
        stage.goes_on(&client).await;
    }
}

#[tokio::test]
async fn a_listing_without_close_notify_is_an_error_unless_the_caller_says_otherwise() {
    for versions in BOTH {
        for policy in POLICIES {
            let (mut stage, client) = with_policy(versions, policy).await;
            let list = async { client.nlst("").await.unwrap().lines().await };
            let serve = async {
                let mut data = stage.secure_data("NLST").await;
                data.send_data(b"a\r\nb\r\n").await.unwrap();
                drop(data);
                stage.say("226 Done.").await;
            };
            match tokio::join!(list, serve).0 {
                Ok(names) => {
                    assert_eq!(names, ["a", "b"]);
                    assert_eq!(policy, CloseNotify::DangerIgnore);
                }
                Err(error) => {
                    assert_eq!(error.kind(), ErrorKind::Truncated, "{error}");
                    assert_ne!(policy, CloseNotify::DangerIgnore);
                }
            }
            stage.goes_on(&client).await;
        }
    }
}

#[tokio::test]
async fn the_whole_of_a_small_file_may_come_together_with_the_end_of_the_handshake() {
    // The server of a full handshake of TLS 1.2 has the last word, and goes on at once.
    for length in [0, 7, 16_384, 60_000] {
        let acceptance = Acceptance {
            resumption: Resumption::Never,
            ..speaking(Versions::Tls12)
        };
        let (mut stage, client) = Stage::open(acceptance, &implicit(trusting())).await;
        let file = content(length);
        let serve = async |stage: &mut Stage, mut data: Peer| {
            data.send_data(&file).await.unwrap();
            data.close_notify().await.unwrap();
            drop(data);
            stage.say("226 Done.").await;
        };
        let (bytes, end) = stage
            .download(&client, RetrieveOptions::default(), serve)
            .await;
        end.unwrap();
        assert!(bytes == file, "{length}");
    }
}

#[tokio::test]
async fn a_download_is_answered_with_close_notify() {
    for versions in BOTH {
        let (mut stage, client) = Stage::of(versions).await;
        let serve = async |stage: &mut Stage, mut data: Peer| {
            data.send_data(b"harbour").await.unwrap();
            data.close_notify().await.unwrap();
            assert_eq!(data.read_to_end().await.unwrap(), (Vec::new(), ENDED));
            assert_eq!(data.read_record().await.unwrap(), None);
            stage.say("226 Done.").await;
        };
        let (bytes, end) = stage
            .download(&client, RetrieveOptions::default(), serve)
            .await;
        assert_eq!(bytes, b"harbour");
        end.unwrap();
    }
}

#[tokio::test]
async fn an_upload_is_done_when_its_end_is_out_and_the_server_says_so() {
    for versions in BOTH {
        for policy in POLICIES {
            for how in ["close_notify", "fin", "226 first"] {
                let (mut stage, client) = with_policy(versions, policy).await;
                let file = content(100_000);
                let serve = async |stage: &mut Stage, mut data: Peer| {
                    // Close_notify, and then the end of TCP, while neither has been answered.
                    let (bytes, end) = data.read_to_end().await.unwrap();
                    assert!(bytes == file);
                    assert_eq!(end, ENDED);
                    assert_eq!(data.read_record().await.unwrap(), None);
                    match how {
                        "close_notify" => data.close_notify().await.unwrap(),
                        "226 first" => {
                            stage.say("226 Done.").await;
                            data.close_notify().await.unwrap();
                            return;
                        }
                        _ => {}
                    }
                    drop(data);
                    stage.say("226 Done.").await;
                };
                stage.upload(&client, &file, serve).await.unwrap();
                stage.goes_on(&client).await;
            }
        }
    }
}

#[tokio::test]
async fn an_upload_waits_for_its_226_however_early_the_data_connection_ends() {
    for versions in BOTH {
        let (mut stage, client) = Stage::of(versions).await;
        let mut upload = Box::pin(crate::data::stored(client.store_file("a"), b"cargo"));
        let serve = async {
            let mut data = stage.secure_data("STOR a").await;
            let (bytes, end) = data.read_to_end().await.unwrap();
            assert_eq!((&bytes[..], end), (&b"cargo"[..], ENDED));
            data.close_notify().await.unwrap();
        };
        tokio::select! {
            biased;
            _ = &mut upload => panic!("done before the server had a word to say"),
            () = serve => {}
        }
        assert!(upload.as_mut().now_or_never().is_none());
        let (done, ()) = tokio::join!(upload, stage.say("226 Done."));
        done.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn a_server_that_never_ends_its_side_of_an_upload_is_not_waited_for_long() {
    for versions in BOTH {
        let (mut stage, client) = Stage::of(versions).await;
        let begin = tokio::time::Instant::now();
        let mut open = None;
        let serve = async |stage: &mut Stage, mut data: Peer| {
            data.read_to_end().await.unwrap();
            stage.say("226 Done.").await;
            open = Some(data);
        };
        stage.upload(&client, b"cargo", serve).await.unwrap();
        assert!(begin.elapsed() <= Duration::from_secs(2));
        stage.goes_on(&client).await;
    }
}

#[tokio::test]
async fn the_end_of_the_server_s_side_before_the_upload_s_own_is_an_error() {
    for versions in BOTH {
        for clean in [false, true] {
            let (mut stage, client) = Stage::of(versions).await;
            let serve = async |stage: &mut Stage, mut data: Peer| {
                data.read_record().await.unwrap();
                if clean {
                    data.close_notify().await.unwrap();
                } else {
                    data.fin().await.unwrap();
                }
                // What was under way still comes, and then a reset: no close_notify of the client's own, which
                // would call the part a whole.
                let end = data.read_to_end().await.unwrap_err();
                assert_eq!(end.kind(), std::io::ErrorKind::ConnectionReset);
                stage.say("226 Done.").await;
            };
            let error = stage
                .upload(&client, &content(1_000_000), serve)
                .await
                .unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Truncated, "{error}");
            stage.goes_on(&client).await;
        }
    }
}

#[tokio::test]
async fn an_alert_in_the_middle_of_an_upload_fails_it_with_the_server_s_words() {
    for versions in BOTH {
        for (reply, kind, code) in [
            ("552 Full.", ErrorKind::CommandFailed, 552),
            ("226 Done.", ErrorKind::Tls, 226),
        ] {
            let (mut stage, client) = Stage::of(versions).await;
            let serve = async |stage: &mut Stage, mut data: Peer| {
                data.read_record().await.unwrap();
                data.send_alert(Level::Fatal, AlertDescription::InternalError)
                    .await
                    .unwrap();
                let end = data.read_to_end().await.unwrap_err();
                assert_eq!(end.kind(), std::io::ErrorKind::ConnectionReset);
                stage.say(reply).await;
            };
            let error = stage
                .upload(&client, &content(1_000_000), serve)
                .await
                .unwrap_err();
            assert_eq!(error.kind(), kind, "{error}");
            assert_eq!(error.code().unwrap(), code, "{error}");
            stage.goes_on(&client).await;
        }
    }
}

#[tokio::test]
async fn an_alert_in_the_middle_of_a_download_fails_it_with_the_server_s_words() {
    for versions in BOTH {
        for (reply, kind, code) in [
            ("451 Disk on fire.", ErrorKind::CommandFailed, 451),
            ("226 Done.", ErrorKind::Tls, 226),
        ] {
            let (mut stage, client) = Stage::of(versions).await;
            let serve = async |stage: &mut Stage, mut data: Peer| {
                data.send_data(b"harbour").await.unwrap();
                // RFC 8446 §6: in TLS 1.3 its level makes an alert no better.
                let level = if data.is_tls13() {
                    Level::Warning
                } else {
                    Level::Fatal
                };
                data.send_alert(level, AlertDescription::InternalError)
                    .await
                    .unwrap();
                data.close_notify().await.unwrap();
                stage.say(reply).await;
            };
            let size = RetrieveOptions::default().expected_size(7);
            let (bytes, end) = stage.download(&client, size, serve).await;
            assert_eq!(bytes, b"harbour");
            let error = end.unwrap_err();
            assert_eq!(error.kind(), kind, "{error}");
            assert_eq!(error.code().unwrap(), code, "{error}");
            stage.goes_on(&client).await;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_upload_whose_last_bytes_are_not_taken_hears_the_server_all_the_same() {
    for versions in BOTH {
        for length in [20_000, 200_000] {
            // So little fits into the connection that the last records wait, while the server takes none.
            let net = Memory::with_buffer(8 * 1024);
            let config = implicit(trusting());
            let (mut stage, client) = Stage::on(net, speaking(versions), &config).await;
            let mut open = None;
            let serve = async |stage: &mut Stage, data: Peer| {
                tokio::time::sleep(Duration::from_secs(1)).await;
                stage.say("552 Full.").await;
                open = Some(data);
            };
            let error = stage
                .upload(&client, &content(length), serve)
                .await
                .unwrap_err();
            assert_eq!(error.code().unwrap(), 552, "{error}");
            stage.goes_on(&client).await;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_upload_whose_last_bytes_are_not_taken_ends_with_the_stall_limit() {
    for versions in BOTH {
        let net = Memory::with_buffer(8 * 1024);
        let config = implicit(trusting()).stall_timeout(Duration::from_secs(30));
        let (mut stage, client) = Stage::on(net, speaking(versions), &config).await;
        let mut open = None;
        let serve = async |_: &mut Stage, data: Peer| open = Some(data);
        let error = stage
            .upload(&client, &content(20_000), serve)
            .await
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Timeout, "{error}");
        let end = open.unwrap().read_to_end().await.unwrap_err();
        assert_eq!(end.kind(), std::io::ErrorKind::ConnectionReset);
    }
}

#[tokio::test]
async fn the_control_connection_s_end_is_clean_behind_221_only() {
    for versions in BOTH {
        for notify in [false, true] {
            let (mut stage, client) = Stage::of(versions).await;
            let serve = async {
                stage.answer("QUIT", "221 Fair winds.").await;
                if notify {
                    stage.control.close_notify().await.unwrap();
                }
                let (rest, end) = stage.control.read_to_end().await.unwrap();
                assert_eq!((rest, end), (Vec::new(), ENDED));
            };
            tokio::join!(client.quit(), serve).0.unwrap();

            let (mut stage, client) = Stage::of(versions).await;
            if notify {
                stage.control.close_notify().await.unwrap();
            }
            drop(stage);
            assert_eq!(client.closed().await.kind(), ErrorKind::ConnectionLost);
        }
    }
}
