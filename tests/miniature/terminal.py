"""A terminal, and somebody who types at it when they are asked."""

import contextlib
import os
import pty
import select
import termios

from machine import Process, wait_for

TIMEOUT_S = 60


class Terminal:
    """A program that takes it for a person's."""

    def __init__(self, command, folder, environment):
        self.ours, theirs = pty.openpty()
        self.text, self.read = "", 0
        streams = {"stdin": theirs, "stdout": theirs, "stderr": theirs}
        self.program = Process(command[0].name, command, cwd=folder, env=environment, **streams)
        os.close(theirs)

    def __enter__(self):
        self.program.__enter__()
        return self

    def __exit__(self, *failure):
        self.program.__exit__(*failure)
        os.close(self.ours)

    def shows(self, what):
        """Reads on until this is there."""

        def is_there():
            with contextlib.suppress(OSError):  # it has ended, and all was read
                while select.select([self.ours], [], [], 0)[0]:
                    self.text += os.read(self.ours, 4096).decode(errors="replace")
            return what in self.text[self.read :]

        wait_for(f"the terminal to show {what}", is_there, TIMEOUT_S, alive=self.program)
        self.read = self.text.index(what, self.read) + len(what)

    def types(self, question, answer):
        self.shows(question)
        os.write(self.ours, f"{answer}\n".encode())

    def mistypes(self, question, wrong, said, answer):
        """And is asked again, with the reason."""
        self.types(question, wrong)
        self.shows(said)
        self.types(question, answer)

    def types_unseen(self, question, answer):
        """As a person does, not before the terminal has stopped to show what is typed."""
        self.shows(question)
        is_unseen = lambda: not termios.tcgetattr(self.ours)[3] & termios.ECHO  # noqa: E731
        wait_for("the terminal to show nothing", is_unseen, TIMEOUT_S, alive=self.program)
        os.write(self.ours, f"{answer}\n".encode())
