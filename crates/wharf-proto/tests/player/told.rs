//! What a session tells its callers, in one line each.

use wharf_proto::error::{Error, ErrorKind};
use wharf_proto::op::{Event, Listed, Outcome};
use wharf_proto::reply::Reply;

pub(super) fn event(event: &Event) -> String {
    match event {
        Event::Started {
            listed: Some(listed),
            ..
        } => format!("started {}", by(listed)),
        Event::Started { listed: None, .. } => "started".to_owned(),
        Event::Finished(Ok(outcome)) => self::outcome(outcome),
        Event::Finished(Err(error)) => format!("failed {}", self::error(error)),
        Event::Settled(Ok(())) => "settled".to_owned(),
        Event::Settled(Err(error)) => format!("settled failed {}", self::error(error)),
        event => panic!("an event this player does not know: {event:?}"),
    }
}

/// An error's kind, its code, whether its command never left, and the cause of a loss.
pub(super) fn error(error: &Error) -> String {
    let mut text = format!("{:?}", error.kind());
    if let Some(code) = error.code() {
        text = format!("{text} {code}");
    }
    if error.command().is_some() && !error.was_sent() {
        text += " unsent";
    }
    if error.kind() == ErrorKind::ConnectionLost && error.root().kind() != ErrorKind::ConnectionLost
    {
        text = format!("{text} because {}", self::error(error.root()));
    }
    text
}

fn outcome(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Reply(reply) => lines(&[reply]),
        Outcome::Renamed(from, to) => lines(&[from, to]),
        Outcome::Transferred(completion) => {
            let mut replies: Vec<&Reply> = completion.setup.iter().collect();
            replies.push(&completion.reply);
            lines(&replies)
        }
        Outcome::Empty { listed, completion } => {
            format!("empty {} {}", by(listed), lines(&[&completion.reply]))
        }
        outcome => panic!("an outcome this player does not know: {outcome:?}"),
    }
}

/// What was chosen of a listing.
fn by(listed: &Listed) -> String {
    let hides = if listed.may_hide {
        " that may hide"
    } else {
        ""
    };
    format!("by {}{hides}", listed.command.verb())
}

fn lines(replies: &[&Reply]) -> String {
    let lines: Vec<String> = replies
        .iter()
        .flat_map(|reply| reply.lines())
        .map(|line| String::from_utf8_lossy(line).into_owned())
        .collect();
    lines.join(" | ")
}
