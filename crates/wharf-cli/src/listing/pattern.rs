//! Patterns for names, as shells have them.

/// `*` for any characters, `?` for one, `[a-z]` and `[!a-z]` for one of a set; `\` takes the character
/// behind it as it is. A slash is a character like others, as in `find -path`.
///
/// Matching takes no more than the product of the two lengths, whatever name a server makes up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pattern {
    pieces: Vec<Piece>,
    any_case: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Many,
    One,
    Exactly(char),
    Set {
        ranges: Vec<(char, char)>,
        inverted: bool,
    },
}

impl Pattern {
    /// Reads a pattern. A `[` without its `]` stands for itself.
    pub(crate) fn new(text: &str) -> Self {
        let characters: Vec<char> = text.chars().collect();
        let mut pieces = Vec::new();
        let mut rest = characters.as_slice();
        while let [first, behind @ ..] = rest {
            rest = behind;
            let piece = match first {
                '*' => Piece::Many,
                '?' => Piece::One,
                '[' => match set(behind) {
                    Some((set, behind)) => {
                        rest = behind;
                        set
                    }
                    None => Piece::Exactly('['),
                },
                '\\' if !behind.is_empty() => {
                    rest = &behind[1..];
                    Piece::Exactly(behind[0])
                }
                character => Piece::Exactly(*character),
            };
            pieces.push(piece);
        }
        Self {
            pieces,
            any_case: false,
        }
    }

    /// The same pattern, for which upper and lower case are the same.
    #[must_use]
    pub(crate) fn in_any_case(self) -> Self {
        Self {
            any_case: true,
            ..self
        }
    }

    /// Whether the whole of a text is like this.
    pub(crate) fn matches(&self, text: &str) -> bool {
        let text: Vec<char> = text.chars().collect();
        let (mut piece, mut at) = (0, 0);
        // Behind the last `*`: the piece, and where in the text it was tried last. Taking one more
        // character into that `*` is the only thing to go back for.
        let mut last_many = None;
        loop {
            match (self.pieces.get(piece), text.get(at)) {
                (None, None) => return true,
                (Some(Piece::Many), _) => {
                    piece += 1;
                    last_many = Some((piece, at));
                }
                (Some(one), Some(&character)) if self.is(one, character) => {
                    piece += 1;
                    at += 1;
                }
                _ => match &mut last_many {
                    Some((behind, tried)) if *tried < text.len() => {
                        *tried += 1;
                        (piece, at) = (*behind, *tried);
                    }
                    _ => return false,
                },
            }
        }
    }

    fn is(&self, piece: &Piece, character: char) -> bool {
        if piece.takes(character) {
            return true;
        }
        // A set that excludes a letter excludes it in both cases.
        let inverted = matches!(piece, Piece::Set { inverted: true, .. });
        let other_case = |other: char| other != character && piece.takes(other);
        self.any_case
            && !inverted
            && (single(character.to_lowercase()).is_some_and(other_case)
                || single(character.to_uppercase()).is_some_and(other_case))
    }
}

impl Piece {
    fn takes(&self, character: char) -> bool {
        match self {
            Self::Many => false,
            Self::One => true,
            Self::Exactly(wanted) => *wanted == character,
            Self::Set { ranges, inverted } => {
                let is_in = |&(first, last): &(char, char)| (first..=last).contains(&character);
                ranges.iter().any(is_in) != *inverted
            }
        }
    }
}

/// The one character of a change of case; none where it makes several of one.
fn single(mut changed: impl Iterator<Item = char>) -> Option<char> {
    let first = changed.next()?;
    changed.next().is_none().then_some(first)
}

/// A set, from behind its `[`, and what follows its `]`.
fn set(text: &[char]) -> Option<(Piece, &[char])> {
    let (inverted, mut rest) = match text {
        ['!' | '^', rest @ ..] => (true, rest),
        rest => (false, rest),
    };
    let mut ranges = Vec::new();
    loop {
        rest = match rest {
            // The first character is one of the set, even if it is a bracket.
            [']', rest @ ..] if !ranges.is_empty() => {
                return Some((Piece::Set { ranges, inverted }, rest));
            }
            [first, '-', last, rest @ ..] if *last != ']' => {
                ranges.push((*first, *last));
                rest
            }
            [one, rest @ ..] => {
                ranges.push((*one, *one));
                rest
            }
            [] => return None,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_what_shells_match() {
        for (pattern, yes, no) in [
            ("", "", "a"),
            ("*", "", "\0"),
            ("a.txt", "a.txt", "a-txt"),
            ("*.txt", ".txt", "a.txt2"),
            ("*.txt", "a.b.txt", "txt"),
            ("a*b*c", "aXbXbXc", "aXcXb"),
            ("?", "é", ""),
            ("a?c", "abc", "ac"),
            ("[a-cx]", "b", "d"),
            ("[!a-c]", "d", "b"),
            ("[^a-c]", "d", "b"),
            ("[]a]", "]", "b"),
            ("[!]a]", "b", "]"),
            ("[a-]", "-", "b"),
            ("[a", "[a", "a"),
            (r"\*", "*", "a"),
            (r"a\", r"a\", "a"),
            ("pub/*", "pub/a/b", "pubs/a"),
        ] {
            let matches = Pattern::new(pattern);
            assert!(matches.matches(yes), "{pattern} {yes}");
            assert!(pattern == "*" || !matches.matches(no), "{pattern} {no}");
        }
    }

    #[test]
    fn case_matters_unless_it_is_said_not_to() {
        assert!(!Pattern::new("É*[a-c]").matches("éXB"));
        let any = Pattern::new("É*[a-c]").in_any_case();
        assert!(any.matches("éXB") && any.matches("Éb") && !any.matches("ed"));
        assert!(!Pattern::new("ß").in_any_case().matches("s"));
    }

    #[test]
    fn a_hostile_name_takes_no_time() {
        let pattern = Pattern::new(&"*a".repeat(40));
        let name = "a".repeat(20_000) + "b";
        assert!(!pattern.matches(&name));
    }
}
