//! Several commands in flight: the window, the order of the replies, and where it stops.

use wharf_proto::error::{Error, ErrorKind};
use wharf_proto::op::{Credentials, DataMode, Direction, Login, Op, OpId, Simple, Transfer};

use common::{Bench, command};

mod common;

const FILES: [&str; 12] = [
    "NOOP", "SIZE b", "MDTM c", "NOOP", "SIZE e", "MDTM f", "NOOP", "SIZE h", "MDTM i", "NOOP",
    "SIZE k", "MDTM l",
];

#[test]
fn at_window_one_each_command_waits_for_the_reply_to_the_one_before() {
    for window in [0, 1] {
        let mut bench = Bench::new(window);
        for line in FILES {
            bench.call(line);
        }
        for line in FILES {
            assert_eq!(bench.sent(), [line], "window {window}");
            bench.say("200 ok");
        }
        assert_eq!(bench.results.len(), FILES.len());
    }
}

#[test]
fn at_window_eight_eight_commands_leave_together_and_each_reply_lets_one_more_go() {
    let mut bench = Bench::new(8);
    for line in FILES {
        bench.call(line);
    }
    assert_eq!(bench.sent(), FILES[..8]);
    for line in &FILES[8..] {
        bench.say("200 ok");
        assert_eq!(bench.sent(), [*line]);
    }
    bench.say(&"200 ok\n".repeat(8));
    assert_eq!(bench.results.len(), FILES.len());
    assert!(bench.sent().is_empty());
}

#[test]
fn replies_in_one_segment_let_as_many_commands_go() {
    let mut bench = Bench::new(4);
    for line in FILES {
        bench.call(line);
    }
    assert_eq!(bench.sent(), FILES[..4]);
    bench.say("200 a\n200 b\n200 c");
    assert_eq!(bench.sent(), FILES[4..7]);
}

#[test]
fn reply_k_answers_command_k_also_with_failures_in_between() {
    let mut bench = Bench::new(8);
    let ids: Vec<_> = FILES[..8].iter().map(|line| bench.call(line)).collect();
    bench.say(
        "200 first\n550 second\n150 a mark of the third\n213 third\n450 fourth\n\
         213-fifth has\n550 lines\n213 fifth\n600 sixth\n200 seventh\n331 eighth",
    );
    assert_eq!(bench.order(), ids);
    assert_eq!(
        bench.told(),
        [
            "first",
            "CommandFailed 550",
            "third",
            "CommandFailed 450",
            "fifth",
            "BadResponse 600",
            "seventh",
            "eighth"
        ]
    );
    for (n, (_, result)) in bench.results.iter().enumerate() {
        if let Err(error) = result {
            assert_eq!(
                error.command(),
                Some(FILES[n]),
                "named by the wrong command"
            );
        }
    }
}

#[test]
fn what_is_behind_a_barrier_waits_for_its_reply() {
    for barrier in [
        "USER u", "PASS p", "ACCT a", "REIN", "RNFR a", "ABOR", "pass p",
    ] {
        let mut bench = Bench::new(8);
        bench.call("NOOP 1");
        bench.call(barrier);
        bench.call("NOOP 2");
        assert_eq!(
            bench.sent(),
            ["NOOP 1"],
            "{barrier} waits for what is before it"
        );
        bench.say("200 ok");
        assert_eq!(bench.sent(), [barrier]);
        bench.say("150 soon");
        assert!(bench.sent().is_empty(), "{barrier} was only marked");
        bench.say("250 ok");
        assert_eq!(bench.sent(), ["NOOP 2"]);
    }
}

#[test]
fn nothing_is_sent_behind_quit() {
    let mut bench = Bench::new(8);
    bench.call("QUIT");
    bench.call("NOOP");
    assert_eq!(bench.sent(), ["QUIT"]);
    bench.say("221 bye");
    assert!(bench.sent().is_empty());
    assert_eq!(bench.told(), ["bye", "ConnectionLost"]);
}

#[test]
fn a_rename_runs_alone() {
    let mut bench = Bench::new(8);
    bench.call("NOOP 1");
    bench.rename();
    bench.call("NOOP 2");
    assert_eq!(bench.sent(), ["NOOP 1"]);
    bench.say("200 ok");
    assert_eq!(bench.sent(), ["RNFR a"]);
    bench.say("350 from");
    assert_eq!(bench.sent(), ["RNTO b"]);
    bench.say("250 to");
    assert_eq!(bench.sent(), ["NOOP 2"]);
    assert_eq!(bench.told(), ["ok", "from+to"]);
}

#[test]
fn a_transfer_runs_alone() {
    let mut bench = Bench::new(8);
    bench.call("NOOP 1");
    let retr = Transfer::new(Direction::Download, DataMode::default(), command("RETR a"));
    bench.submit(Op::Transfer(Box::new(retr)));
    bench.call("NOOP 2");
    assert_eq!(bench.sent(), ["NOOP 1"]);
    bench.say("200 ok");
    assert_eq!(bench.sent(), ["EPSV"]);
    bench.say("450 not now");
    assert_eq!(bench.sent(), ["NOOP 2"]);
}

