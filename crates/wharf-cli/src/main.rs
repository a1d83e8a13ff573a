//! The command `wharf`: get, put, list and manage files over FTP and FTPS.
//!
//! What was typed ([`args`]) becomes what it means ([`job`]), which a command ([`cmd`]) carries
//! out. All output goes through the [`printer`], and every failure ends in one of the codes of
//! [`exit`].

mod advice;
mod args;
mod cmd;
mod connection;
mod copy;
mod credentials;
mod encryption;
mod exit;
mod failure;
mod job;
mod json;
mod listing;
mod local;
mod names;
mod netrc;
mod partial;
mod printer;
mod progress;
mod security;
mod stop;
mod terminal;
mod transcript;

use std::process::ExitCode;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use wharf::Encoding;

use crate::args::Args;
use crate::cmd::Context;
use crate::connection::{Connections, Settings};
use crate::credentials::{Accounts, Logins};
use crate::encryption::Encryption;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::job::Job;
use crate::printer::Printer;
use crate::security::Security;
use crate::stop::Stop;

fn main() -> ExitCode {
    let args = match Args::read() {
        Ok(args) => args,
        Err(error) => return show_usage(&error).into(),
    };
    let printer = Printer::new(
        args.output.silent,
        args.output.verbose,
        args.connection.encoding(),
    );
    let exit = run(&args, &printer).unwrap_or_else(|failure| {
        printer.failure(&failure);
        failure.exit
    });
    exit.into()
}

/// Prints what clap has to say: help, or what is wrong with the command line.
fn show_usage(error: &clap::Error) -> Exit {
    if !error.use_stderr() {
        // Help that nobody reads to its end is no failure.
        let _ = error.print();
        return Exit::Success;
    }
    let say = |failure: &Failure| Printer::new(false, false, Encoding::default()).failure(failure);
    // A word of one dash is read as letters, each of them a flag: what is said of those helps nobody.
    if let Some(failure) = args::explain_finds(std::env::args_os()) {
        say(&failure);
    // What is wrong may be a URL, and what stands in one before an @ may be a password.
    } else if error
        .context()
        .any(|(_, value)| value.to_string().contains('@'))
    {
        say(&wrong_without_repeating(error));
    } else {
        // Without a standard error there is nobody to tell.
        let _ = error.print();
    }
    Exit::Usage
}

/// What is wrong with the command line, in words of ours alone.
fn wrong_without_repeating(error: &clap::Error) -> Failure {
    let what = error.kind().as_str().unwrap_or("the command line is wrong");
    let unsaid = "the argument is not repeated here, for it may hold a password";
    let failure = Failure::usage(what).advise(unsaid);
    // Of these kinds alone the argument is called by its name in the help, not by what was typed.
    if !matches!(
        error.kind(),
        ErrorKind::InvalidValue | ErrorKind::ValueValidation
    ) {
        return failure;
    }
    let Some(argument) = error.get(ContextKind::InvalidArg) else {
        return failure;
    };
    let failure = failure.about(argument.to_string());
    match error.get(ContextKind::ValidValue) {
        Some(ContextValue::Strings(values)) if !values.is_empty() => {
            failure.advise(format!("it takes {}; {unsaid}", values.join(", ")))
        }
        _ => failure,
    }
}

fn run(args: &Args, printer: &Printer) -> Result<Exit, Failure> {
    if args.output.verbose {
        transcript::show();
    }
    let security = Security::new(&args.tls)?;
    let accounts = Accounts {
        user: args.login.user_name().map(str::to_owned),
        security,
    };
    let job = Job::new(&args.command, &accounts, args.connection.encoding())?;
    let urls = job.urls();
    security.check(&urls)?;
    let encryption = Encryption::read(&args.tls)?;
    if args.tls.insecure && args.tls.pinnedpubkey.is_none() {
        printer.warn(
            "no certificate is checked (--insecure), so anybody on the way can read and change \
             everything, the password too",
        );
    }
    let visible = args
        .login
        .user
        .as_deref()
        .is_some_and(|user| user.contains(':'))
        || urls.iter().any(|url| url.password().is_some());
    if visible {
        printer.warn(
            "other processes can see a password on the command line: --password-stdin, \
             WHARF_PASSWORD and --netrc keep it to yourself",
        );
    }
    if args.login.password_stdin && job.reads_stdin() {
        return Err(Failure::usage(
            "standard input cannot be both the password and the file",
        ));
    }
    let stop = Stop::install(args.connection.max_time)
        .map_err(|error| Failure::new(Exit::Other, format!("no signals: {error}")))?;
    let logins = stop.during_question(|| Logins::gather(&args.login, accounts, &urls, &stop))?;
    let settings = Settings::new(&args.connection, security, encryption);

    // One thread does all the talking; files have threads of their own.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::new(Exit::Other, format!("no event loop: {error}")))?;
    let mut context = Context {
        printer,
        connections: Connections::new(printer, settings, logins),
        stop,
        encoding: args.connection.encoding(),
    };
    let exit = runtime.block_on(cmd::run(&job, &mut context));
    // A thread may be waiting for standard input, which need never end.
    runtime.shutdown_background();
    Ok(exit)
}
