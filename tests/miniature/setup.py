"""`reminders setup`, the owner's command: from nothing to a message on a phone; and interrupted after each step, the same."""

import hashlib
import json
import os
import re
import signal
import zipfile

import cloud
import outside
from machine import ARCHITECTURE, COMMAND, SIMULATOR, Process, free_ports, wait_for
from report import say
from terminal import Terminal

ACCOUNTS = ("mini_program", "service_account")
STEPS = ("tools", "secrets", "deploy", "settings", "consoles", "doctor")
NOWHERE = "http://127.0.0.1:9"  # until somebody enters an address in the console
RUN_TIMEOUT_S = 120
PLAN = "AWS::Lambda::Function"  # on the screen before it deploys


def sets_up(report, started, ministack, build_dir, folder, ingress):
    base_port = free_ports(outside.PORTS)
    simulator = started.enter_context(outside.Simulator(SIMULATOR, base_port, NOWHERE, folder, "setup-simulator.log"))
    simulator.wait_until_up()
    release = released(build_dir, folder / "release")
    for name, steps in (("reminders-once", ()), ("reminders-again", STEPS)):
        say(f"reminders setup: the stack {name}" + (", interrupted after each step" if steps else ", by one command"))
        owner = Owner(ministack, simulator, release, folder, name, base_port, ingress)
        if not steps:
            owner.takes_the_wrong_secrets(report)
        owner.is_interrupted(report, steps)
        owner.gets_a_message(report, steps)
        owner.runs_again(report)
        owner.told_no_secret(report)
    say("reminders setup: a person types the answers")
    Owner(ministack, simulator, release, folder, "reminders-typed", base_port, ingress).types_at_a_terminal(report)