#[test]
fn a_login_runs_alone() {
    let mut bench = Bench::new(8);
    bench.call("NOOP 1");
    let login = Login::again(Credentials::new(b"u", None).expect("a name"));
    bench.submit(Op::Login(login));
    bench.call("NOOP 2");
    assert_eq!(bench.sent(), ["NOOP 1"]);
    bench.say("200 ok");
    assert_eq!(bench.sent(), ["USER u"]);
    bench.say("230 in");
    assert_eq!(bench.sent(), ["TYPE I"]);
    bench.say("200 I");
    assert_eq!(bench.sent(), ["NOOP 2"]);
}

#[test]
fn a_command_with_an_older_name_keeps_its_place() {
    let mut bench = Bench::new(8);
    let mkd = Simple::with_fallback(command("MKD a"), command("XMKD a"));
    bench.submit(Op::Simple(mkd));
    bench.call("NOOP");
    assert_eq!(bench.sent(), ["MKD a"]);
    bench.say("500 unknown");
    assert_eq!(bench.sent(), ["XMKD a", "NOOP"]);
    bench.say("257 made\n200 ok");
    assert_eq!(bench.told(), ["made", "ok"]);
}

#[test]
fn a_421_in_the_middle_fails_its_command_with_it_and_the_rest_because_of_it() {
    let mut bench = Bench::new(4);
    for line in &FILES[..6] {
        bench.call(line);
    }
    assert_eq!(bench.sent(), FILES[..4]);
    bench.say("200 first");
    bench.say("421 closing\n200 not any more");
    assert_eq!(
        bench.told(),
        [
            "first",
            "CommandFailed 421",
            "ConnectionLost",
            "ConnectionLost",
            "ConnectionLost",
            "ConnectionLost"
        ]
    );
    let sent: Vec<bool> = bench.results[1..]
        .iter()
        .map(|(_, result)| result.as_ref().expect_err("lost").was_sent())
        .collect();
    assert_eq!(sent, [true, true, true, true, false]);
    for (_, result) in &bench.results[2..] {
        let error = result.as_ref().expect_err("lost");
        assert_eq!(error.root().code().expect("the server's word"), 421);
    }
    assert_eq!(bench.sent(), FILES[4..5], "nothing behind the 421");
}

#[test]
fn what_was_about_to_be_written_when_the_end_came_no_longer_is() {
    let mut bench = Bench::new(1);
    bench.call("NOOP 1");
    bench.call("NOOP 2");
    assert_eq!(bench.sent(), ["NOOP 1"]);
    bench.say("200 first\n421 closing");
    assert!(bench.sent().is_empty());
    assert_eq!(bench.told(), ["first", "CommandFailed 421"]);

    let mut bench = Bench::new(1);
    let noop = Op::Simple(Simple::new(command("NOOP")));
    bench.session.submit(OpId::new(1), noop, bench.now);
    let cause = Error::new(ErrorKind::Io, "the caller's own trouble");
    bench.session.fail(cause);
    bench.end();
    assert!(bench.sent().is_empty());
    assert_eq!(bench.told(), ["ConnectionLost"]);
}

#[test]
fn a_loss_in_the_middle_answers_every_command_once_and_in_order() {
    let mut bench = Bench::new(4);
    let ids: Vec<_> = FILES[..6].iter().map(|line| bench.call(line)).collect();
    bench.say("200 first");
    assert_eq!(bench.sent(), FILES[..5]);
    bench.end();
    assert_eq!(bench.order(), ids);
    let sent: Vec<bool> = bench.results[1..]
        .iter()
        .map(|(_, result)| {
            let error = result.as_ref().expect_err("lost");
            assert_eq!(error.kind(), ErrorKind::ConnectionLost);
            error.was_sent()
        })
        .collect();
    assert_eq!(sent, [true, true, true, true, false]);
}

#[test]
fn one_reply_too_many_closes_the_connection() {
    let mut bench = Bench::new(8);
    bench.call("NOOP");
    bench.call("NOOP");
    bench.say("200 one\n200 two\n200 three");
    assert_eq!(bench.told(), ["one", "two"]);
    let cause = bench.closed.expect("nobody knows whose reply that was");
    assert_eq!(cause.kind(), ErrorKind::UnexpectedResponse);
}

#[test]
fn a_withdrawn_command_in_the_queue_leaves_the_order_of_the_others() {
    let mut bench = Bench::new(2);
    let ids: Vec<_> = FILES[..5].iter().map(|line| bench.call(line)).collect();
    bench.session.withdraw(ids[3]);
    bench.say("200 1\n200 2\n200 3\n200 5");
    let mut answered = bench.order();
    answered.retain(|id| *id != ids[3]);
    assert_eq!(answered, [ids[0], ids[1], ids[2], ids[4]]);
    let told = bench.told();
    assert_eq!(told.iter().filter(|it| *it == "Withdrawn").count(), 1);
    assert_eq!(bench.sent(), ["NOOP", "SIZE b", "MDTM c", "SIZE e"]);
}
