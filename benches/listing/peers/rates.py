"""`rates.py CLIENT FORMAT FILE SECONDS`: as the Rust program beside it, for the parsers of Python's clients."""

import ftplib
import sys
import time


def aioftp(form):
    import aioftp
    client = aioftp.Client()
    parse = client.parse_list_line if form == "list" else client.parse_mlsx_line

    def count(lines):
        entries = 0
        for line in lines:
            try:
                parse(line)
                entries += 1
            except ValueError:
                pass
        return entries
    return count, True


def twisted(form):
    from twisted.protocols.ftp import FTPFileListProtocol

    def count(lines):
        protocol = FTPFileListProtocol()
        for line in lines:
            protocol.lineReceived(line)
        return len(protocol.files)
    return {"list": count}[form], True


def python_ftplib(form):
    class Replay(ftplib.FTP):
        """Whose server sends what is at hand."""

        def retrlines(self, command, callback):
            for line in self.lines:
                callback(line)

    def count(lines):
        client = Replay()
        client.lines = lines
        return sum(1 for _ in client.mlsd())
    return {"mlsd": count}[form], False


def main():
    client, form, file, seconds = sys.argv[1:]
    count, takes_bytes = {"aioftp": aioftp, "twisted": twisted, "ftplib": python_ftplib}[client](form)
    with open(file, "rb") as listing:
        text = listing.read()
    lines = (text if takes_bytes else text.decode()).splitlines()
    entries, rounds, started = None, 0, time.process_time()
    while rounds == 0 or time.process_time() - started < float(seconds):
        entries = count(lines)
        rounds += 1
    taken = (time.process_time() - started) / rounds
    print(len(lines), entries, round(len(lines) / taken))


main()
