"""What is said while it runs, and what was found in the end."""

import time

STARTED = time.monotonic()


def say(text):
    print(f"[{time.monotonic() - STARTED:6.1f} s] {text}", flush=True)


class Report:
    def __init__(self):
        self.checks = []

    def check(self, title, passed, found=""):
        """`found` is shown if the check failed."""
        self.checks.append((title, bool(passed)))
        print(line(title, passed) + ("" if passed else f": {str(found)[:2000]}"), flush=True)

    def summary(self):
        failed = sum(not passed for _, passed in self.checks)
        print("\n" + "\n".join(line(*check) for check in self.checks))
        say(f"{len(self.checks)} checks, {failed} failed")
        return failed


def line(title, passed):
    return f"  {'ok    ' if passed else 'FAILED'}  {title}"
