//! Conversations as text: what the server says and does, and what the client has to say in between.
//!
//! A transcript is a list of steps, one a line, carried out in order. Indentation, empty lines and
//! lines that begin with `#` mean nothing. Exactly one blank separates a marker from its text; the
//! rest of the line counts to its last byte. How the texts are written is told in
//! [`line`](crate::line).
//!
//! | line | the server … |
//! |---|---|
//! | `S: 220 ready` | sends the text and CRLF in one write |
//! | `S\| 150 o` | sends exactly these bytes: fragments, bare LF, several replies at once (`\r\n` between them) |
//! | `S\|* 1000 x` | sends them so many times; `forever` until the client hangs up |
//! | `C: USER anonymous` | waits for exactly this line, ended by CRLF |
//! | `C* RETR *` | waits for a line that fits |
//! | `C\| \xff\xf4ABOR\r\n` | waits for exactly these bytes, Telnet signals included, urgent ones in their place |
//! | `expect-nothing` | has not received a byte that no `C` step asked for |
//! | `eof` | waits for the end of the control connection, before which no byte comes |
//! | `close` | ends its side of the control connection, and goes on reading the other |
//! | `reset` | resets the control connection |
//! | `L` | opens a passive listener on the address the control connection uses; `L 127.0.0.2` on another |
//! | `L refused` | takes a port at which nobody listens, so that a dial is refused |
//! | `D+` | has the data connection: accepts it on the listener, or connects to where the client said it listens |
//! | `D+ from 127.0.0.9` | connects as a stranger, to where the client said it listens |
//! | `D+ refused` | is refused when it connects, since the client listens no more |
//! | `D-` | has a listener that nobody has dialled |
//! | `D> text`, `D>* 1000 x` | sends data; `forever` until the client hangs up |
//! | `D< text`, `D<* 1000 x` | receives exactly this data |
//! | `D<any` | receives whatever comes, to the end |
//! | `D<eof`, `D<reset`, `D<end` | sees the client end the data connection, before which no byte comes: by FIN, by RST, by either |
//! | `D.` | ends its side of the data connection (FIN), and can go on reading |
//! | `D..` | closes the whole data connection, so that what still arrives is answered by RST |
//! | `D!` | resets the data connection |
//! | `gate name` | waits until the test opens that gate |
//! | `note name` | tells the test that it came this far |
//! | `wait 30s` | waits so long by tokio's clock (`ms`, `s`, `m`); meant for a paused clock, or an argument |
//! | `login` | is short for the seven lines of [`Transcript::login`] |
//!
//! A digit after `L` or `D` names one of several data channels: `L2`, `D2+`, `D2> text`, `{pasv2}`.
//!
//! What happens after the last step is not judged: the connections stay as they are until the test
//! ends. A transcript whose client must say nothing more ends with `eof` or `expect-nothing`.
//!
//! ```
//! use wharf_testing::transcript::Transcript;
//!
//! let refused: Transcript = "
//!     login
//!     ## The client wants a data connection before it asks for the file.
//!     C: PASV
//!     L
//!     S: 227 Entering Passive Mode ({pasv}).
//!     C: RETR spam
//!     D+
//!     S: 550 spam: no such file
//!     D<eof
//! "
//! .parse()?;
//! assert_eq!(refused.steps.len(), 14);
//! # Ok::<(), wharf_testing::transcript::ParseError>(())
//! ```

use std::{error::Error, fmt, net::IpAddr, str::FromStr, time::Duration};

use crate::line::{Channel, Pattern, Template, escaped, unescape};

/// A conversation, as the steps a server takes in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Transcript {
    /// The steps, in the order in which they are taken.
    pub steps: Vec<Step>,
}

