#!/usr/bin/env python3
"""Holds the API to its own description: what GET /openapi.json promises against what reminder-api answers.

It starts the local world on ports of its own, logs two users in, and has schemathesis send what the description allows
and what it forbids. An operation that never succeeded was not examined, so that is a failure too.

SIMULATOR is the program of the local world; by default target/debug/simulator or, where that is not built, `cargo run`.
"""

import argparse
import collections
import json
import os
import pathlib
import re
import signal
import sys
import tempfile
import urllib.error
import urllib.request

import schemathesis
from local_world import ROOT, LocalWorld
from schemathesis.cli import schemathesis as command_line
from schemathesis.openapi.checks import RejectedPositiveData

NOW = "2027-01-10T10:00:00+08:00"  # the examples of the description lie ahead of it
EXAMPLES_PER_OPERATION = 50

# Values a generator would not hit upon, so that more than refusals is examined. Every other value stays generated.
KNOWN = {
    "body.template": ["expiry"],
    "body.expires_at": ["2027-03-01T00:00:00+08:00", "2031-06-30T23:59:59Z", "2036-12-31T12:00:00.5-03:30"],
    "body.timezone": ["Asia/Shanghai", "America/St_Johns", "UTC"],
    "body.pushes[*].at": ["2027-01-20T09:00:00+08:00", "2027-02-28T15:00:00Z", "2027-01-10T02:01:00Z"],
    "body.page": ["pages/item/item?id=42", "pages/item/item?title=%E6%8A%A4%E7%85%A7&n=1"],
}
KNOWN_SHARE = 0.9

# Rules that a description cannot state: about the clock ("at least 15 minutes ahead"), the settings (template ids, what
# a keyword's type can show), two fields together, or what was given out earlier. A request that the description allows
# may be refused with 422 if each error names such a field and begins like this; with 412, if it is a revision's.
BEYOND_THE_DESCRIPTION = [
    (r"template|title|note|expires_at|expires_on|timezone|cursor", ""),
    (r"page", "must not "),
    (r"page", "must be a path"),
    (r"pushes\[\d\]\.(at|time)", "must "),
    (r"pushes\[\d\]", "must be another moment"),
    (r"pushes\[\d\]", "must be before the day of expiry"),  # with repeat
    (r"pushes\[\d\]\.(days|weeks|months)_before", "must be shorter than repeat.every"),
    (r"pushes", "is required, unless"),
    (r"pushes\[\d\]\.channels\[\d\]", "must be one of this template's"),
    (r"(default_pushes|prefer|(default_)?pushes\[\d\]\.channels)\[\d\]", "is there already"),
    (r"quiet_hours", "must not begin and end"),
    (r"for|until", "must be at "),
    (r"for|until", "must be before the reminder expires"),
]

A_REMINDER = {
    "template": "expiry",
    "title": "护照",
    "expires_at": "2027-03-01T00:00:00+08:00",
    "pushes": [{"days_before": 7, "time": "09:00"}],
}


