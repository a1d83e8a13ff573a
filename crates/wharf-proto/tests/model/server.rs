//! A server that answers each command, in order, with any reply that RFC 959 lets it choose, and marks
//! it with the command's number.

use std::collections::VecDeque;

use super::tape::Tape;

/// One reply on its way: its bytes, and what it means to the model.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) bytes: Vec<u8>,
    /// The commands that have their final reply with it; empty for a mark. Two for a server that
    /// answers a transfer and its ABOR in one.
    pub(crate) closes: Vec<usize>,
    pub(crate) code: u16,
}

/// A server's unanswered commands, oldest first.
#[derive(Debug, Default)]
pub(crate) struct Server {
    unanswered: VecDeque<Command>,
}

#[derive(Debug)]
struct Command {
    number: usize,
    verb: String,
    marked: bool,
}

impl Server {
    pub(crate) fn receive(&mut self, number: usize, line: &str) {
        let verb = line.split(' ').next().expect("split gives one").to_owned();
        self.unanswered.push_back(Command {
            number,
            verb,
            marked: false,
        });
    }

    pub(crate) fn owes(&self) -> bool {
        !self.unanswered.is_empty()
    }

    /// Says something to the oldest command. `hung_up`: the client has closed the data connection.
    pub(crate) fn answer(&mut self, tape: &mut Tape, hung_up: bool) -> Answer {
        let abort_follows = self
            .unanswered
            .get(1)
            .is_some_and(|next| next.verb == "ABOR");
        let front = self.unanswered.front_mut().expect("something is owed");
        let number = front.number;
        let moves_data = super::moves_data(&front.verb);
        if !front.marked && (moves_data && !tape.one_in(4) || tape.one_in(16)) {
            front.marked = true;
            return Answer {
                bytes: text(150, number, tape),
                closes: Vec::new(),
                code: 150,
            };
        }
        let front_verb = front.verb.clone();
        let is_list = matches!(&*front_verb, "LIST" | "NLST");
        let (code, marked) = (choose(front, tape, hung_up), front.marked);
        let address = match code {
            227 => Some(format!(
                "227 Entering Passive Mode (127,0,0,1,200,{number})."
            )),
            229 => Some(format!("229 Entering (|||{}|)", 51_200 + number)),
            257 => Some("257 \"/\"".to_owned()),
            211 if tape.one_in(2) => Some(" MLST type*;\r\n211 end".to_owned()),
            250 if front_verb == "MLST" && tape.one_in(2) => {
                Some(" type=dir; x\r\n250 end".to_owned())
            }
            550 if is_list && tape.one_in(2) => Some("550 no files found".to_owned()),
            _ => None,
        };
        let bytes = match address {
            Some(last) => format!("{code}-#{number}\r\n{last}\r\n").into_bytes(),
            None => text(code, number, tape),
        };
        let mut closes = vec![number];
        self.unanswered.pop_front();
        if moves_data && abort_follows && marked && tape.one_in(3) {
            let abort = self.unanswered.pop_front().expect("seen above");
            closes.push(abort.number);
        }
        Answer {
            bytes,
            closes,
            code,
        }
    }
}

fn choose(command: &Command, tape: &mut Tape, hung_up: bool) -> u16 {
    let codes: &[u16] = match &*command.verb {
        "AUTH" => &[234, 234, 234, 234, 500, 504, 530, 334],
        "PBSZ" | "PROT" | "CDC" | "CCC" => &[200, 200, 200, 200, 200, 200, 200, 533],
        "USER" => &[331, 230],
        "PASS" => &[230],
        "TYPE" => &[200, 200, 200, 504],
        "EPSV" => &[229, 229, 500, 425],
        "PASV" => &[227, 227, 500, 200],
        "PORT" | "EPRT" => &[200, 200, 500],
        "REST" => &[350, 350, 502],
        "RNFR" => &[350, 350, 550, 450],
        "RNTO" => &[250, 553],
        "PWD" => &[257],
        "FEAT" => &[211, 211, 502, 450],
        "CWD" => &[250, 250, 250, 550],
        "MLST" => &[250, 250, 550, 502],
        "MLSD" if !command.marked => &[550, 226, 450, 500, 501],
        "LIST" if !command.marked => &[550, 550, 226, 450, 502],
        "QUIT" => &[221],
        "ABOR" => &[226, 225, 502],
        // Pure-FTPd's last word on a connection that was closed under it is a 1yz.
        "RETR" | "STOR" | "MLSD" | "LIST" | "NLST" if command.marked && hung_up => {
            &[426, 226, 451, 150]
        }
        "RETR" | "STOR" | "MLSD" | "LIST" | "NLST" if command.marked => &[226, 226, 426, 552],
        "RETR" | "STOR" | "NLST" => &[550, 226, 450],
        _ => &[213, 250, 350, 550, 450, 600],
    };
    codes[tape.roll(codes.len())]
}

/// A reply of one line or three, in which other codes may stand.
fn text(code: u16, number: usize, tape: &mut Tape) -> Vec<u8> {
    if tape.one_in(4) {
        format!("{code}-#{number}\r\n199 not yet\r\n 550 nor here\n{code} #{number}\r\n")
    } else {
        format!("{code} #{number} so be it\r\n")
    }
    .into_bytes()
}
