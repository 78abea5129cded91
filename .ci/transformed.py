#!/usr/bin/env python3
"""What SAM's translator makes of template.yaml: linted for every region that is meant, and what must stay stays.

    transformed.py                              the checks, for each of REGIONS
    transformed.py REGION [PARAMETER=VALUE …]   the stack as JSON, without what a condition leaves out

cfn-lint does not look into what SAM adds, and SAM knows no regions: so both are needed. Nothing is called. Run with Python
of .venv/deploy.
"""

import copy
import json
import logging
import os
import pathlib
import subprocess
import sys
import tempfile

TEMPLATE = pathlib.Path(__file__).resolve().parent.parent / "template.yaml"
CHINA = ("cn-north-1", "cn-northwest-1")
# By partition: within one, SAM makes the same of it everywhere.
REGIONS = (("ap-southeast-1", "ap-east-1", "us-east-1"), CHINA)
# Pending schedules, WeChat's consoles and released mini programs hold the names and addresses of these. Another logical
# id is another resource, and the old one is deleted.
KEPT = {
    "Table": "AWS::DynamoDB::Table",
    "ScheduleGroup": "AWS::Scheduler::ScheduleGroup",
    "SchedulerRole": "AWS::IAM::Role",
    "UndeliveredSchedulesQueue": "AWS::SQS::Queue",
    "FailedDispatchesQueue": "AWS::SQS::Queue",
    "WechatCallbackFunction": "AWS::Lambda::Function",
    "ReminderApiFunction": "AWS::Lambda::Function",
    "ReminderDispatchFunction": "AWS::Lambda::Function",
    "OperationsFunction": "AWS::Lambda::Function",
}
# As SAM named them when it made them.
BY_URL = {
    f"{function}Function{resource}": kind
    for function in ("WechatCallback", "ReminderApi")
    for resource, kind in (
        ("Url", "AWS::Lambda::Url"),
        ("UrlPublicPermissions", "AWS::Lambda::Permission"),
        ("URLInvokeAllowPublicAccess", "AWS::Lambda::Permission"),
    )
}


class NoPolicies:
    """Ours are spelled out: no managed policy is known by its name alone."""

    def load(self):
        return {}


def transformed(region):
    os.environ["AWS_DEFAULT_REGION"] = region  # the translator's partition
    from samtranslator.translator.transform import transform
    from samtranslator.yaml_helper import yaml_parse

    logging.disable()  # it counts, and complains that nobody takes the figures
    template = yaml_parse(TEMPLATE.read_text())
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Function":
            resource["Properties"]["CodeUri"] = "s3://bucket/key"  # as `sam deploy` would have it
    return transform(template, {}, NoPolicies())


def without_what_is_left_out(stack, region, given):
    """The stack as it is with these parameters, the others at their defaults."""
    stack = copy.deepcopy(stack)
    values = {name: str(one.get("Default", "")) for name, one in stack["Parameters"].items()} | given
    values |= {"AWS::Region": region, "AWS::Partition": "aws-cn" if region in CHINA else "aws"}

    def value(what):
        return values[what["Ref"]] if isinstance(what, dict) else str(what)

    def holds(what):
        ((function, argument),) = what.items()
        return {
            "Condition": lambda: holds(stack["Conditions"][argument]),
            "Fn::Equals": lambda: value(argument[0]) == value(argument[1]),
            "Fn::Not": lambda: not holds(argument[0]),
            "Fn::And": lambda: all(map(holds, argument)),
            "Fn::Or": lambda: any(map(holds, argument)),
        }[function]()

    for section in ("Resources", "Outputs"):
        stack[section] = {
            name: one
            for name, one in stack[section].items()
            if "Condition" not in one or holds({"Condition": one["Condition"]})
        }
    return stack


def missing(stack, region, ingress):
    """What must be there, and is not."""
    resources = without_what_is_left_out(stack, region, {"Ingress": ingress})["Resources"]
    must = KEPT | ({} if region in CHINA or ingress == "HttpApi" else BY_URL)
    return [name for name, kind in must.items() if resources.get(name, {}).get("Type") != kind]


def lint(stack, regions):
    with tempfile.NamedTemporaryFile("w", prefix="transformed-", suffix=".json") as file:
        json.dump(stack, file, indent=2)
        file.flush()
        program = pathlib.Path(sys.executable).with_name("cfn-lint")
        command = [program, "--regions", *regions, "--include-checks", "I", "--", file.name]
        return subprocess.run(command).returncode == 0


def main():
    if region := next(iter(sys.argv[1:]), None):
        given = dict(one.split("=", 1) for one in sys.argv[2:])
        print(json.dumps(without_what_is_left_out(transformed(region), region, given), indent=2))
        return 0
    failures = []
    for regions in REGIONS:
        stack = transformed(regions[0])
        if not lint(stack, regions):
            failures.append(f"cfn-lint, {' '.join(regions)}")
        for region in regions:
            for ingress in ("FunctionUrl", "Both", "HttpApi"):
                if names := missing(stack, region, ingress):
                    failures.append(f"{region}, Ingress={ingress}: no {', '.join(names)}, or of another type")
    print("\n".join(failures or ["what SAM makes of template.yaml is as it must be"]))
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