def call(method, url, document=None, token=None):
    """One HTTP request that has to succeed; its JSON."""
    headers = {"Content-Type": "application/json"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    body = None if document is None else json.dumps(document).encode()
    request = urllib.request.Request(url, data=body, method=method, headers=headers)
    with urllib.request.urlopen(request, timeout=10) as response:
        return json.loads(response.read() or b"null")


def simulator():
    """The command that starts the local world."""
    named = os.environ.get("SIMULATOR")
    if named:
        return [pathlib.Path(named).resolve()]
    built = ROOT / "target/debug/simulator"
    return [built] if built.exists() else ["cargo", "run", "--quiet", "--"]


class World(LocalWorld):
    """With people in it."""

    made = "none"

    def __init__(self, base_port):
        super().__init__(base_port, [*simulator(), "--pace", "explicit", "--now", NOW])

    def code(self, name):
        """What `wx.login` gives; good once."""
        return call("POST", f"{self.control}/sim/users/{name}/login", {})["code"]

    def arrives(self, name):
        """A new user's token."""
        call("POST", f"{self.control}/sim/users", {"name": name, "unionid": True})
        return call("POST", f"{self.api}/login", {"code": self.code(name)})["token"]

    def reminder(self, token):
        """One that is active; made only when the last one is not any more, for a day has so many."""
        try:
            if call("GET", f"{self.api}/reminders/{self.made}", token=token)["state"] == "active":
                return self.made
        except urllib.error.HTTPError:
            pass
        self.made = call("POST", f"{self.api}/reminders", A_REMINDER, token)["id"]
        return self.made


def configuration(tokens, seed):
    """The texts of schemathesis.toml and of the file of identities that it names."""
    toml = json.dumps  # texts and lists of texts are written alike in both
    dictionaries = {place: "".join(filter(str.isalpha, place)) for place in KNOWN}
    lines = [
        f"seed = {seed}",
        "continue-on-failure = true",
        "cache.enabled = false",
        "generation.database = 'none'",
        f"generation.max-examples = {EXAMPLES_PER_OPERATION}",
        # Some warnings restate the rules beyond the description; the count of answers at the end says what failed.
        "warnings = false",
        # Peers: the one may not read what the other made.
        f"auth.wfc = {{ path = 'identities.json', user = 'owner', peers = {toml(list(tokens))} }}",
        "[dictionaries]",
        *(f"{dictionaries[place]}.values = {toml(values)}" for place, values in KNOWN.items()),
    ]
    for operation in ("POST /reminders", "PUT /reminders/{id}"):
        lines += ["[[operations]]", f"include-name = {toml(operation)}"]
        lines += [
            f"parameters.{toml(place)} = {{ dictionary = {toml(name)}, probability = {KNOWN_SHARE} }}"
            for place, name in dictionaries.items()
        ]
    identities = [
        {"name": name, "fixedHeaders": [{"name": "Authorization", "value": f"Bearer {token}"}]}
        for name, token in tokens.items()
    ]
    return "\n".join(lines) + "\n", json.dumps({"auth": identities})


def put_in_what_exists(world, tokens):
    """A hook: every other request logs in with a code that is good, or names a reminder that is there. Who asks to be
    forgotten is somebody who came for that, for the tokens of a forgotten user are good for nothing.
    """
    turns = collections.Counter()
    known = {f"Bearer {token}" for token in tokens.values()}

    @schemathesis.hook
    def before_call(context, case, kwargs):
        label = case.operation.label
        turns[label] += 1
        if label == "DELETE /me" and case.headers.get("Authorization") in known:
            case.headers["Authorization"] = f"Bearer {world.arrives(f'leaver{turns[label]}')}"
        if turns[label] % 2:
            return
        if label == "POST /login" and isinstance(case.body, dict) and isinstance(case.body.get("code"), str):
            case.body["code"] = world.code("owner")
        if "{id}" in case.operation.path and isinstance(case.path_parameters.get("id"), str):
            case.path_parameters["id"] = world.reminder(tokens["owner"])


def allow_rules_beyond_the_description():
    """A hook: False drops a failure."""

    def lies_beyond(error):
        rules = (message for field, message in BEYOND_THE_DESCRIPTION if re.fullmatch(field, error["field"], re.DOTALL))
        return any(error["message"].startswith(message) for message in rules)

    def is_a_slip_of_the_generator(error, case):
        # schemathesis 4.32.5, once it has made a bad value for an optional header, also sends it in requests that it
        # takes for allowed. "null" is no slip: it says that the description allows null.
        header, value = case.operation.headers.get(error["field"]), case.headers.get(error["field"])
        return header is not None and value not in (None, "null") and not header.is_valid(value)

    @schemathesis.hook
    def filter_failure(context, failure, case, response):
        if not isinstance(failure, RejectedPositiveData) or response.status_code not in (412, 422):
            return True
        problem = response.json()
        if problem["code"] in ("idempotency_key_reused", "revision_mismatch"):
            return False
        return not all(lies_beyond(error) or is_a_slip_of_the_generator(error, case) for error in problem["errors"])


def count_answers():
    """A hook; by operation: how often which status."""
    answers = collections.defaultdict(collections.Counter)

    @schemathesis.hook
    def after_call(context, case, response):
        if case.method.upper() == case.operation.method.upper():
            answers[case.operation.label][response.status_code] += 1

    return answers


def run_schemathesis(arguments):
    """Its exit code."""
    sys.stdout.flush()
    try:
        command_line(arguments)
    except SystemExit as ended:
        return ended.code or 0
    return 0


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--base-port", type=int, default=9600)
    arguments.add_argument("--seed", type=int, default=1, help="another one sends other requests")
    arguments = arguments.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the world ends with us

    with World(arguments.base_port) as world, tempfile.TemporaryDirectory() as folder:
        tokens = {name: world.arrives(name) for name in ("owner", "stranger")}
        put_in_what_exists(world, tokens)
        allow_rules_beyond_the_description()
        answers = count_answers()
        text, identities = configuration(tokens, arguments.seed)
        pathlib.Path(folder, "schemathesis.toml").write_text(text)
        pathlib.Path(folder, "identities.json").write_text(identities)
        os.chdir(folder)  # what it leaves goes with the folder
        # All of both, whatever the defaults of a version are.
        whole = ["--checks", "all", "--phases", "examples,coverage,fuzzing,stateful", "--mode", "all"]
        code = run_schemathesis(["--config-file", "schemathesis.toml", "run", *whole, f"{world.api}/openapi.json"])
        os.chdir(ROOT)

    print("answers")
    for operation, statuses in sorted(answers.items()):
        counts = "  ".join(f"{status}: {count}" for status, count in sorted(statuses.items()))
        print(f"  {operation:<28}{counts}")
    never = [name for name, statuses in sorted(answers.items()) if not any(200 <= status < 300 for status in statuses)]
    for operation in never:
        print(f"FAILED  {operation} never succeeded, so its answers were not examined")
    return 1 if code or never or not answers else 0


if __name__ == "__main__":
    sys.exit(main())
