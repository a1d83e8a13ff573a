//! Refusals of LIST and NLST that may mean an empty directory.

use crate::error::Error;

/// What servers say of a directory without files: ProFTPD and GNU inetutils refuse its NLST as if it were
/// missing, others have `550 No files found` or `550 File not found`, Pure-FTPd counts `0 matches`, and
/// MVS has `550 No data sets found` and `550 No members found`.
const NOTHING: [&str; 10] = [
    "no files",
    "no such file",
    "no such directory",
    "not found",
    "no match",
    "0 matches",
    "empty",
    "no members",
    "no data sets",
    "nothing",
];

/// What none of them says: that something is there, and that we may not see it.
const SOMETHING: [&str; 5] = [
    "permission",
    "denied",
    "access",
    "not permitted",
    "not a directory",
];

/// Whether a refusal of LIST or NLST may mean that there is nothing to list. The same words are said of a
/// directory that does not exist, so they are never enough: [`Presence`](crate::op::Presence) finds out.
///
/// # Examples
///
/// ```
/// use wharf_proto::error::Error;
/// use wharf_proto::op::may_mean_nothing;
/// use wharf_proto::reply::{Code, Message, Reply};
///
/// let refused = |line: &'static str| {
///     let lines = vec![line.into()];
///     let code = Code::new(550).unwrap();
///     Error::from_reply(Reply::new(Vec::new(), Message { code, lines }), "LIST pub")
/// };
/// assert!(may_mean_nothing(&refused("550 No files found")));
/// assert!(!may_mean_nothing(&refused("550 Permission denied")));
/// ```
pub fn may_mean_nothing(refusal: &Error) -> bool {
    let Some(reply) = refusal.reply() else {
        return false;
    };
    let text = reply.text().to_ascii_lowercase();
    let says = |words: &[&str]| words.iter().any(|words| text.contains(words));
    matches!(reply.code().get(), 450 | 550) && says(&NOTHING) && !says(&SOMETHING)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reply::tests::reply;

    fn may(line: &str) -> bool {
        may_mean_nothing(&Error::from_reply(
            reply(format!("{line}\r\n").as_bytes()),
            "LIST",
        ))
    }

    #[test]
    fn what_servers_say_of_an_empty_directory_may_mean_one() {
        for line in [
            "550 No files found.",
            "550 No Files Found",
            "450 No files found",
            "450 *.txt: No such file or directory",
            "550 File not found",
            "550 No members found.",
            "550 No data sets found",
            "550 Directory is empty.",
        ] {
            assert!(may(line), "{line}");
        }
    }

    #[test]
    fn what_is_said_of_something_that_is_there_does_not() {
        for line in [
            "550 Permission denied",
            "550 No files found: access denied",
            "550 empty: Not a directory",
            "550 Failed",
            "451 No files found",
            "530 No files found",
            "226 No files found",
        ] {
            assert!(!may(line), "{line}");
        }
    }
}
