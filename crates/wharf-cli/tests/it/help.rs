use insta::assert_snapshot;

use crate::bench::Bench;

#[test]
fn the_version_is_one_line() {
    let bench = Bench::new();
    assert_snapshot!(bench.run("--version"), @"
    exit 0
    --- stdout
    wharf 0.1.0
    ");
}

#[test]
fn the_help_fits_a_page_and_ends_with_the_exit_codes() {
    let bench = Bench::new();
    assert_snapshot!(bench.run("-h"), @"
    exit 0
    --- stdout
    Get, put, list and manage files over FTP and FTPS

    Usage: wharf [OPTIONS] <COMMAND>

    Commands:
      get            Download files
      put            Upload files
      cat            Write files to standard output, one after the other
      ls             List directories
      nlst           List the names in a directory, as the server writes them (NLST)
      stat           Tell what the server knows of files and directories
      tree           Draw a directory with all that is below it
      find           Look for files below a directory
      du             Sum up the sizes of what is below a directory
      mkdir          Make directories
      rmdir          Remove empty directories
      rm             Remove files
      mv             Rename a file or directory, or move it within its server
      raw            Send commands as they are, and show the replies
      parse-listing  Read a listing on standard input, and show what is in it

    Options:
      -h, --help     Print help (see more with '--help')
      -V, --version  Print version

    Login:
      -u, --user <USER[:PASSWORD]>  Log in as this user, where the URL names none; a password here can
                                    be seen by other processes
          --password-stdin          Read the password from the first line of standard input
      -n, --netrc                   Look for user and password in ~/.netrc, or the file that $NETRC
                                    names
          --netrc-file <FILE>       Look for user and password in this file; nobody else may be able to
                                    read it

    Encryption:
          --tls <MODE>                  How to encrypt where the URL begins with ftp://; without this,
                                        TLS is required for a password [possible values: explicit,
                                        implicit, auto, off]
          --plaintext                   Let the password travel unencrypted: alone it is --tls off, with
                                        --tls auto it counts where the server has no TLS
          --cacert <FILE|DIR>           Trust the authorities or servers whose certificates are in this
                                        file or directory (PEM), in place of the system's; may be given
                                        several times
          --cert <FILE>                 Show servers that ask for it the client certificate in this file
                                        (PEM)
          --key <FILE>                  The private key of --cert, if it is not in the same file (PEM)
          --pinnedpubkey <HASHES|FILE>  Believe only a server with one of these public keys:
                                        sha256//BASE64[;...] or a file
          --tofu                        Trust a server on first use, and later only if it has the same
                                        key
      -k, --insecure                    Believe any server, so that anybody on the way can read and
                                        change everything

    Connection:
          --active                     Let the server open the data connections (PORT, EPRT)
      -4, --ipv4                       Use IPv4 only
      -6, --ipv6                       Use IPv6 only
          --encoding <ENCODING>        How the server writes names that are not ASCII [possible values:
                                       utf-8, latin1]
          --timeout <SECONDS>          The longest wait for a connection, a reply, or the next bytes of
                                       a transfer
          --connect-timeout <SECONDS>  The longest wait for a connection
      -m, --max-time <SECONDS>         The longest time for everything together

    Output:
      -v, --verbose  Show the commands and replies, secrets masked, and what TLS came to, in place of
                     the progress bar
      -s, --silent   Show errors and nothing else

    Exit codes:
       0  everything was done
       1  a failure of no other class
       2  the command line, a URL or a configuration file is wrong
       3  the directory does not exist at the server, or is refused without a reason
       4  the file does not exist at the server, or is refused without a reason
       5  the server is busy or the connection was lost: try again later
       6  the server does not allow it
       7  the login was refused
       8  the host was not found, or no connection could be made
       9  TLS failed, or the server's certificate is not to be trusted
      10  the data connection could not be made, or broke off
      11  something took longer than its limit
      12  of several items some were done and some failed
      13  what arrived is not what was sent: the sizes or contents differ
      14  no space left, at the server or here; the message says where
      15  stopped by a safety rule, such as a password in clear text
      16  the server does not keep to the protocol
      17  a local file could not be read or written
      18  interrupted; with --continue the same command goes on from there
    ");
}

#[test]
fn every_subcommand_explains_itself() {
    let bench = Bench::new();
    for command in [
        "get", "put", "cat", "ls", "nlst", "stat", "tree", "find", "du", "mkdir", "rmdir", "rm",
        "mv", "raw",
    ] {
        let shown = bench.run(&format!("{command} --help"));
        assert!(shown.starts_with("exit 0\n--- stdout\n"), "{shown}");
        for part in [
            "Usage: wharf ",
            "--plaintext",
            "--max-time <SECONDS>",
            "--verbose",
            "--silent",
            "--encoding <ENCODING>",
            "--help",
            "--tls-max <VERSION>",
            "--keylog <FILE>",
            "--danger-clear-data[=<HOW>]",
            "--danger-clear-control",
        ] {
            assert!(shown.contains(part), "{command}: {part}");
        }
    }
}
