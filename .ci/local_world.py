"""The local world as a process of its own, for as long as a `with` lasts."""

import os
import pathlib
import signal
import subprocess
import time
import urllib.error
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent
START_TIMEOUT_S = 900  # a cold build included


class LocalWorld:
    """`command` starts it on eight ports from `base_port`; without one, it is running already and left alone."""

    def __init__(self, base_port, command):
        self.control = f"http://127.0.0.1:{base_port}"
        self.callback = f"http://127.0.0.1:{base_port + 1}"
        self.api = f"http://127.0.0.1:{base_port + 2}"
        self.process = command and subprocess.Popen(
            [*command, "--base-port", str(base_port)],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            start_new_session=True,
        )

    def __enter__(self):
        try:
            self.wait_until_up()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_):
        self.stop()

    def wait_until_up(self):
        give_up = time.monotonic() + START_TIMEOUT_S
        while True:
            if self.process and self.process.poll() is not None:
                raise SystemExit(f"the local world ended with {self.process.returncode} before it was up")
            try:
                urllib.request.urlopen(f"{self.control}/sim/clock", timeout=10).close()
                return
            except (urllib.error.URLError, ConnectionError, TimeoutError):
                if time.monotonic() > give_up:
                    raise SystemExit("the local world did not come up") from None
                time.sleep(0.2)

    def stop(self):
        if not self.process:
            return
        try:
            os.killpg(self.process.pid, signal.SIGTERM)  # its own session: cargo and what cargo started
            self.process.wait(timeout=10)
        except ProcessLookupError:
            pass
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        self.process = None