def released(build_dir, release):
    """As a release has it: an archive for each function, the template that names them, and their sums."""
    release.mkdir()
    template = (build_dir / "miniature.yaml").read_text()
    names = re.findall(r"^ +CodeUri: (\w+)$", template, re.MULTILINE)
    for name in names:
        with zipfile.ZipFile(release / f"{name}.zip", "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            archive.write(build_dir / name / "bootstrap", "bootstrap")
    text = re.sub(r"^( +CodeUri: \w+)$", r"\1.zip", template, flags=re.MULTILINE)
    (release / f"template-{ARCHITECTURE}.yaml").write_text(text)
    files = sorted(release.iterdir())
    sums = [f"{hashlib.sha256(file.read_bytes()).hexdigest()}  {file.name}\n" for file in files]
    (release / "SHA256SUMS").write_text("".join(sums))
    return release


class Owner:
    """Whoever types the command, and sits at WeChat's two consoles."""

    def __init__(self, ministack, simulator, release, folder, stack, base_port, ingress):
        self.ministack, self.simulator, self.release, self.stack = ministack, simulator, release, stack
        self.folder, self.logs = folder / stack, []
        self.folder.mkdir()
        secrets = simulator.secrets()
        self.wechat = f"http://127.0.0.1:{base_port + 3}"
        parameters = {"Architecture": ARCHITECTURE, "WechatApiUrl": self.wechat, "WechatMpUrl": self.wechat}
        answers = {"stack": stack, "ingress": ingress, "parameters": parameters | {"DeletionProtection": "false"}}
        for account, source in zip(ACCOUNTS, ("env:APP_SECRET", "stdin")):
            answers[account] = {"appid": secrets[account]["appid"], "app_secret_from": source}
        self.app_secrets = [secrets[account]["app_secret"] for account in ACCOUNTS]
        self.answers = self.folder / "answers.json"
        self.answers.write_text(json.dumps(answers))

    def types(self, *more):
        """The command, begun; the second AppSecret is on its standard input."""
        log = self.folder / f"{len(self.logs)}.log"
        self.logs.append(log)
        command = [COMMAND, "setup", "--answers", self.answers, "--release", self.release, "--yes", *more]
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
                # And once in the middle of it all.
                with self.types() as process:
                    wait_for("the plan to be told", lambda: PLAN in self.said(), RUN_TIMEOUT_S, alive=process)
                    process.process.send_signal(signal.SIGINT)

    def gets_a_message(self, report, steps):
        with self.types() as process:
            if "consoles" not in steps:
                self.sits_at_the_consoles(report, process)
            wait_for("it to wait for a login", lambda: "log in" in self.said(), RUN_TIMEOUT_S, alive=process)
            phone = outside.Phone(self.simulator, f"owner-of-{self.stack}", self.reachable("ApiUrl").rstrip("/"))
            report.check("the owner logs in through the new API", phone.logs_in() == 200)
            told = lambda: "does not follow" in self.said()  # noqa: E731
            wait_for("it to say what the owner lacks", told, RUN_TIMEOUT_S, alive=process)
            phone.does("follow", {"via": "search"})
            process.succeeds(RUN_TIMEOUT_S)
        found = [(message["kind"], message["in"]) for message in phone.about("测试 Test")]
        what = f"{self.stack}: the command ends with a message on the owner's phone"
        report.check(what, found == [("template", "service_account")], phone.inbox())

    def types_at_a_terminal(self, report):
        """Until the secrets are stored."""
        appids = [self.simulator.secrets()[account]["appid"] for account in ACCOUNTS]
        command = [COMMAND, "setup", "--release", self.release, "--until", "secrets"]
        command += ["--parameter", f"WechatApiUrl={self.wechat}"]
        with Terminal(command, self.folder, self.environment()) as terminal:
            terminal.types("Name of the stack", self.stack)
            terminal.types("AWS region", "")
            for account, appid, app_secret in zip(ACCOUNTS, appids, self.app_secrets):
                if account == "service_account":
                    terminal.types("[yes/no]", "yes")
                terminal.types(f"AppID of the {account}", appid)
                terminal.types_unseen(f"AppSecret of the {account}", app_secret)
            terminal.shows("stopped after")
        stored = [self.secrets()[account][name] for name in ("appid", "app_secret") for account in ACCOUNTS]
        report.check(f"{self.stack}: what was typed is stored", stored == appids + self.app_secrets)
        shown = [one for one in self.app_secrets if one in terminal.text]
        report.check(f"{self.stack}: and no AppSecret was shown", not shown, terminal.text)

    def sits_at_the_consoles(self, report, process):
        for account in ACCOUNTS:
            self.enters(report, process, account)

    def enters(self, report, process, account):
        """What the command says into the console of this account, and from the SecureString what it does not."""
        output = {"mini_program": "MiniProgramCallbackUrl", "service_account": "ServiceAccountCallbackUrl"}[account]
        what = f"the address for the {account} to be told"
        wait_for(what, lambda: self.output(output) in self.said(), RUN_TIMEOUT_S, alive=process)
        secrets = {name: self.secrets()[account][name] for name in ("callback_token", "encoding_aes_key")}
        entered = secrets | {"callback_url": self.reachable(output)}
        self.simulator.does("POST", f"/sim/accounts/{account}", entered)
        answer = self.simulator.does("POST", f"/sim/accounts/{account}/verify-url")
        report.check(f"{self.stack}: WeChat verifies what the {account}'s console was given", answer == {"ok": True})

    def runs_again(self, report):
        before = self.kept()
        with self.types("--until", "doctor") as process:
            process.succeeds(RUN_TIMEOUT_S)
        report.check(f"{self.stack}: a second run changes neither keys nor stack", self.kept() == before, before)

    def told_no_secret(self, report):
        secrets = self.secrets()
        accounts = [secrets[account] for account in ACCOUNTS]
        names = ("app_secret", "callback_token", "encoding_aes_key")
        private = [account[name] for account in accounts for name in names] + [secrets["session_signing_key"]]
        private += self.app_secrets
        told = [log.name for log in self.logs for one in private if one in log.read_text()]
        report.check(f"{self.stack}: no secret in what {len(self.logs)} runs said", len(private) == 9 and not told, told)

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
