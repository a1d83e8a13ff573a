//! Refusals of LIST and NLST that may mean an empty directory.

use crate::error::Error;

/// What servers say of a directory without files: `550 No files found`, `550 Directory is empty`, Pure-FTPd
/// counts `0 matches`, and MVS has `550 No data sets found` and `550 No members found`.
const NOTHING: [&str; 7] = [
    "no files",
    "no match",
    "0 matches",
    "empty",
    "no members",
    "no data sets",
    "nothing",
];

/// What they say of one as if it were missing: ProFTPD and GNU inetutils of its NLST, others have
/// `550 File not found`.
const MISSING: [&str; 3] = ["no such file", "no such directory", "not found"];

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
    let is_missing =
        || says(&MISSING) && !names_another(&text, refusal.command().unwrap_or_default());
    matches!(reply.code().get(), 450 | 550) && !says(&SOMETHING) && (says(&NOTHING) || is_missing())
}

/// Whether a refusal begins with the name of something that was not to be listed. Twisted refuses to list a
/// directory with a link in it that leads nowhere, and says of the link that there is no such file.
fn names_another(text: &str, command: &str) -> bool {
    let Some((named, _)) = text.split_once(": ") else {
        return false;
    };
    let (_, argument) = command.split_once(' ').unwrap_or_default();
    let path = match argument.strip_prefix('-') {
        Some(options) => options.split_once(' ').unwrap_or_default().1,
        None => argument,
    };
    let path = path.trim_end_matches('/').to_ascii_lowercase();
    let asked = path.rsplit('/').next().unwrap_or_default();
    let leads_elsewhere = matches!(asked, ".." | "~") && named.starts_with('/');
    if leads_elsewhere || named.trim_matches(['.', '/', '*']).is_empty() {
        return false;
    }
    // Twisted writes a path as `['pub', 'sub']`.
    let named = named.trim_end_matches([']', ')', '\'', '"', '/', '*']);
    let above = named.strip_suffix(asked).filter(|_| !asked.is_empty());
    !above.is_some_and(|above| {
        above.is_empty() || above.ends_with([' ', '/', '\\', '\'', '"', '[', '('])
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reply::tests::reply;

    fn may_of(command: &str, line: &str) -> bool {
        let reply = reply(format!("{line}\r\n").as_bytes());
        may_mean_nothing(&Error::from_reply(reply, command))
    }

    fn may(line: &str) -> bool {
        may_of("LIST", line)
    }

    #[test]
    fn what_is_missing_has_to_be_what_was_asked_for() {
        for (command, named) in [
            ("LIST", "*.*"),
            ("LIST -a", "./"),
            ("LIST pub", "pub"),
            ("LIST -a Pub/", "Pub"),
            ("LIST a/pub", "/srv/a/pub"),
            ("LIST a/pub", "['a', 'pub']"),
            ("LIST pub", "pub/*"),
            ("NLST *.txt", "*.txt"),
            ("LIST ./-rf", "./-rf"),
            ("NLST two words", "\"two words\""),
            ("LIST ..", "/home"),
        ] {
            let line = format!("550 {named}: No such file or directory");
            assert!(may_of(command, &line), "{command}: {line}");
        }
        for (command, named) in [
            ("LIST", "broken"),
            ("LIST", "/home/ship/broken"),
            ("LIST", "a/"),
            ("LIST .", "./broken"),
            ("LIST -a", "two words"),
            ("LIST pub", "broken"),
            ("LIST pub", "notpub"),
            ("LIST pub", "pub/broken"),
            ("LIST ..", "broken"),
        ] {
            let line = format!("550 {named}: No such file or directory");
            assert!(!may_of(command, &line), "{command}: {line}");
        }
    }

    #[test]
    fn what_servers_say_of_an_empty_directory_may_mean_one() {
        for line in [
            "550 No files found.",
            "550 No Files Found",
            "450 No files found",
            "450 *: No such file or directory",
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
