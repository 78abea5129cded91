"""What is outside AWS: WeChat and phones, simulated, and HTTP."""

import contextlib
import json
import urllib.error
import urllib.request

from machine import Failed, Process, wait_for

PORTS = 8  # of the simulator; README says which is what


def call(method, url, document=None, token=None):
    """One HTTP request: (status, JSON or text), whatever the status."""
    headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
    body = None if document is None else json.dumps(document).encode()
    request = urllib.request.Request(url, data=body, method=method, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=20) as response:
            status, text = response.status, response.read().decode()
    except urllib.error.HTTPError as refused:
        status, text = refused.code, refused.read().decode()
    try:
        return status, json.loads(text)
    except ValueError:
        return status, text


class Simulator(Process):
    """WeChat, and the phones of its users. Its own functions and its own AWS are idle."""

    def __init__(self, program, base_port, callback_url, folder, log="simulator.log"):
        self.control = f"http://127.0.0.1:{base_port}"
        self.ssm_url = f"http://127.0.0.1:{base_port + 6}"
        command = [program, "--pace", "real", "--base-port", str(base_port), "--callback-url", callback_url]
        super().__init__("the simulator", command, folder / log, cwd=folder)

    def wait_until_up(self):
        def up():
            with contextlib.suppress(OSError):
                return call("GET", f"{self.control}/sim/clock")[0] == 200

        wait_for("the simulator to come up", up, 30, alive=self)

    def secrets(self):
        """The document that belongs into the SecureString, for this WeChat's accounts."""
        headers = {"X-Amz-Target": "AmazonSSM.GetParameter", "Content-Type": "application/x-amz-json-1.1"}
        body = json.dumps({"Name": "/reminders/secrets", "WithDecryption": True}).encode()
        request = urllib.request.Request(self.ssm_url, data=body, headers=headers)
        with urllib.request.urlopen(request, timeout=10) as response:
            return json.loads(json.loads(response.read())["Parameter"]["Value"])

    def does(self, method, path, document=None):
        status, answer = call(method, self.control + path, document)
        if status >= 300:
            raise Failed(f"the simulator answers {method} {path} with {status}: {answer}")
        return answer


class Phone:
    """Somebody's phone: WeChat on it, and in that our mini program, which speaks to the deployed API."""

    def __init__(self, simulator, name, api):
        self.simulator, self.name, self.api, self.token = simulator, name, api, None
        user = simulator.does("POST", "/sim/users", {"name": name, "unionid": True})
        self.openids = [user["mini_program_openid"], user["service_account_openid"]]

    def does(self, verb, details=None):
        return self.simulator.does("POST", f"/sim/users/{self.name}/{verb}", details or {})

    def logs_in(self):
        status, answer = self.calls("POST", "/login", {"code": self.does("login")["code"]})
        self.token = answer["token"] if status == 200 else None
        return status

    def calls(self, method, path, document=None):
        return call(method, self.api + path, document, self.token)

    def answered(self, event, times=1):
        """The push that this event of theirs caused, once the callback has answered it so often."""
        pushes = self.simulator.does("GET", "/sim/callbacks")
        pushes = [push for push in pushes if push["event"] == event]
        mine = [push for push in pushes if any(openid in push["document"] for openid in self.openids)]
        return mine[-1] if mine and len(mine[-1]["attempts"]) >= times else None

    def inbox(self):
        """The messages that reached it, oldest first."""
        return self.simulator.does("GET", f"/sim/users/{self.name}/inbox")

    def about(self, title):
        """Those of them that name this thing."""
        return [message for message in self.inbox() if title in json.dumps(message, ensure_ascii=False)]
