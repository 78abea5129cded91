"""AWS in miniature: MiniStack as a process, the stack that SAM deploys to it, and what an operator does with the stack.

MiniStack is no copy of AWS. What it needs otherwise than AWS does is in OVERLAY, AS_LAMBDA_WOULD and
ministack_with_wechat.py, with the reasons. Nothing else of what is deployed is changed.

What it does not look at, and so is not tested here: iam:PassRole, what the scheduler's role may do, the group of a
schedule, the permission to write logs, and whether Lambda may write to the queue of failed dispatches.
"""

import contextlib
import difflib
import json
import os
import pathlib
import re
import tomllib
import urllib.request

import boto3
import botocore.exceptions

from machine import MINIATURE, ROOT, Failed, Process, free_port, wait_for

REGION = "ap-southeast-1"  # as samconfig.toml says
STACK = "reminders-dev"
DEPLOY_TIMEOUT_S = 300

# What is deployed differs from template.yaml in this alone: pattern, replacement, and why.
OVERLAY = [
    (
        r"(:schedule/)\$\{[\w:]+\}/\*",
        r"\1*",
        "MiniStack authorises every schedule as schedule/default/NAME, whatever its group",
    ),
]

# Lambda sets these from the function's LoggingConfig; MiniStack does not, but hands its own environment on.
AS_LAMBDA_WOULD = {"AWS_LAMBDA_LOG_FORMAT": "JSON", "AWS_LAMBDA_LOG_LEVEL": "INFO"}

# Made up; whoever has a key MiniStack does not know is the owner of the account. Nothing here can reach real AWS: no
# profile, no other credentials, one endpoint.
OWNER = {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_DEFAULT_REGION": REGION,
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "AWS_EC2_METADATA_DISABLED": "true",
    "SAM_CLI_TELEMETRY": "0",
}


def environment(**more):
    """This process's environment without anything of AWS's, and `more`."""
    return {name: value for name, value in os.environ.items() if not name.startswith("AWS_")} | more


