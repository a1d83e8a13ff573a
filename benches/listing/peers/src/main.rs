//! `wharf-listing-rates CLIENT FORMAT FILE SECONDS`: parses the file again and again for that long, and prints how
//! many lines it has, how many entries came of them, and how many lines that was for each second of processor time.

use std::env;
use std::error::Error;
use std::fs;
use std::hint::black_box;
use std::time::{Duration, SystemTime};

use rustix::time::{ClockId, clock_gettime};
use suppaftp::list::ListParser as Suppaftp;
use wharf_proto::listing::{Format, ListParser, ListingLimits, Parsed};
use wharf_proto::time::Timestamp;

/// What a client's data connection hands on at a time.
const CHUNK: usize = 32 * 1024;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [client, format, file, seconds] = &arguments[..] else {
        return Err("usage: wharf-listing-rates CLIENT FORMAT FILE SECONDS".into());
    };
    let listing = fs::read(file)?;
    let enough = Duration::try_from_secs_f64(seconds.parse()?)?;
    let text = str::from_utf8(&listing)?;
    let lines = text.lines().count();
    let parse: Box<dyn Fn() -> usize> = match (client.as_str(), format.as_str()) {
        ("wharf", "list") => Box::new(|| wharf(&listing, Format::Detect)),
        ("wharf-told", "list") => Box::new(|| wharf(&listing, Format::Unix)),
        ("wharf", "mlsd") => Box::new(|| wharf(&listing, Format::Mlsd)),
        ("suppaftp", "list") => Box::new(|| count(text, Suppaftp::parse_posix)),
        ("suppaftp", "mlsd") => Box::new(|| count(text, Suppaftp::parse_mlsd)),
        _ => return Err("no such client or format".into()),
    };
    let entries = parse();
    let (mut rounds, started) = (0_u32, used()?);
    let mut taken = Duration::ZERO;
    while taken < enough {
        black_box(parse());
        rounds += 1;
        taken = used()? - started;
    }
    let rate = f64::from(u32::try_from(lines)?) * f64::from(rounds) / taken.as_secs_f64();
    println!("{lines} {entries} {rate:.0}");
    Ok(())
}

/// The processor time that this process has had.
fn used() -> Result<Duration, Box<dyn Error>> {
    Ok(clock_gettime(ClockId::ProcessCPUTime).try_into()?)
}

/// With all that belongs to it: the vote, cutting the lines, and taking out the entries.
fn wharf(listing: &[u8], format: Format) -> usize {
    let now = Timestamp::from_system_time(SystemTime::now());
    let mut parser = ListParser::new(format, now, ListingLimits::default());
    let mut entries = 0;
    let mut take = |parser: &mut ListParser| {
        while let Some(parsed) = parser.next() {
            entries += usize::from(matches!(black_box(parsed), Parsed::Entry(_)));
        }
    };
    for chunk in listing.chunks(CHUNK) {
        parser.push(black_box(chunk)).expect("within the limits");
        take(&mut parser);
    }
    parser.finish().expect("within the limits");
    take(&mut parser);
    entries
}

fn count<T, E>(text: &str, parse: impl Fn(&str) -> Result<T, E>) -> usize {
    let entries = black_box(text)
        .lines()
        .filter(|line| black_box(parse(line)).is_ok());
    entries.count()
}
