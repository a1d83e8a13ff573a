//! The ten invariants of a session, under whatever callers, a server, data connections and a clock may
//! do in whatever order. A failing run prints its plan, which is all there is to it.
//!
//! 1. Wire order is call order, and nothing of another operation comes between an operation's commands.
//! 2. No more commands are unanswered than the window allows.
//! 3. Every operation has exactly one result, and every aborted transfer settles exactly once.
//! 4. After the end no byte is written.
//! 5. No data connection outlives its operation, unless it was handed out as a stream.
//! 6. A transfer goes well exactly if its data ended cleanly and its final reply is a 2yz, which for an
//!    upload comes after its last byte.
//! 7. Reply *k* answers command *k*, however the bytes are cut.
//! 8. Nothing is sent between the wish for a handshake and its end, nothing but AUTH ahead of one that is
//!    required, and no secret in clear text unless that is allowed.
//! 9. A transfer begins on an encrypted data connection exactly if that was agreed on.
//! 10. A listing that has no data connection is empty only if its directory was seen to be there.

use proptest::prelude::*;
use proptest::test_runner::Config;

use model::World;
use model::plan::plan;

mod model;

/// As many runs as CI has time for; `PROPTEST_CASES` asks for more.
fn config() -> Config {
    let config = Config::default();
    Config {
        cases: config.cases.max(3_000),
        failure_persistence: None,
        ..config
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn the_invariants_hold_with_a_server_that_keeps_to_the_protocol(plan in plan()) {
        World::new(plan, true).run();
    }

    #[test]
    fn a_server_that_raves_breaks_no_promise_to_the_caller(plan in plan()) {
        World::new(plan, false).run();
    }
}
