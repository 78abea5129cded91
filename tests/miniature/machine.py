"""This machine: where things are on it, programs that are started, ports, and waiting."""

import contextlib
import os
import pathlib
import platform
import signal
import socket
import subprocess
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
MINIATURE = ROOT / ".venv/miniature"
DEPLOY = ROOT / ".venv/deploy"
SIMULATOR = ROOT / "target/debug/simulator"
# MiniStack starts the functions as they are.
ARCHITECTURE = "arm64" if platform.machine() in ("aarch64", "arm64") else "x86_64"
LOOK_EVERY_S = 0.5


class Failed(Exception):
    """Something without which going on makes no sense; the text is for people."""


class Process:
    """A program in a session of its own: it and all it started end together, and Ctrl-C does not reach them first.

    What it says goes into the file `log`, or to our own output.
    """

    def __init__(self, name, command, log=None, **how):
        self.name, self.log = name, log
        with contextlib.ExitStack() as files:
            how = {"stdin": subprocess.DEVNULL} | how
            if log:
                how |= {"stdout": files.enter_context(log.open("w")), "stderr": subprocess.STDOUT}
            self.process = subprocess.Popen(command, start_new_session=True, **how)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        # The program itself first: it knows best how to end what it started.
        self.process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(timeout=10)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(timeout=10)

    def check_alive(self):
        if (code := self.process.poll()) is not None:
            raise Failed(f"{self.name} ended with {code}{self.last_words()}")

    def succeeds(self, seconds):
        """Waits for its end."""
        try:
            code = self.process.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            raise Failed(f"{self.name} did not end within {seconds} s{self.last_words()}") from None
        if code:
            raise Failed(f"{self.name} ended with {code}{self.last_words()}")

    def last_words(self):
        return ":\n" + "\n".join(self.log.read_text().splitlines()[-40:]) if self.log else ""


def wait_for(what, look, seconds, alive=None):
    """The first true thing that `look` answers."""
    give_up = time.monotonic() + seconds
    while True:
        if found := look():
            return found
        if alive:
            alive.check_alive()
        if time.monotonic() > give_up:
            raise Failed(f"waited {seconds} s in vain for {what}")
        time.sleep(LOOK_EVERY_S)


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def free_ports(count):
    """The first of so many free ports in a row, below those that the system gives to anybody's connections."""
    for first in range(20000, 32000, count):
        try:
            for port in range(first, first + count):
                socket.create_server(("127.0.0.1", port)).close()
        except OSError:
            continue
        return first
    raise Failed(f"there are no {count} free ports in a row on 127.0.0.1")
