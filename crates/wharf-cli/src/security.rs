//! Whether the connection of a URL is encrypted: what the flags and the schemes say together.

use wharf::{FtpUrl, Tls};

use crate::args::{Mode, TlsArgs};
use crate::failure::Failure;

/// What was said about encryption, for all URLs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Security {
    /// How those URLs are encrypted whose scheme leaves it open.
    ftp: Tls,
    /// The flag that decided so by name.
    said: Option<&'static str>,
}

impl Security {
    /// Reads the meaning off the flags.
    pub(crate) fn new(args: &TlsArgs) -> Result<Self, Failure> {
        let (ftp, said) = match (args.tls, args.plaintext) {
            (Some(Mode::Explicit), false) => (Tls::Explicit, Some("--tls explicit")),
            (Some(Mode::Implicit), false) => (Tls::Implicit, Some("--tls implicit")),
            (Some(Mode::Explicit | Mode::Implicit), true) => {
                return Err(Failure::usage(
                    "--plaintext contradicts --tls, which asks for nothing but TLS",
                )
                .advise("--tls auto with --plaintext uses TLS where the server has it"));
            }
            (Some(Mode::Auto), false) => (Tls::IfOffered, Some("--tls auto")),
            (Some(Mode::Auto), true) => (Tls::IfOfferedElsePlaintext, Some("--tls auto")),
            (Some(Mode::Off), _) => (Tls::Off, Some("--tls off")),
            (None, true) => (Tls::Off, Some("--plaintext")),
            // Whoever says whom to believe does not want to believe just anybody.
            (None, false) if args.about_tls().is_some() => (Tls::Explicit, None),
            (None, false) => (Tls::RequiredForPasswords, None),
        };
        match (args.about_tls(), said) {
            (Some(flag), Some(off)) if ftp == Tls::Off => Err(Failure::usage(format!(
                "{flag} is about TLS, and {off} leaves that out"
            ))
            .advise("--tls auto with --plaintext uses TLS where the server has it")),
            _ => Ok(Self { ftp, said }),
        }
    }

    /// Refuses URLs whose scheme says something else than the flags.
    pub(crate) fn check(self, urls: &[&FtpUrl]) -> Result<(), Failure> {
        let contradicts = |url: &&&FtpUrl| !leaves_it_open(url) && url.tls() != self.ftp;
        match (self.said, urls.iter().find(contradicts)) {
            (Some(flag), Some(url)) => {
                let contradiction = format!("its scheme contradicts {flag}");
                Err(Failure::usage(contradiction)
                    .about(url.to_string())
                    .advise("write ftp:// where the flag is to decide"))
            }
            _ => Ok(()),
        }
    }

    /// How the connection of a URL is encrypted.
    pub(crate) fn of(self, url: &FtpUrl) -> Tls {
        if leaves_it_open(url) {
            self.ftp
        } else {
            url.tls()
        }
    }

    /// The port that a URL means.
    pub(crate) fn port(self, url: &FtpUrl) -> u16 {
        url.port().unwrap_or_else(|| match self.of(url) {
            Tls::Implicit => 990,
            _ => 21,
        })
    }
}

fn leaves_it_open(url: &FtpUrl) -> bool {
    url.tls() == Tls::RequiredForPasswords
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;
    use crate::args::Args;
    use crate::exit::Exit;

    fn security(flags: &str) -> Result<Security, Failure> {
        let words = format!("wharf ls ftp://h/ {flags}");
        let args = Args::try_parse_from(words.split_whitespace()).unwrap();
        Security::new(&args.tls)
    }

    fn url(text: &str) -> FtpUrl {
        FtpUrl::parse(text).unwrap()
    }

    #[test]
    fn the_flags_decide_about_ftp_urls() {
        for (flags, tls) in [
            ("", Tls::RequiredForPasswords),
            ("--plaintext", Tls::Off),
            ("--tls off", Tls::Off),
            ("--tls off --plaintext", Tls::Off),
            ("--tls auto", Tls::IfOffered),
            ("--tls auto --plaintext", Tls::IfOfferedElsePlaintext),
            ("--tls explicit", Tls::Explicit),
            ("--tls implicit", Tls::Implicit),
        ] {
            let security = security(flags).unwrap();
            assert_eq!(security.of(&url("ftp://h/")), tls, "{flags}");
        }
    }

    #[test]
    fn a_flag_about_tls_asks_for_it() {
        for flags in [
            "--cacert f",
            "--cert f",
            "--cert f --key f",
            "--pinnedpubkey f",
            "--tofu",
            "--insecure",
            "-k",
            "--tls-name n",
            "--tls-min 1.2",
            "--tls-max 1.2",
            "--keylog f",
            "--close-notify strict",
            "--danger-clear-data",
            "--danger-clear-data=cdc",
            "--danger-clear-control",
        ] {
            let alone = security(flags).unwrap();
            assert_eq!(alone.of(&url("ftp://h/")), Tls::Explicit, "{flags}");
            let auto = security(&format!("{flags} --tls auto")).unwrap();
            assert_eq!(auto.of(&url("ftp://h/")), Tls::IfOffered, "{flags}");
            for off in ["--tls off", "--plaintext"] {
                let failure = security(&format!("{flags} {off}")).unwrap_err();
                assert_eq!(failure.exit, Exit::Usage, "{flags} {off}");
                let text = failure.text().unwrap();
                assert!(
                    text.contains("is about TLS") && text.contains(off),
                    "{text}"
                );
            }
        }
    }

    #[test]
    fn leave_to_send_a_password_in_clear_contradicts_tls_that_must_be() {
        for mode in ["explicit", "implicit"] {
            security(&format!("--tls {mode} --plaintext")).unwrap_err();
        }
    }

    #[test]
    fn a_scheme_that_names_tls_is_not_overruled() {
        let (at_once, by_auth) = (url("ftps://h/"), url("ftpes://h/"));
        for flags in ["", "-k"] {
            let security = security(flags).unwrap();
            security.check(&[&at_once, &by_auth]).unwrap();
            assert_eq!(security.of(&at_once), Tls::Implicit);
            assert_eq!(security.of(&by_auth), Tls::Explicit);
        }
        security("--tls implicit")
            .unwrap()
            .check(&[&at_once])
            .unwrap();
        security("--tls explicit")
            .unwrap()
            .check(&[&by_auth])
            .unwrap();
        for flags in ["--tls off", "--tls auto", "--plaintext"] {
            let security = security(flags).unwrap();
            security.check(&[&url("ftp://h/")]).unwrap();
            security.check(&[&at_once]).unwrap_err();
            security.check(&[&by_auth]).unwrap_err();
        }
        security("--tls explicit")
            .unwrap()
            .check(&[&at_once])
            .unwrap_err();
    }

    #[test]
    fn the_port_follows_the_way_tls_begins() {
        for (flags, text, port) in [
            ("", "ftp://h/", 21),
            ("", "ftpes://h/", 21),
            ("", "ftps://h/", 990),
            ("", "ftps://h:21/", 21),
            ("--tls implicit", "ftp://h/", 990),
            ("--tls implicit", "ftp://h:2121/", 2121),
        ] {
            assert_eq!(security(flags).unwrap().port(&url(text)), port, "{text}");
        }
    }
}