impl Transcript {
    /// Reads the text form that the [module](self) describes.
    ///
    /// # Errors
    ///
    /// [`ParseError`] with the first line that is no step.
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        let mut steps = Vec::new();
        for (at, line) in text.split('\n').enumerate() {
            let line = line.strip_suffix('\r').unwrap_or(line).trim_start();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            if line == "login" {
                steps.extend(Self::login().steps);
                continue;
            }
            steps.push(Step::parse(line).map_err(|reason| ParseError {
                line: at + 1,
                text: line.to_owned(),
                reason,
            })?);
        }
        Ok(Self { steps })
    }

    /// A greeting and an anonymous login: 220, `USER anonymous`, 331, `PASS` with anything, 230,
    /// `TYPE I`, 200.
    pub fn login() -> Self {
        let reply = |text: &str| Step::Reply(Template::literal(text));
        Self {
            steps: vec![
                reply("220 ready"),
                Step::Expect(Pattern::exact("USER anonymous")),
                reply("331 Guest login ok, send your address as password."),
                Step::Expect(Pattern::exact("PASS ").and_anything()),
                reply("230 Anonymous login ok."),
                Step::Expect(Pattern::exact("TYPE I")),
                reply("200 Type set to I."),
            ],
        }
    }

    /// This conversation, and then that one on the same connection.
    #[must_use]
    pub fn followed_by(mut self, next: Self) -> Self {
        self.steps.extend(next.steps);
        self
    }
}

impl FromStr for Transcript {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        Self::parse(text)
    }
}

impl TryFrom<&str> for Transcript {
    type Error = ParseError;

    fn try_from(text: &str) -> Result<Self, ParseError> {
        Self::parse(text)
    }
}

/// Writes the text form, which reads back as the same steps.
impl fmt::Display for Transcript {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.steps.iter().try_for_each(|step| writeln!(f, "{step}"))
    }
}

/// One thing that the server does, or waits for.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Step {
    /// `S:`: sends a line and its CRLF in one write.
    Reply(Template),
    /// `S|`: sends exactly these bytes, so many times.
    Raw(Template, Times),
    /// `C:` and `C*`: waits for a line that fits.
    Expect(Pattern),
    /// `C|`: waits for exactly these bytes.
    ExpectRaw(Vec<u8>),
    /// `expect-nothing`: no byte has come that no step asked for.
    ExpectNothing,
    /// `eof`: waits for the client to end the control connection, before which no byte comes.
    ExpectEof,
    /// `close`: ends the server's side of the control connection.
    Close,
    /// `reset`: resets the control connection.
    Reset,
    /// `L`: opens a passive listener.
    Listen {
        /// The data channel it is for.
        channel: Channel,
        /// Where, if not on the address the control connection uses.
        at: Option<IpAddr>,
        /// Takes a port and does not listen there, so that a dial is refused.
        refused: bool,
    },
    /// `D…`: something on a data connection.
    Data(Channel, DataStep),
    /// `gate`: waits until the test opens it.
    Gate(String),
    /// `note`: tells the test that the script came this far.
    Note(String),
    /// `wait`: lets this time pass.
    Wait(Duration),
}

/// What happens on a data connection.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DataStep {
    /// `D+`: accepts it on the listener, or connects to the client.
    Connect {
        /// Connects from this address instead of the control connection's.
        from: Option<IpAddr>,
    },
    /// `D+ refused`: the client listens no more.
    ConnectRefused,
    /// `D-`: nobody has dialled the listener.
    NotConnected,
    /// `D>`: sends these bytes, so many times.
    Send(Vec<u8>, Times),
    /// `D<`: receives exactly these bytes, so many times.
    Expect(Vec<u8>, u64),
    /// `D<any`: receives whatever comes, to the end.
    Discard,
    /// `D<eof`, `D<reset`, `D<end`: the client ends the connection, before which no byte comes.
    ExpectEnd(End),
    /// `D.`: ends the server's side.
    Finish,
    /// `D..`: closes both directions.
    Close,
    /// `D!`: resets the connection.
    Reset,
}

/// How often something is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Times {
    /// So many times.
    Exactly(u64),
    /// Until the other side takes no more, which the step waits for.
    Forever,
}

/// How the client ends a data connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// By FIN: to a server that is the end of a file.
    Eof,
    /// By RST: to a server that is a broken transfer.
    Reset,
    /// By either, where the kernel decides (a close over unread bytes is sent as RST).
    Either,
}

