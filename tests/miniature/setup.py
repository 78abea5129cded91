"""`reminders setup`, the owner's command: from nothing to a message on a phone; interrupted after each step; and typed."""

import json
import os
import signal

import cloud
import outside
from machine import ARCHITECTURE, SIMULATOR, Process, free_ports, wait_for
from release import released
from report import say
from terminal import Terminal

ACCOUNTS = {"mini_program": "mini program", "service_account": "service account"}  # and what people call them
CALLBACK_URL = {"mini_program": "MiniProgramCallbackUrl", "service_account": "ServiceAccountCallbackUrl"}
CHANNELS = 3  # each of them has a template
STEPS = ("tools", "secrets", "deploy", "settings", "consoles", "doctor")
NOWHERE = "http://127.0.0.1:9"  # until somebody enters an address in the console
RUN_TIMEOUT_S = 120


def sets_up(report, started, ministack, built, folder, ingress):
    base_port = free_ports(outside.PORTS)
    simulator = started.enter_context(outside.Simulator(SIMULATOR, base_port, NOWHERE, folder, "setup-simulator.log"))
    simulator.wait_until_up()
    release = released(built, folder / "release")
    for name, steps in (("reminders-once", ()), ("reminders-again", STEPS)):
        say(f"reminders setup: the stack {name}" + (", interrupted after each step" if steps else ", by one command"))
        owner = Owner(ministack, simulator, built.command, release, folder, name, base_port, ingress)
        if not steps:
            owner.takes_the_wrong_secrets(report)
        owner.is_interrupted(report, steps)
        owner.gets_a_message(report, steps)
        owner.runs_again(report)
        owner.has_a_private_bucket(report)
        owner.told_no_secret(report)
    say("reminders setup: a person types the answers")
    typing = Owner(ministack, simulator, built.command, release, folder, "reminders-typed", base_port, ingress)
    typing.types_at_a_terminal(report)


