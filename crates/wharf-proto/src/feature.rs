//! What a server says it can do (`FEAT`, RFC 2389).
//!
//! A hint and no more: aioftp has no FEAT and does MLSD, ftp-srv does EPSV and does not list it,
//! Pure-FTPd lists AUTH TLS with TLS switched off. What a command is answered with is the truth.

use crate::reply::Reply;
use crate::text::Encoding;

/// The features in a reply to `FEAT`.
///
/// # Examples
///
/// ```
/// use wharf_proto::feature::Features;
/// use wharf_proto::reply::{Code, Message, Reply};
///
/// let lines = ["211-Features:", " MDTM", " REST STREAM", " MLST type*;size*;perm;", "211 End"];
/// let lines = lines.iter().map(|line| (*line).into()).collect();
/// let reply = Reply::new(Vec::new(), Message { code: Code::new(211).unwrap(), lines });
///
/// let features = Features::parse(&reply);
/// assert!(features.has("mdtm") && features.rest_stream() && features.supports_mlst());
/// assert_eq!(features.parameters("MLST"), Some("type*;size*;perm;"));
/// assert_eq!(features.mlst_facts().next(), Some(("type", true)));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Features {
    entries: Vec<(String, String)>,
}

impl Features {
    /// Reads a reply to `FEAT`. One without a 211, and one of a single line, has no features.
    ///
    /// Between the first line and the last, which are prose, each line is one feature, whether the
    /// server puts the blank before it that RFC 2389 asks for, `211-`, a tab or nothing.
    pub fn parse(reply: &Reply) -> Self {
        let lines = match reply.final_lines() {
            [_, features @ .., _] if reply.code() == 211 => features,
            _ => &[],
        };
        let entries = lines.iter().filter_map(|line| {
            let line = line.strip_prefix(b"211-").unwrap_or(line);
            let line = Encoding::Utf8.decode(line);
            let mut words = line.trim().splitn(2, char::is_whitespace);
            let name = words.next().filter(|name| !name.is_empty())?;
            let parameters = words.next().unwrap_or_default().trim_start();
            Some((name.to_ascii_uppercase(), parameters.to_owned()))
        });
        Self {
            entries: entries.collect(),
        }
    }

    /// Whether a feature is listed; case does not matter.
    pub fn has(&self, name: &str) -> bool {
        self.parameters(name).is_some()
    }

    /// What is listed behind a feature, empty if nothing is; `None` if the feature is not listed.
    /// Of several lines for one feature this is the first.
    pub fn parameters(&self, name: &str) -> Option<&str> {
        self.all(name).next()
    }

    /// `MLSD` and `MLST` (RFC 3659 §7). The RFC has `MLST` stand for both.
    pub fn supports_mlst(&self) -> bool {
        self.has("MLST") || self.has("MLSD")
    }

    /// Paths in UTF-8 (RFC 2640).
    pub fn supports_utf8(&self) -> bool {
        self.has("UTF8")
    }

    /// `EPSV` (RFC 2428). Most servers that lack the line have the command.
    pub fn supports_epsv(&self) -> bool {
        self.has("EPSV")
    }

    /// `EPRT` (RFC 2428).
    pub fn supports_eprt(&self) -> bool {
        self.has("EPRT")
    }

    /// `REST` in stream mode (RFC 3659 §5).
    pub fn rest_stream(&self) -> bool {
        self.all("REST")
            .flat_map(words)
            .any(|word| word.eq_ignore_ascii_case("STREAM"))
    }

    /// `AUTH TLS` (RFC 4217), however the mechanisms are listed: a line each, or one line with
    /// semicolons.
    pub fn supports_auth_tls(&self) -> bool {
        self.all("AUTH")
            .flat_map(words)
            .any(|word| word.eq_ignore_ascii_case("TLS"))
    }

    /// The facts that `MLST` can give, and whether each is given now (RFC 3659 §7.8).
    pub fn mlst_facts(&self) -> impl Iterator<Item = (&str, bool)> {
        self.marked("MLST")
    }

    /// The algorithms that `HASH` can use, and whether each is the one in use
    /// (draft-bryan-ftpext-hash).
    pub fn hash_algorithms(&self) -> impl Iterator<Item = (&str, bool)> {
        self.marked("HASH")
    }