impl Step {
    fn parse(line: &str) -> Result<Self, String> {
        let (marker, text) = line.split_once(' ').unwrap_or((line, ""));
        Ok(match marker {
            "S:" => Self::Reply(Template::parse(text)?),
            "S|" => Self::Raw(Template::parse(text)?, Times::Exactly(1)),
            "S|*" => {
                let (times, text) = repeated(text)?;
                Self::Raw(Template::parse(text)?, times)
            }
            "C:" => Self::Expect(Pattern::parse(text, false)?),
            "C*" => Self::Expect(Pattern::parse(text, true)?),
            "C|" => Self::ExpectRaw(unescape(text)?),
            "gate" => Self::Gate(name(text)?),
            "note" => Self::Note(name(text)?),
            "wait" => Self::Wait(duration(text)?),
            "expect-nothing" => alone(Self::ExpectNothing, text)?,
            "eof" => alone(Self::ExpectEof, text)?,
            "close" => alone(Self::Close, text)?,
            "reset" => alone(Self::Reset, text)?,
            _ => return Self::parse_data(marker, text),
        })
    }

    fn parse_data(marker: &str, text: &str) -> Result<Self, String> {
        let unknown = || format!("no step is called {marker}");
        let mut letters = marker.chars();
        let kind = letters.next().ok_or_else(unknown)?;
        let digit = letters.clone().next().and_then(|next| next.to_digit(10));
        let channel = match digit {
            None => Channel::FIRST,
            Some(digit) => {
                letters.next();
                let channel = u8::try_from(digit).ok().and_then(Channel::new);
                channel.ok_or("data channels are numbered from 1 to 9")?
            }
        };
        let data = |step| Self::Data(channel, step);
        Ok(match (kind, letters.as_str()) {
            ('L', "") => {
                let rest = text.strip_prefix("refused");
                let refused = rest.is_some();
                let at = rest.unwrap_or(text).trim();
                let at = if at.is_empty() {
                    None
                } else {
                    Some(address(at)?)
                };
                Self::Listen {
                    channel,
                    at,
                    refused,
                }
            }
            ('D', "+") => data(match text.strip_prefix("from ") {
                Some(from) => DataStep::Connect {
                    from: Some(address(from)?),
                },
                None if text == "refused" => DataStep::ConnectRefused,
                None => alone(DataStep::Connect { from: None }, text)?,
            }),
            ('D', ">") => data(DataStep::Send(unescape(text)?, Times::Exactly(1))),
            ('D', ">*") => {
                let (times, text) = repeated(text)?;
                data(DataStep::Send(unescape(text)?, times))
            }
            ('D', "<") => data(DataStep::Expect(unescape(text)?, 1)),
            ('D', "<*") => match repeated(text)? {
                (Times::Exactly(times), text) => data(DataStep::Expect(unescape(text)?, times)),
                (Times::Forever, _) => return Err("D<any receives without end".to_owned()),
            },
            ('D', "-") => alone(data(DataStep::NotConnected), text)?,
            ('D', "<any") => alone(data(DataStep::Discard), text)?,
            ('D', "<eof") => alone(data(DataStep::ExpectEnd(End::Eof)), text)?,
            ('D', "<reset") => alone(data(DataStep::ExpectEnd(End::Reset)), text)?,
            ('D', "<end") => alone(data(DataStep::ExpectEnd(End::Either)), text)?,
            ('D', ".") => alone(data(DataStep::Finish), text)?,
            ('D', "..") => alone(data(DataStep::Close), text)?,
            ('D', "!") => alone(data(DataStep::Reset), text)?,
            _ => return Err(unknown()),
        })
    }
}