class MiniStack(Process):
    """All of AWS on one port, with the permissions of roles enforced."""

    def __init__(self, folder):
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        # Functions inherit this environment, so it holds nothing they could mistake for what the template gives them.
        inherited = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        super().__init__(
            "MiniStack",
            [MINIATURE / "bin/python", pathlib.Path(__file__).with_name("ministack_with_wechat.py")],
            folder / "ministack.log",
            cwd=folder,
            env=inherited
            | AS_LAMBDA_WOULD
            | {
                "AUTH": "true",
                "AWS_ENDPOINT_URL": self.url,  # and handed on: so the functions reach it
                "BIND_HOST": "127.0.0.1",
                "GATEWAY_PORT": str(self.port),
                "MINISTACK_REGION": REGION,
                "S3_DATA_DIR": str(folder / "s3"),
                "TMPDIR": str(folder),
            },
        )

    def wait_until_up(self):
        def up():
            with contextlib.suppress(OSError):
                return urllib.request.urlopen(f"{self.url}/_ministack/health", timeout=2).status == 200

        wait_for("MiniStack to come up", up, 30, alive=self)

    def client(self, service, over_tls=False):
        client = boto3.client(
            service,
            endpoint_url=self.url,
            region_name=REGION,
            aws_access_key_id=OWNER["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=OWNER["AWS_SECRET_ACCESS_KEY"],
        )
        if over_tls:
            # MiniStack believes it, as it would a load balancer; our queues refuse whoever comes without TLS.
            header = lambda request, **_: request.headers.add_header("X-Forwarded-Proto", "https")  # noqa: E731
            client.meta.events.register("before-sign.*", header)
        return client


def overlaid(template):
    """The template as MiniStack needs it, and the difference for people to see."""
    text = template
    for pattern, replacement, why in OVERLAY:
        text, times = re.subn(pattern, replacement, text)
        if not times:
            raise Failed(f"the template has nothing like {pattern} any more; it was replaced, because {why}")
    lines = difflib.unified_diff(template.splitlines(), text.splitlines(), lineterm="", n=0)
    return text, [line for line in lines if line[0] in "+-" and line[:3] not in ("+++", "---")]


def deploy(ministack, sam, template, overrides, folder):
    """`sam deploy` with everything samconfig.toml says, and these parameters besides."""
    known = tomllib.loads((ROOT / "samconfig.toml").read_text())["default"]["deploy"]["parameters"]
    assert (known["stack_name"], known["region"]) == (STACK, REGION), "samconfig.toml names another stack or region"
    command = [sam, "deploy", "--config-file", ROOT / "samconfig.toml", "--template-file", template]
    command += ["--parameter-overrides", *known["parameter_overrides"]]
    command += [f"{name}={value}" for name, value in overrides.items()]
    owner = environment(**OWNER, AWS_ENDPOINT_URL=ministack.url)
    with Process("sam deploy", command, folder / "deploy.log", cwd=folder, env=owner) as process:
        process.succeeds(DEPLOY_TIMEOUT_S)
    return Stack(ministack)


class Stack:
    """The deployed stack, as CloudFormation tells of it."""

    def __init__(self, ministack):
        self.cloudformation = ministack.client("cloudformation")
        self.lambda_ = ministack.client("lambda")
        self.iam = ministack.client("iam")
        self.logs = ministack.client("logs")
        self.scheduler = ministack.client("scheduler")
        described = self.cloudformation.describe_stacks(StackName=STACK)["Stacks"][0]
        self.status = described["StackStatus"]
        self.outputs = {output["OutputKey"]: output["OutputValue"] for output in described.get("Outputs", [])}
        self.resources = {
            resource["LogicalResourceId"]: resource
            for resource in self.cloudformation.describe_stack_resources(StackName=STACK)["StackResources"]
        }
        # By what comes after the stack's name in theirs.
        self.functions = {
            resource["PhysicalResourceId"].removeprefix(f"{STACK}-"): self.lambda_.get_function_configuration(
                FunctionName=resource["PhysicalResourceId"]
            )
            for resource in self.resources.values()
            if resource["ResourceType"] == "AWS::Lambda::Function"
        }

    def invoke(self, function, event):
        """`lambda invoke`: (what it answered, whether that was an error)."""
        answer = self.lambda_.invoke(FunctionName=self.functions[function]["FunctionName"], Payload=json.dumps(event))
        return json.loads(answer["Payload"].read()), "FunctionError" in answer

    def invoke_later(self, function, event):
        """As EventBridge Scheduler does it: queued, tried again, and left in the queue in the end."""
        name = self.functions[function]["FunctionName"]
        return self.lambda_.invoke(FunctionName=name, InvocationType="Event", Payload=json.dumps(event))["StatusCode"]

    def resource_policy(self, function):
        """The statements about who else may call the function."""
        with contextlib.suppress(self.lambda_.exceptions.ResourceNotFoundException):
            policy = self.lambda_.get_policy(FunctionName=self.functions[function]["FunctionName"])["Policy"]
            return json.loads(policy)["Statement"]
        return []

    def log_group(self, function):
        return self.functions[function]["LoggingConfig"]["LogGroup"]

    def log_lines(self, function):
        """What the function itself wrote, oldest first; without Lambda's own START, END and REPORT."""
        pages = self.logs.get_paginator("filter_log_events").paginate(logGroupName=self.log_group(function))
        lines = [event["message"].strip() for page in pages for event in page["events"]]
        return [line for line in lines if line and not re.match(r"(START|END|REPORT) RequestId: ", line)]

    def schedules(self):
        """Every schedule of the stack's group, by name."""
        group = self.outputs["ScheduleGroupName"]
        names = [one["Name"] for one in self.scheduler.list_schedules(GroupName=group)["Schedules"]]
        found = {}
        for name in names:
            # It may fire between the two calls.
            with contextlib.suppress(self.scheduler.exceptions.ResourceNotFoundException):
                found[name] = self.scheduler.get_schedule(GroupName=group, Name=name)
        return found


def refusal(call, **named):
    """The code with which AWS refuses this call, if it does."""
    try:
        call(**named)
    except botocore.exceptions.ClientError as error:
        return error.response["Error"]["Code"]
    return None