    /// All features in the server's order: the name in upper case, and its parameters.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.entries
            .iter()
            .map(|(name, parameters)| (name.as_str(), parameters.as_str()))
    }

    fn all<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a str> {
        self.iter()
            .filter(move |(own, _)| own.eq_ignore_ascii_case(name))
            .map(|(_, parameters)| parameters)
    }

    /// The words of a list in which `*` marks what is chosen.
    fn marked<'a>(&'a self, name: &str) -> impl Iterator<Item = (&'a str, bool)> {
        self.parameters(name)
            .into_iter()
            .flat_map(words)
            .map(|word| {
                word.strip_suffix('*')
                    .map_or((word, false), |word| (word, true))
            })
    }
}

fn words(list: &str) -> impl Iterator<Item = &str> {
    list.split([';', ',', ' '])
        .map(str::trim)
        .filter(|word| !word.is_empty())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::reply::tests::reply;

    fn features(lines: &str) -> Features {
        Features::parse(&reply(
            format!("211-Features:\r\n{lines}211 End\r\n").as_bytes(),
        ))
    }

    #[test]
    fn s5_indented_lines_are_features() {
        let features = features(" EPRT\r\n EPSV\r\n REST STREAM\r\n UTF8\r\n");
        let names: Vec<_> = features.iter().collect();
        assert_eq!(
            names,
            [("EPRT", ""), ("EPSV", ""), ("REST", "STREAM"), ("UTF8", "")]
        );
        assert!(features.supports_epsv() && features.supports_eprt() && features.supports_utf8());
        assert!(features.rest_stream() && !features.supports_mlst());
    }

    #[test]
    fn prefixed_tabbed_unindented_and_mixed_case_lines_are_features_too() {
        let features = features("211-MDTM\r\n211- SIZE\r\n\tRest\tStream \r\nUtf8\r\n\r\n211-\r\n");
        let names: Vec<_> = features.iter().collect();
        assert_eq!(
            names,
            [("MDTM", ""), ("SIZE", ""), ("REST", "Stream"), ("UTF8", "")]
        );
        assert!(features.rest_stream() && features.has("mDtM"));
        assert_eq!(features.parameters("MODE"), None);
    }

    #[test]
    fn a_refusal_or_a_single_line_has_no_features() {
        for wire in [
            "502 EPSV\r\n",
            "211 no features\r\n",
            "500-a\r\n EPSV\r\n500 b\r\n",
        ] {
            assert_eq!(
                Features::parse(&reply(wire.as_bytes())),
                Features::default(),
                "{wire}"
            );
        }
        assert_eq!(features("").iter().count(), 0);
    }

    #[test]
    fn proftpds_lists_tell_what_is_chosen() {
        let features = features(
            " HASH CRC32;MD5;SHA-1*;SHA-256;\r\n MLST modify*;perm*;UNIX.group;\r\n MODE Z\r\n",
        );
        let hashes: Vec<_> = features.hash_algorithms().collect();
        assert_eq!(
            hashes,
            [
                ("CRC32", false),
                ("MD5", false),
                ("SHA-1", true),
                ("SHA-256", false)
            ]
        );
        let facts: Vec<_> = features.mlst_facts().collect();
        assert_eq!(
            facts,
            [("modify", true), ("perm", true), ("UNIX.group", false)]
        );
        assert_eq!(features.parameters("mode"), Some("Z"));
    }

    #[test]
    fn auth_tls_is_found_in_either_form() {
        assert!(features(" AUTH SSL\r\n AUTH TLS\r\n").supports_auth_tls());
        assert!(features(" AUTH SSL;TLS;\r\n").supports_auth_tls());
        assert!(!features(" AUTH TLS-C;SSL\r\n").supports_auth_tls());
        assert!(!features(" PBSZ\r\n").supports_auth_tls());
    }

    #[test]
    fn mlsd_alone_stands_for_both() {
        assert!(features(" MLSD\r\n").supports_mlst());
    }

    proptest! {
        #[test]
        fn no_line_panics_and_every_name_is_found_again(line in "[^\r\n]{0,20}") {
            prop_assume!(!line.starts_with("211"));
            let features = features(&format!("{line}\r\n"));
            for (name, parameters) in features.iter() {
                prop_assert_eq!(features.parameters(name), Some(parameters));
            }
        }
    }
}
