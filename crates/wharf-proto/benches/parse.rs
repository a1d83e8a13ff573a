//! Parse rates: replies, passive addresses, commands, and listings.
//!
//! ```sh
//! cargo bench -p wharf-proto
//! ```

use divan::counter::{BytesCount, ItemsCount};
use divan::{Bencher, black_box};
use wharf_proto::addr;
use wharf_proto::command::{Command, Wire};
use wharf_proto::listing::{Format, ListParser, ListingLimits, Parsed};
use wharf_proto::reply::{Framed, Multiline, ReplyDecoder, ReplyLimits};
use wharf_proto::time::Timestamp;

fn main() {
    divan::main();
}

const LINES: usize = 10_000;

/// Names, sizes and dates vary, as they do in a directory.
fn unix_listing() -> Vec<u8> {
    (0..LINES)
        .flat_map(|n| {
            let (size, day, hour) = (n * 7919 % 100_000_000, n % 28 + 1, n % 24);
            format!(
                "-rw-r--r--    1 1000     1000     {size:>10} Mar {day:>2} {hour:02}:17 file-{n}.dat\r\n"
            )
            .into_bytes()
        })
        .collect()
}

fn mlsd_listing() -> Vec<u8> {
    (0..LINES)
        .flat_map(|n| {
            let (size, day, hour) = (n * 7919 % 100_000_000, n % 28 + 1, n % 24);
            format!(
                "type=file;size={size};modify=202603{day:02}{hour:02}1700;UNIX.mode=0644;\
                 UNIX.uid=1000;UNIX.gid=1000;unique=fd01g{n:x}; file-{n}.dat\r\n"
            )
            .into_bytes()
        })
        .collect()
}

fn dos_listing() -> Vec<u8> {
    (0..LINES)
        .flat_map(|n| {
            let (size, day, hour) = (n * 7919 % 100_000_000, n % 28 + 1, n % 12 + 1);
            format!("03-{day:02}-26  {hour:02}:17PM {size:>20} file-{n}.dat\r\n").into_bytes()
        })
        .collect()
}

fn vms_listing() -> Vec<u8> {
    (0..LINES)
        .flat_map(|n| {
            let (blocks, day, hour) = (n * 7919 % 100_000, n % 28 + 1, n % 24);
            format!(
                "FILE_{n}.DAT;1  {blocks:>10}/99999 {day:>2}-MAR-2026 {hour:02}:17:04  \
                 [GROUP,OWNER]  (RWED,RWED,RE,RE)\r\n"
            )
            .into_bytes()
        })
        .collect()
}

fn parse(listing: &[u8], format: Format) -> usize {
    let now = Timestamp::parse(b"20260401000000");
    let mut parser = ListParser::new(format, now, ListingLimits::default());
    let mut entries = 0;
    let mut count = |parser: &mut ListParser| {
        while let Some(parsed) = parser.next() {
            entries += usize::from(matches!(black_box(parsed), Parsed::Entry(_)));
        }
    };
    for chunk in listing.chunks(32 * 1024) {
        parser.push(chunk).expect("the lines are short");
        count(&mut parser);
    }
    parser.finish().expect("the lines are short");
    count(&mut parser);
    assert_eq!(entries, LINES, "every line is an entry");
    entries
}

#[divan::bench]
fn list_unix(bencher: Bencher<'_, '_>) {
    let listing = unix_listing();
    bencher
        .counter(ItemsCount::new(LINES))
        .counter(BytesCount::new(listing.len()))
        .bench(|| parse(black_box(&listing), Format::Unix));
}

#[divan::bench]
fn list_unix_detected(bencher: Bencher<'_, '_>) {
    let listing = unix_listing();
    bencher
        .counter(ItemsCount::new(LINES))
        .counter(BytesCount::new(listing.len()))
        .bench(|| parse(black_box(&listing), Format::Detect));
}

#[divan::bench]
fn list_dos_detected(bencher: Bencher<'_, '_>) {
    let listing = dos_listing();
    bencher
        .counter(ItemsCount::new(LINES))
        .counter(BytesCount::new(listing.len()))
        .bench(|| parse(black_box(&listing), Format::Detect));
}

#[divan::bench]
fn list_vms_detected(bencher: Bencher<'_, '_>) {
    let listing = vms_listing();
    bencher
        .counter(ItemsCount::new(LINES))
        .counter(BytesCount::new(listing.len()))
        .bench(|| parse(black_box(&listing), Format::Detect));
}

/// What a directory of one file costs: the vote of all dialects over one line.
#[divan::bench]
fn list_one_line_detected() -> bool {
    let mut parser = ListParser::new(Format::Detect, None, ListingLimits::default());
    let line = b"-rw-r--r--    1 1000     1000  5 Mar  4 2026 file.dat\r\n";
    parser.push(black_box(line)).expect("the line is short");
    parser.finish().expect("the line is short");
    parser.next().is_some()
}

#[divan::bench]
fn list_mlsd(bencher: Bencher<'_, '_>) {
    let listing = mlsd_listing();
    bencher
        .counter(ItemsCount::new(LINES))
        .counter(BytesCount::new(listing.len()))
        .bench(|| parse(black_box(&listing), Format::Mlsd));
}

#[divan::bench]
fn replies(bencher: Bencher<'_, '_>) {
    let conversation = b"150 Opening data connection.\r\n226 Transfer complete.\r\n\
        211-Features:\r\n EPSV\r\n MDTM\r\n SIZE\r\n211 End\r\n"
        .repeat(1000);
    bencher.counter(ItemsCount::new(3000_usize)).bench(|| {
        let mut decoder = ReplyDecoder::new(ReplyLimits::default(), Multiline::Strict);
        let mut replies = 0;
        for chunk in conversation.chunks(8 * 1024) {
            decoder.push(black_box(chunk));
            while let Some(framed) = decoder.next().expect("the replies are short") {
                replies += usize::from(matches!(black_box(framed), Framed::Reply(_)));
            }
        }
        assert_eq!(replies, 3000, "every reply is framed");
    });
}

#[divan::bench]
fn pasv_address() -> bool {
    addr::parse_pasv(black_box(b" Entering Passive Mode (192,168,1,20,195,80).")).is_ok()
}

#[divan::bench]
fn command_line() -> usize {
    let command = Command::path("RETR", black_box(b"pub/releases/2026/archive.tar.zst"));
    let line = command
        .expect("a plain path")
        .encode(&Wire::default())
        .expect("a short path");
    line.len()
}
