"""A real Dovecot on loopback with throw-away mailboxes, run as the current user or, under root, as an unprivileged one.

As a fixture: `with ImapServer() as server: server.deliver(raw)`. As a process: `python -m tests.servers.imap_server
--port 1143 --directory /tmp/mail`; messages are then delivered by IMAP APPEND or by a file in `<user>/new`.
"""

from __future__ import annotations

import argparse
import json
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
import uuid
from pathlib import Path

from tests.ports import free_port

PASSWORD = "imap-secret"
_PATHS = ("/usr/sbin/dovecot", "/usr/local/sbin/dovecot", "/opt/homebrew/sbin/dovecot")


def dovecot() -> str | None:
    """The server's binary, or None where it is not installed."""
    return next((path for path in _PATHS if Path(path).exists()), shutil.which("dovecot"))


class ImapServer:
    """Any user name with the right password gets a mailbox of its own: INBOX, Junk and Sent, marked as RFC 6154 says."""

    def __init__(
        self, *, port: int = 0, directory: Path | None = None, password: str = PASSWORD, introspection_url: str = ""
    ) -> None:
        self.introspection_url = introspection_url
        self.port = port or free_port()
        self.directory = directory or Path(tempfile.mkdtemp(prefix="ovc", dir="/tmp"))
        self.password = password
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> ImapServer:
        return self.start()

    def __exit__(self, *_error: object) -> None:
        self.stop()
        shutil.rmtree(self.directory, ignore_errors=True)

    def start(self) -> ImapServer:
        binary = dovecot()
        if binary is None:
            raise RuntimeError("Dovecot is not installed; apt install dovecot-imapd")
        path = self._configure()
        self._process = subprocess.Popen([binary, "-F", "-c", str(path)], stdout=subprocess.DEVNULL)
        deadline = time.monotonic() + 15
        while True:
            try:
                with socket.create_connection(("127.0.0.1", self.port), timeout=2) as probe:
                    if probe.recv(64).startswith(b"* OK"):
                        return self
            except OSError:
                pass
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"Dovecot did not start; see {self.directory / 'dovecot.log'}:\n{self.log()}")
            time.sleep(0.05)

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(10)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._process = None

    def log(self) -> str:
        path = self.directory / "dovecot.log"
        return path.read_text(errors="replace")[-4000:] if path.exists() else ""

    def deliver(self, raw: bytes, folder: str = "INBOX", *, user: str = "me@firm.example") -> Path:
        """Put one message into a folder as a delivery agent does (Maildir): it is new and unseen. Returns its file."""
        mailbox = self._maildir(user, folder)
        name = f"{time.time_ns()}.{uuid.uuid4().hex}.test"
        temporary = mailbox / "tmp" / name
        temporary.write_bytes(raw.replace(b"\r\n", b"\n"))
        self._own(temporary)
        return temporary.rename(mailbox / "new" / name)

    def renumber(self, folder: str = "INBOX", *, user: str = "me@firm.example") -> None:
        """Give the folder a new UIDVALIDITY and new UIDs, as a restored or migrated server does."""
        mailbox = self._maildir(user, folder)
        for path in [*mailbox.glob("dovecot*"), *self._home(user).glob("Maildir/dovecot-uidvalidity*")]:
            path.unlink(missing_ok=True)
        (mailbox / "dovecot-uidlist").write_text(f"3 V{int(time.time()) + 1000} N100\n")
        self._own(mailbox / "dovecot-uidlist")

    def flags(self, folder: str = "INBOX", *, user: str = "me@firm.example") -> list[str]:
        """The flags of each message that the server has filed (`S` is seen)."""
        return [path.name.partition(":2,")[2] for path in sorted((self._maildir(user, folder) / "cur").iterdir())]

    def _home(self, user: str) -> Path:
        return self.directory / "homes" / user

    def _maildir(self, user: str, folder: str) -> Path:
        root = self._home(user) / "Maildir"
        mailbox = root if folder == "INBOX" else root / f".{folder}"
        for part in ("cur", "new", "tmp"):
            (mailbox / part).mkdir(parents=True, exist_ok=True)
        for path in (self._home(user), root, mailbox, *(mailbox / part for part in ("cur", "new", "tmp"))):
            self._own(path)
        return mailbox

    def _own(self, path: Path) -> None:
        if os.geteuid() == 0:
            account = pwd.getpwnam(_unprivileged())
            os.chown(path, account.pw_uid, account.pw_gid)

    def _configure(self) -> Path:
        user = _unprivileged()
        account = pwd.getpwnam(user)
        group = _group(account.pw_gid)
        for name in ("run", "homes"):
            (self.directory / name).mkdir(parents=True, exist_ok=True)
        self.directory.chmod(0o755)
        self._own(self.directory / "homes")
        # under root the processes that face the network give up root; without root everything runs as the user
        login_user = user if os.geteuid() else _login_user()
        mechanisms, tokens = "plain login", self._token_passdb()
        if tokens:
            mechanisms += " xoauth2"
        path = self.directory / "dovecot.conf"
        path.write_text(
            f"""
base_dir = {self.directory}/run
state_dir = {self.directory}/run
log_path = {self.directory}/dovecot.log
protocols = imap
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
auth_mechanisms = {mechanisms}
auth_username_format = %Lu
default_internal_user = {login_user}
default_internal_group = {_group(pwd.getpwnam(login_user).pw_gid)}
default_login_user = {login_user}
first_valid_uid = 1
first_valid_gid = 0
mail_uid = {user}
mail_gid = {group}
mail_location = maildir:~/Maildir
mail_max_userip_connections = 100
maildir_stat_dirs = yes
{tokens}
passdb {{
  driver = static
  args = password={self.password}
}}
userdb {{
  driver = static
  args = uid={account.pw_uid} gid={account.pw_gid} home={self.directory}/homes/%u
}}
namespace inbox {{
  inbox = yes
  separator = /
  mailbox Junk {{
    special_use = \\Junk
    auto = create
  }}
  mailbox Sent {{
    special_use = \\Sent
    auto = create
  }}
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {self.port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
"""
        )
        return path

    def _token_passdb(self) -> str:
        """With an introspection URL: access tokens are asked about there, and XOAUTH2 is offered."""
        if not self.introspection_url:
            return ""
        path = self.directory / "oauth2.conf"
        path.write_text(
            f"introspection_url = {self.introspection_url}\nintrospection_mode = post\n"
            "username_attribute = username\nactive_attribute = active\nactive_value = true\n"
        )
        return f"passdb {{\n  driver = oauth2\n  mechanisms = xoauth2\n  args = {path}\n}}"


def _unprivileged() -> str:
    if os.geteuid():
        return pwd.getpwuid(os.geteuid()).pw_name
    for name in ("nobody", "daemon"):
        try:
            return pwd.getpwnam(name).pw_name
        except KeyError:
            continue
    return "root"


def _login_user() -> str:
    for name in ("dovenull", "dovecot", "nobody"):
        try:
            return pwd.getpwnam(name).pw_name
        except KeyError:
            continue
    return "root"


def _group(gid: int) -> str:
    import grp

    return grp.getgrgid(gid).gr_name


def main() -> None:
    parser = argparse.ArgumentParser(description="A throw-away Dovecot on loopback.")
    parser.add_argument("--port", type=int, default=1143)
    parser.add_argument("--directory", type=Path, default=None)
    arguments = parser.parse_args()
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    server = ImapServer(port=arguments.port, directory=arguments.directory).start()
    try:
        print(json.dumps({"port": server.port, "directory": str(server.directory)}), flush=True)
        stop.wait()
    finally:
        server.stop()


if __name__ == "__main__":
    main()
