//! The terminal that a password is asked for at.

use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Write as _};

use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};

/// The terminal of this process, and what it was like when it was opened.
#[derive(Debug)]
pub(crate) struct Terminal {
    device: File,
    before: Termios,
}

impl Terminal {
    /// Opens it, if the process has one.
    pub(crate) fn open() -> io::Result<Self> {
        let device = File::options().read(true).write(true).open("/dev/tty")?;
        let before = tcgetattr(&device)?;
        Ok(Self { device, before })
    }

    /// The device itself, to talk to.
    pub(crate) fn conversation(&self) -> io::Result<Conversation> {
        let device = self.device.try_clone()?;
        Ok(Conversation { device })
    }

    /// No longer shows what is typed, but for the end of the line. Keys such as Ctrl-C do what they
    /// always do.
    pub(crate) fn hide(&self) -> io::Result<()> {
        let mut hidden = self.before.clone();
        hidden.local_modes.remove(LocalModes::ECHO);
        hidden.local_modes.insert(LocalModes::ECHONL);
        tcsetattr(&self.device, OptionalActions::Now, &hidden).map_err(io::Error::from)
    }

    /// Makes it what it was: what is typed is seen again.
    pub(crate) fn restore(&self) {
        // A terminal that is gone needs no restoring.
        let _ = tcsetattr(&self.device, OptionalActions::Now, &self.before);
    }
}

/// Questions and answers.
#[derive(Debug)]
pub(crate) struct Conversation {
    device: File,
}

impl Conversation {
    /// Asks for a line.
    pub(crate) fn ask(mut self, prompt: &str) -> io::Result<Vec<u8>> {
        self.device.write_all(prompt.as_bytes())?;
        let mut line = Vec::new();
        BufReader::new(self.device).read_until(b'\n', &mut line)?;
        if line.pop_if(|end| *end == b'\n').is_none() && line.is_empty() {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(line)
    }
}