/// Writes the transcript's line.
impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Reply(text) => write!(f, "S: {text}"),
            Self::Raw(text, Times::Exactly(1)) => write!(f, "S| {text}"),
            Self::Raw(text, times) => write!(f, "S|* {times} {text}"),
            Self::Expect(line) if line.is_glob() => write!(f, "C* {line}"),
            Self::Expect(line) => write!(f, "C: {line}"),
            Self::ExpectRaw(bytes) => write!(f, "C| {}", escaped(bytes)),
            Self::ExpectNothing => f.write_str("expect-nothing"),
            Self::ExpectEof => f.write_str("eof"),
            Self::Close => f.write_str("close"),
            Self::Reset => f.write_str("reset"),
            Self::Listen {
                channel,
                at,
                refused,
            } => {
                write!(f, "L{channel}{}", if *refused { " refused" } else { "" })?;
                at.map_or(Ok(()), |at| write!(f, " {at}"))
            }
            Self::Data(channel, step) => write!(f, "D{channel}{step}"),
            Self::Gate(name) => write!(f, "gate {name}"),
            Self::Note(name) => write!(f, "note {name}"),
            Self::Wait(time) => write!(f, "wait {}ms", time.as_millis()),
        }
    }
}

/// Writes what follows the `D` and its channel.
impl fmt::Display for DataStep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Connect { from: None } => f.write_str("+"),
            Self::Connect { from: Some(from) } => write!(f, "+ from {from}"),
            Self::ConnectRefused => f.write_str("+ refused"),
            Self::NotConnected => f.write_str("-"),
            Self::Send(bytes, Times::Exactly(1)) => write!(f, "> {}", escaped(bytes)),
            Self::Send(bytes, times) => write!(f, ">* {times} {}", escaped(bytes)),
            Self::Expect(bytes, 1) => write!(f, "< {}", escaped(bytes)),
            Self::Expect(bytes, times) => write!(f, "<* {times} {}", escaped(bytes)),
            Self::Discard => f.write_str("<any"),
            Self::ExpectEnd(End::Eof) => f.write_str("<eof"),
            Self::ExpectEnd(End::Reset) => f.write_str("<reset"),
            Self::ExpectEnd(End::Either) => f.write_str("<end"),
            Self::Finish => f.write_str("."),
            Self::Close => f.write_str(".."),
            Self::Reset => f.write_str("!"),
        }
    }
}

impl fmt::Display for Times {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exactly(times) => times.fmt(f),
            Self::Forever => f.write_str("forever"),
        }
    }
}

/// A line of a transcript that is no step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseError {
    line: usize,
    text: String,
    reason: String,
}

impl ParseError {
    /// The line's number, from 1.
    pub const fn line(&self) -> usize {
        self.line
    }
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "transcript line {}, `{}`: {}",
            self.line, self.text, self.reason
        )
    }
}

impl Error for ParseError {}

/// The step, if nothing follows its marker.
fn alone<T>(step: T, text: &str) -> Result<T, String> {
    if text.is_empty() {
        Ok(step)
    } else {
        Err(format!("nothing may follow here, but `{text}` does"))
    }
}

fn name(text: &str) -> Result<String, String> {
    if text.is_empty() || text.contains(char::is_whitespace) {
        return Err("wants a name of one word".to_owned());
    }
    Ok(text.to_owned())
}

fn address(text: &str) -> Result<IpAddr, String> {
    text.parse()
        .map_err(|_| format!("`{text}` is no IP address"))
}

fn repeated(text: &str) -> Result<(Times, &str), String> {
    let wanted = || format!("wants a number, or forever, and a text, and got `{text}`");
    let (times, text) = text
        .split_once(' ')
        .filter(|(_, text)| !text.is_empty())
        .ok_or_else(wanted)?;
    let times = match times {
        "forever" => Times::Forever,
        _ => Times::Exactly(times.parse().map_err(|_| wanted())?),
    };
    Ok((times, text))
}

