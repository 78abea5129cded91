"""New code for a function of the stack, by the line of docs/deploy.md §2; and what a line with another name makes."""

import re
import shutil

import cloud
from machine import DEPLOY, ROOT, Process

FUNCTION, RESOURCE = "operations", "OperationsFunction"
DEPLOY_TIMEOUT_S = 120
# What new code changes by itself.
OF_THE_CODE = {"CodeSha256", "CodeSize", "LastModified", "RevisionId", "Version", "ResponseMetadata"}
OF_AN_UPDATE = ("State", "LastUpdateStatus")  # how far it is, and why


def documented_line():
    """As people copy it, without what comes before the command."""
    text = (ROOT / "docs/deploy.md").read_text()
    line = re.search(r"^cargo lambda deploy .*$", text, re.MULTILINE)[0]
    return line.replace("reminder-dispatch", FUNCTION).split()


def changes_code_only(report, stack, ministack, build_dir, folder):
    name = stack.functions[FUNCTION]["FunctionName"]
    binary = folder / "lambda" / FUNCTION / "bootstrap"
    binary.parent.mkdir(parents=True)
    shutil.copy(build_dir / RESOURCE / "bootstrap", binary)
    with binary.open("ab") as file:
        file.write(b"new code")  # behind the end of what is loaded
    command = documented_line()
    report.check("the documented line names the stack's function", command[-1] == name, command)

    before, names = configuration(stack, name), functions(stack)
    deploys(command, "new-code", ministack, folder)
    after = configuration(stack, name)
    report.check("new code is there", before["CodeSha256"] != after["CodeSha256"])
    changed = {key for key in before.keys() | after.keys() if before.get(key) != after.get(key)} - OF_THE_CODE
    changed = {key for key in changed if not key.startswith(OF_AN_UPDATE)}
    report.check("and nothing else of the function is changed", not changed, changed)
    report.check("nor is there another", functions(stack) == names, functions(stack) - names)
    answer, failed = stack.invoke(FUNCTION, {"operation": "settings.get"})
    report.check("it runs", not failed and "settings" in answer, answer)

    # Why the document warns of it: named by the binary, it is a function of no stack.
    orphaned = [part for part in command[:-1] if part not in ("--binary-name", FUNCTION)] + [FUNCTION]
    deploys(orphaned, "orphan", ministack, folder)
    report.check("by the binary's name it makes a function of no stack", functions(stack) - names == {FUNCTION})
    orphan = configuration(stack, FUNCTION).get("Environment", {}).get("Variables", {})
    report.check("which has no environment", not orphan, orphan)
    stack.lambda_.delete_function(FunctionName=FUNCTION)


def deploys(command, log, ministack, folder):
    command = [DEPLOY / "bin/cargo-lambda", *command[1:], "--lambda-dir", folder / "lambda"]
    owner = cloud.environment(**cloud.OWNER, AWS_ENDPOINT_URL=ministack.url)
    with Process("cargo lambda deploy", command, folder / f"{log}.log", cwd=ROOT, env=owner) as process:
        process.succeeds(DEPLOY_TIMEOUT_S)


def configuration(stack, name):
    return stack.lambda_.get_function_configuration(FunctionName=name)


def functions(stack):
    pages = stack.lambda_.get_paginator("list_functions").paginate()
    return {one["FunctionName"] for page in pages for one in page["Functions"]}
