"""Permissions taken away from functions, to see that they were needed and that MiniStack looks at them."""

import contextlib
import json

from machine import Failed, wait_for


def every_function_needs_its_role(report, stack, alice, carol):
    with denied(report, stack, "wechat-callback"):
        carol.does("follow", {"via": "search"})
        push = wait_for("the push of carol's follow to be answered", lambda: carol.answered("subscribe"), 10)
        statuses = [attempt["status"] for attempt in push["attempts"]]
        report.check("wechat-callback answers a follow with 500", set(statuses) == {500}, push)
    times = len(statuses) + 1
    push = wait_for("WeChat to repeat that push", lambda: carol.answered("subscribe", times), 15)
    report.check("given back, it takes WeChat's repeat of that push", push["attempts"][-1]["status"] == 200, push)

    with denied(report, stack, "reminder-api"):
        status, answer = alice.calls("GET", "/reminders")
        report.check("reminder-api answers 503 to a list of reminders", status == 503, (status, answer))
    status, answer = alice.calls("GET", "/reminders")
    report.check("given back, it lists both", status == 200 and len(answer["reminders"]) == 2, (status, answer))

    for function, event in (("operations", {"operation": "settings.get"}), ("reminder-dispatch", {"sweep": True})):
        with denied(report, stack, function):
            answer, error = stack.invoke(function, event)
            report.check(f"{function} fails", error, answer)
        answer, error = stack.invoke(function, event)
        report.check(f"given back, {function} does not", not error, answer)


@contextlib.contextmanager
def denied(report, stack, function, action=None):
    """Takes permissions from a function, and looks in its log for what it was refused meanwhile."""
    before = len(stack.log_lines(function))
    with without(stack, function, action):
        yield
    said = []
    # On a busy machine a line may come after the answer.
    with contextlib.suppress(Failed):
        look = lambda: [line for line in stack.log_lines(function)[before:] if "AccessDenied" in line]  # noqa: E731
        said = wait_for("the refusal to be in the log", look, 5)
    what = action or "any permission"
    report.check(f"{function} without {what}: its log says AccessDenied", said, stack.log_lines(function)[before:])
    for one in said[:1]:
        print(f"            {one[:240]}", flush=True)


def role_of(stack, function):
    return stack.functions[function]["Role"].rsplit("/", 1)[-1]


def policies_of(stack, role):
    """({name: document} of the inline policies, {ARN: document} of the managed ones)."""
    inline = {
        name: stack.iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
        for name in stack.iam.list_role_policies(RoleName=role)["PolicyNames"]
    }
    managed = {}
    for policy in stack.iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"]:
        arn = policy["PolicyArn"]
        version = stack.iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
        managed[arn] = stack.iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]["Document"]
    return inline, managed


@contextlib.contextmanager
def without(stack, function, action=None):
    """The function's role without this action, or without any permission, for as long as the `with` lasts."""
    role = role_of(stack, function)
    inline, managed = policies_of(stack, role)
    documents = [*inline.values(), *managed.values()]
    kept = {f"kept-{n}": less(document, action) for n, document in enumerate(documents) if action}
    if action and list(kept.values()) == documents:
        raise Failed(f"{role} has no permission {action} to be taken away")
    try:
        for name in inline:
            stack.iam.delete_role_policy(RoleName=role, PolicyName=name)
        for arn in managed:
            stack.iam.detach_role_policy(RoleName=role, PolicyArn=arn)
        for name, document in kept.items():
            if document["Statement"]:
                stack.iam.put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=json.dumps(document))
        yield
    finally:
        for name in kept:
            with contextlib.suppress(stack.iam.exceptions.NoSuchEntityException):
                stack.iam.delete_role_policy(RoleName=role, PolicyName=name)
        for name, document in inline.items():
            stack.iam.put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=json.dumps(document))
        for arn in managed:
            stack.iam.attach_role_policy(RoleName=role, PolicyArn=arn)


def listed(one_or_many):
    return one_or_many if isinstance(one_or_many, list) else [one_or_many]


def less(document, action):
    """The policy without `action`; actions are spelled out in our policies."""
    statements = []
    for statement in listed(document["Statement"]):
        assert not any("*" in named for named in listed(statement["Action"])), f"a pattern of actions: {statement}"
        left = [named for named in listed(statement["Action"]) if named != action]
        if left == listed(statement["Action"]):
            statements.append(statement)
        elif left:
            statements.append({**statement, "Action": left})
    return {**document, "Statement": statements}