fn duration(text: &str) -> Result<Duration, String> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at(digits);
    let unit = match unit {
        "ms" => 1,
        "s" => 1_000,
        "m" => 60_000,
        _ => return Err("wants a time: 250ms, 30s or 5m".to_owned()),
    };
    let millis = number
        .parse::<u64>()
        .ok()
        .and_then(|number| number.checked_mul(unit));
    millis
        .map(Duration::from_millis)
        .ok_or_else(|| format!("`{number}` is no number"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn channel(number: u8) -> Channel {
        Channel::new(number).expect("a digit")
    }

    #[test]
    fn every_kind_of_line_reads_back_as_it_was() {
        let text = r"
            S: 220 ready
            S:
            S: 229 (|||{epsv2}|)
            S: 220 \x20
            S| raw\r\n
            S|* 1000 x
            S|* forever 220-\r\n
            C: PORT {port}
            C: NLST *
            C:
            C* RETR *
            C* SITE \x2a *
            C| \xff\xf4\xff\xf2ABOR\r\n
            expect-nothing
            eof
            close
            reset
            L
            L2 127.0.0.2
            L refused
            L3 refused ::1
            D+
            D2+ from 127.0.0.9
            D+ refused
            D-
            D> a  b
            D>* 1000 x
            D3>* forever x
            D< \0
            D<* 7 ab
            D<any
            D<eof
            D<reset
            D9<end
            D.
            D2..
            D!
            gate open
            note here
            wait 250ms
        ";
        let transcript = Transcript::parse(text).expect("every line is a step");
        let written = transcript.to_string();
        let lines: Vec<&str> = text
            .lines()
            .map(str::trim_start)
            .filter(|l| !l.is_empty())
            .collect();
        assert_eq!(
            written.lines().map(str::trim_end).collect::<Vec<_>>(),
            lines
        );
        assert_eq!(Transcript::parse(&written), Ok(transcript));
    }

    #[test]
    fn blanks_behind_the_first_belong_to_the_text() {
        let steps = Transcript::parse(
            "S:  220 
D>  x ",
        )
        .expect("two steps")
        .steps;
        let reply = Template::literal(" 220 ");
        let data = DataStep::Send(b" x ".to_vec(), Times::Exactly(1));
        assert_eq!(
            steps,
            [Step::Reply(reply), Step::Data(Channel::FIRST, data)]
        );
    }

    #[test]
    fn times_are_read_in_their_units() {
        let steps = Transcript::parse(
            "wait 250ms
wait 30s
wait 5m",
        )
        .expect("three waits")
        .steps;
        assert_eq!(
            steps,
            [250, 30_000, 300_000].map(|ms| Step::Wait(Duration::from_millis(ms)))
        );
    }

    #[test]
    fn channels_are_named_by_a_digit() {
        let steps = Transcript::parse(
            "L4
D4+
D+",
        )
        .expect("three steps")
        .steps;
        let connect = |number| Step::Data(channel(number), DataStep::Connect { from: None });
        let listen = Step::Listen {
            channel: channel(4),
            at: None,
            refused: false,
        };
        assert_eq!(steps, [listen, connect(4), connect(1)]);
    }

    #[test]
    fn login_is_short_for_its_lines() {
        let short = Transcript::parse(
            "login
C: PWD",
        )
        .expect("a login and a line");
        let long = Transcript::login().followed_by(Transcript::parse("C: PWD").expect("a line"));
        assert_eq!(short, long);
        assert_eq!(Transcript::parse(&long.to_string()), Ok(long));
    }

    #[test]
    fn a_line_that_is_no_step_is_shown_with_its_number() {
        let error = Transcript::parse(
            "S: 220

  X: what
",
        )
        .expect_err("no step");
        assert_eq!(error.line(), 3);
        assert_eq!(
            error.to_string(),
            "transcript line 3, `X: what`: no step is called X:"
        );
    }

    #[test]
    fn malformed_steps_are_refused() {
        for line in [
            "S",
            "S:x",
            "S: {port}",
            "S|* x",
            "S|* 3",
            "C: PORT {port} x",
            "C: {pasv}",
            "D",
            "D0+",
            "D> {pasv}",
            "D+ from",
            "D+ soon",
            "D<* forever x",
            "D. x",
            "L nowhere",
            "L22",
            "gate",
            "gate a b",
            "wait",
            "wait 3",
            "wait s",
            "eof now",
            "é",
        ] {
            assert!(Transcript::parse(line).is_err(), "`{line}` was accepted");
        }
    }
}