class Owner:
    """Whoever types the command, and sits at WeChat's two consoles."""

    def __init__(self, ministack, simulator, command, release, folder, stack, base_port, ingress):
        self.ministack, self.simulator, self.stack = ministack, simulator, stack
        self.setup = [command, "setup", "--release", release]
        self.folder, self.logs = folder / stack, []
        self.folder.mkdir()
        self.ingress, secrets = ingress, simulator.secrets()
        wechat = f"http://127.0.0.1:{base_port + 3}"
        self.parameters = {"Architecture": ARCHITECTURE, "DeletionProtection": "false"}
        self.parameters |= {"WechatApiUrl": wechat, "WechatMpUrl": wechat}
        self.appids = {account: secrets[account]["appid"] for account in ACCOUNTS}
        self.app_secrets = [secrets[account]["app_secret"] for account in ACCOUNTS]
        answers = {"stack": stack, "ingress": ingress, "parameters": self.parameters}
        for account, source in zip(ACCOUNTS, ("env:APP_SECRET", "stdin")):
            answers[account] = {"appid": self.appids[account], "app_secret_from": source}
        self.answers = self.folder / "answers.json"
        self.answers.write_text(json.dumps(answers))

    def types(self, *more):
        """The command, begun; the second AppSecret is on its standard input."""
        log = self.folder / f"{len(self.logs)}.log"
        self.logs.append(log)
        command = [*self.setup, "--answers", self.answers, "--yes", *more]
        of_wechat, typed = self.app_secrets
        reading, writing = os.pipe()
        os.write(writing, f"{typed}\n".encode())
        os.close(writing)
        environment = self.environment() | {"APP_SECRET": of_wechat}
        process = Process("reminders setup", command, log, cwd=self.folder, env=environment, stdin=reading)
        os.close(reading)
        return process

    def environment(self):
        more = {"AWS_ENDPOINT_URL": self.ministack.url, "AWS_REGION": cloud.REGION, "LC_ALL": "C.UTF-8"}
        return cloud.environment(**cloud.OWNER, **more)

    def said(self):
        return self.logs[-1].read_text()

    def takes_the_wrong_secrets(self, report):
        self.app_secrets.reverse()
        with self.types() as process:
            code = process.process.wait(RUN_TIMEOUT_S)
        refused = code == 1 and "WeChat does not accept" in self.said()
        report.check("each other's AppSecrets are refused by WeChat", refused, (code, self.said()))
        asked = self.ministack.client("ssm").describe_parameters()["Parameters"]
        report.check("and not stored", f"/{self.stack}/secrets" not in [one["Name"] for one in asked])
        self.app_secrets.reverse()

    def is_interrupted(self, report, steps):
        for step in steps:
            with self.types("--until", step) as process:
                if step == "consoles":
                    self.sits_at_the_consoles(report, process)
                process.succeeds(RUN_TIMEOUT_S)
            report.check(f"stopped after {step}, it says so", "stopped after" in self.said(), self.said())
            if step == "secrets":
                self.is_refused_the_templates(report)
            if step == "settings":
                # And once in the middle of a step.
                with self.types() as process:
                    waits = lambda: "waiting for the first callback" in self.said()  # noqa: E731
                    wait_for("it to wait for a console", waits, RUN_TIMEOUT_S, alive=process)
                    process.process.send_signal(signal.SIGINT)

    def is_refused_the_templates(self, report):
        """As an address is that is not on the account's list: settings without the service account would stay."""
        fault = {"endpoint": "/cgi-bin/template/get_all_private_template", "fault": {"errcode": 40164}, "times": 1}
        self.simulator.does("POST", "/sim/faults", fault)
        with self.types() as process:
            code = process.process.wait(RUN_TIMEOUT_S)
        stopped = code == 1 and "no first settings without service_template" in self.said()
        report.check("no first settings are made while WeChat refuses an account's templates", stopped, self.said())

    def gets_a_message(self, report, steps):
        with self.types() as process:
            if "consoles" not in steps:
                self.sits_at_the_consoles(report, process)
            wait_for("it to wait for a login", lambda: "log in" in self.said(), RUN_TIMEOUT_S, alive=process)
            phone = self.logs_in(report)
            told = lambda: "does not follow" in self.said()  # noqa: E731
            wait_for("it to say what the owner lacks", told, RUN_TIMEOUT_S, alive=process)
            phone.does("follow", {"via": "search"})
            process.succeeds(RUN_TIMEOUT_S)
        self.has_the_message(report, phone)

    def logs_in(self, report):
        phone = outside.Phone(self.simulator, f"owner-of-{self.stack}", self.reachable("ApiUrl").rstrip("/"))
        report.check(f"{self.stack}: the owner logs in through the new API", phone.logs_in() == 200)
        return phone

    def has_the_message(self, report, phone):
        found = [(message["kind"], message["in"]) for message in phone.about("测试 Test")]
        what = f"{self.stack}: the command ends with a message on the owner's phone"
        report.check(what, found == [("template", "service_account")], phone.inbox())

    def types_at_a_terminal(self, report):
        """From the first question to the last, with a slip at each that can be one."""
        command = list(self.setup)
        for name, value in self.parameters.items():
            command += ["--parameter", f"{name}={value}"]
        with Terminal(command, self.folder, self.environment()) as terminal:
            terminal.types("Name of the stack", self.stack)
            terminal.mistypes("AWS region", "singapore", "no region of AWS is called so", "")
            for (account, called), app_secret in zip(ACCOUNTS.items(), self.app_secrets):
                if account == "service_account":
                    terminal.types("Is there a verified service account", "yes")
                terminal.mistypes(f"AppID of the {called}", "gh_0", "looks unlike an AppID", self.appids[account])
                terminal.types_unseen(f"AppSecret of the {called}", app_secret[::-1])
                terminal.shows(f"WeChat does not accept appid and AppSecret of the {called}")
                terminal.types(f"AppID of the {called}", "")
                terminal.types_unseen(f"AppSecret of the {called}", app_secret)
                if account == "service_account":
                    terminal.mistypes("Its original id", "gh", "looks unlike", "gh_0123456789ab")
            terminal.mistypes("The way in", "httpapi", "there is no such way in", self.ingress)
            terminal.types("Deploy this as stack", "yes")
            for _ in range(CHANNELS):
                terminal.mistypes("Which one", "7", "no number of the list", "1")
            terminal.mistypes("Time zone", "Beijing", "no time zone is called so", "")
            for account in ACCOUNTS:
                terminal.types("copies the Token", "")
                terminal.types("copies the EncodingAESKey", "")
                self.enters(report, account)
            terminal.shows("log in")
            phone = self.logs_in(report)
            terminal.types("Send a test message", "yes")
            terminal.shows("does not follow")
            phone.does("follow", {"via": "search"})
            terminal.shows("Everything stands")
        self.has_the_message(report, phone)
        shown = [one for one in self.private() if one in terminal.text]
        report.check(f"{self.stack}: the terminal showed no secret", not shown, terminal.text)

    def sits_at_the_consoles(self, report, process):
        for account in ACCOUNTS:
            is_told = lambda: self.output(CALLBACK_URL[account]) in self.said()  # noqa: B023, E731
            wait_for(f"the address for the {account} to be told", is_told, RUN_TIMEOUT_S, alive=process)
            self.enters(report, account)

    def enters(self, report, account):
        """What the command says into the console of this account, and from the SecureString what it does not."""
        secrets = {name: self.secrets()[account][name] for name in ("callback_token", "encoding_aes_key")}
        entered = secrets | {"callback_url": self.reachable(CALLBACK_URL[account])}
        self.simulator.does("POST", f"/sim/accounts/{account}", entered)
        answer = self.simulator.does("POST", f"/sim/accounts/{account}/verify-url")
        report.check(f"{self.stack}: WeChat verifies what the {account}'s console was given", answer == {"ok": True})

    def runs_again(self, report):
        before = self.kept()
        with self.types("--until", "doctor") as process:
            process.succeeds(RUN_TIMEOUT_S)
        report.check(f"{self.stack}: a second run changes neither keys nor stack", self.kept() == before, before)

    def has_a_private_bucket(self, report):
        s3 = self.ministack.client("s3")
        (bucket,) = [one["Name"] for one in s3.list_buckets()["Buckets"] if one["Name"].endswith(f"-{self.stack}")]
        closed = s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"]
        kept = s3.get_bucket_versioning(Bucket=bucket).get("Status")
        what = f"{self.stack}: its archives are in a bucket of its own, private, every version kept"
        report.check(what, len(closed) == 4 and all(closed.values()) and kept == "Enabled", (closed, kept))

    def told_no_secret(self, report):
        told = [log.name for log in self.logs for one in self.private() if one in log.read_text()]
        report.check(f"{self.stack}: no secret in what {len(self.logs)} runs said", not told, told)

    def private(self):
        secrets = self.secrets()
        names = ("app_secret", "callback_token", "encoding_aes_key")
        stored = [secrets[account][name] for account in ACCOUNTS for name in names]
        mistyped = [app_secret[::-1] for app_secret in self.app_secrets]
        return [*stored, secrets["session_signing_key"], *self.app_secrets, *mistyped]

    # ---- what the owner may look up

    def described(self):
        return self.ministack.client("cloudformation").describe_stacks(StackName=self.stack)["Stacks"][0]

    def output(self, name):
        try:
            outputs = self.described().get("Outputs", [])
        except Exception:  # there is no stack yet
            outputs = []
        found = [output["OutputValue"] for output in outputs if output["OutputKey"] == name]
        return found[0] if found else "\0"

    def reachable(self, name):
        """The address as a path on MiniStack: no name server knows its hosts."""
        host, _, path = self.output(name).partition("://")[2].partition("/")
        kind = "lambda-url" if ".lambda-url." in host else "execute-api"
        return f"{self.ministack.url}/_aws/{kind}/{host.split('.')[0]}/{path}"

    def parameter(self):
        name = f"/{self.stack}/secrets"
        return self.ministack.client("ssm").get_parameter(Name=name, WithDecryption=True)["Parameter"]

    def secrets(self):
        return json.loads(self.parameter()["Value"])

    def kept(self):
        events = self.ministack.client("cloudformation").describe_stack_events(StackName=self.stack)["StackEvents"]
        return self.parameter()["Version"], len(events), self.described()["StackStatus"]
