"""The story that is told on the deployed stack, and the checks on the way; `run` has the outline."""

import datetime
import json

import cloud
import new_code
import outside
import permissions
import setup
import ways
from machine import ARCHITECTURE, DEPLOY, ROOT, SIMULATOR, Failed, free_ports, wait_for
from report import say

FIRST_PUSH_AFTER_S = 63  # nothing is scheduled less than a minute ahead
SECOND_PUSH_AFTER_S = FIRST_PUSH_AFTER_S + 25
SCHEDULER_LOOKS_EVERY_S = 10  # MiniStack; AWS: within the minute


def tell(report, started, built, folder, ingress):
    say("starting MiniStack, with role enforcement on")
    ministack = started.enter_context(cloud.MiniStack(folder))
    ministack.wait_until_up()

    template, difference = cloud.overlaid((built.folder / "template.yaml").read_text())
    say("deploying template.yaml with these lines changed:")
    for _, _, why in cloud.OVERLAY:
        print(f"    # {why}")
    print("\n".join(f"    {one[0]} {one[1:].strip()}" for one in difference), flush=True)
    overlay = built.folder / "miniature.yaml"  # beside the functions, to which it has relative paths
    overlay.write_text(template)
    base_port = free_ports(outside.PORTS)
    wechat = f"http://127.0.0.1:{base_port + 3}"
    parameters = {"Architecture": ARCHITECTURE, "WechatApiUrl": wechat, "WechatMpUrl": wechat}
    parameters["Ingress"] = ways.WAYS[ingress]

    def deploy(**other):
        return cloud.deploy(ministack, DEPLOY / "bin/sam", overlay, parameters | other, folder)

    stack = deploy()
    say(f"deployed: {len(stack.resources)} resources")
    way = ways.way_into(stack, ministack, ingress)
    outputs_are_right(report, stack, ministack, way)

    say("starting the simulator: WeChat, whose pushes go to the deployed callback")
    simulator = started.enter_context(outside.Simulator(SIMULATOR, base_port, way.callback, folder))
    simulator.wait_until_up()
    secrets = simulator.secrets()
    name = stack.outputs["SecretsParameterName"]
    ministack.client("ssm").put_parameter(Name=name, Type="SecureString", Value=json.dumps(secrets))
    set_up(report, stack, simulator)

    say("people come")
    people = {name: outside.Phone(simulator, name, way.api) for name in ("alice", "berta", "carol")}
    follows_and_logs_in(report, people["alice"])
    accepts_a_prompt(report, people["berta"])
    begin = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0)
    alices = registers(report, people["alice"], "护照", begin, FIRST_PUSH_AFTER_S)
    bertas = registers(report, people["berta"], "牛奶", begin, FIRST_PUSH_AFTER_S)
    second = registers(report, people["alice"], "保修", begin, SECOND_PUSH_AFTER_S)
    schedules_are_right(report, stack, (alices, bertas, second))
    events = {one["Name"]: one["Target"]["Input"] for one in stack.schedules().values()}

    refused = [line for function in stack.functions for line in stack.log_lines(function) if "AccessDenied" in line]
    report.check("no function was refused anything so far", not refused, refused)
    say("meanwhile, every function without its permissions")
    permissions.every_function_needs_its_role(report, stack, people["alice"], people["carol"])

    say("waiting for the schedules to fire")
    arrives(report, people["alice"], alices, "template", "service_account")
    arrives(report, people["berta"], bertas, "subscription", "service_notifications")
    fired = [name for name in stack.schedules() if name.startswith((alices["id"], bertas["id"]))]
    report.check("their one-time schedules are gone", not fired, fired)
    report.check("the sweep's schedule is still there", "sweep" in stack.schedules(), stack.schedules().keys())

    say("the second reminder, while dispatch may not write")
    event = next(json.loads(text) for name, text in events.items() if name.startswith(second["id"]))
    second_is_refused_then_delivered(report, stack, ministack, people["alice"], second, event)

    doctor(report, stack)
    ways.odd_paths_are_answered(report, way, people["alice"])
    if ingress == ways.FUNCTION_URL:
        say("moving: Ingress=Both")
        ways.both_are_open(report, stack, deploy(Ingress="Both"), ministack, way, people["alice"])
    else:
        say("a domain of one's own")
        certificate = ministack.client("acm").request_certificate(DomainName=ways.DOMAIN)["CertificateArn"]
        stack = deploy(DomainName=ways.DOMAIN, CertificateArn=certificate)
        ways.own_domain_answers(report, stack, ministack, people["alice"])
    say("new code for one function")
    new_code.changes_code_only(report, stack, ministack, built.folder, folder)
    logs_are_right(report, stack, secrets, people.values())
    setup.sets_up(report, started, ministack, built, folder, ways.WAYS[ingress])


def outputs_are_right(report, stack, ministack, way):
    report.check("the stack is complete", stack.status == "CREATE_COMPLETE", stack.status)
    declared = ways.outputs_without_condition((ROOT / "template.yaml").read_text())
    report.check("every output is there", set(stack.outputs) == declared, declared ^ set(stack.outputs))
    out = stack.outputs
    report.check(f"the outputs name the {way.name}", ways.addresses(stack) == way.told, ways.addresses(stack))
    table = ministack.client("dynamodb").describe_table(TableName=out["TableName"])["Table"]
    indexes = [one["IndexName"] for one in table["GlobalSecondaryIndexes"] + table["LocalSecondaryIndexes"]]
    expected = ["due", "resting", "owners", "by_expiry"]
    report.check("the output's table is there, with its indexes", indexes == expected, indexes)
    for function in ("wechat-callback", "reminder-api"):
        allowed = [(one["Action"], one["Condition"]) for one in stack.resource_policy(function)]
        what = f"{function} is open to all, through the {way.name} only"
        report.check(what, sorted(allowed, key=str) == sorted(way.allowed, key=str), allowed)
    for function in ("reminder-dispatch", "operations"):
        report.check(f"{function} is open to nobody", not stack.resource_policy(function), function)
    sqs, plain_sqs = ministack.client("sqs", over_tls=True), ministack.client("sqs")
    for name in ("UndeliveredSchedulesQueueUrl", "FailedDispatchesQueueUrl"):
        code = cloud.refusal(sqs.get_queue_attributes, QueueUrl=out[name])
        report.check(f"{name} is the address of a queue", code is None, (out[name], code))
        code = cloud.refusal(plain_sqs.get_queue_attributes, QueueUrl=out[name])
        report.check("that queue refuses whoever comes without TLS", code == "AccessDenied", code)


def set_up(report, stack, simulator):
    settings = json.loads((ROOT / "events/settings.json").read_text())
    sample = json.loads((ROOT / "events/operations-settings-put.json").read_text())
    answer, error = stack.invoke("operations", sample)
    refused = [fault["field"].split(".")[-1] for fault in answer.get("errors", [])]
    report.check("the sample settings wait for a template id", not error and refused == ["template_id"], answer)
    own = settings["templates"]["expiry"]["mini_subscription"]["template_id"]
    sample["settings"]["templates"]["expiry"]["mini_subscription"]["template_id"] = own
    answer, error = stack.invoke("operations", sample)
    report.check("the sample settings are taken", not error and answer.get("version") == 1, answer)
    answer, error = stack.invoke("operations", {"operation": "settings.put", "settings": settings})
    report.check("the whole settings are taken", not error and answer.get("version") == 2, answer)
    for account in ("mini_program", "service_account"):
        answer = simulator.does("POST", f"/sim/accounts/{account}/verify-url")
        report.check(f"WeChat verifies the callback URL of the {account}", answer == {"ok": True}, answer)


def follows_and_logs_in(report, alice):
    alice.does("follow", {"via": "search"})
    push = wait_for("the push of her follow to be answered", lambda: alice.answered("subscribe"), 10)
    report.check("the deployed callback takes the follow", push["attempts"][-1]["status"] == 200, push)
    kinds = [message["kind"] for message in alice.inbox()]
    report.check("her phone shows the welcome", kinds == ["reply"], kinds)
    status = alice.logs_in()
    report.check("she logs in through the deployed API", status == 200, status)
    status, me = alice.calls("GET", "/me")
    report.check("the API knows that she follows", status == 200 and me["followed"] is True, me)


def accepts_a_prompt(report, berta):
    berta.logs_in()
    _, me = berta.calls("GET", "/me")
    asked = me["templates"][0]["ask"]
    results = berta.does("subscribe", {"template_ids": asked, "answer": "accept"})
    status, answer = berta.calls("POST", "/subscriptions", {"results": results})
    accepted = status == 200 and [answer["credits"][template] for template in asked] == [1]
    report.check("another user, who does not follow, accepts one prompt", accepted, answer)


def registers(report, phone, title, begin, seconds):
    at = begin + datetime.timedelta(seconds=seconds)
    reminder = {
        "template": "expiry",
        "title": title,
        "expires_at": (begin + datetime.timedelta(minutes=20)).isoformat(),
        "pushes": [{"at": at.isoformat()}],
    }
    status, answer = phone.calls("POST", "/reminders", reminder)
    covered = status == 201 and answer["coverage"]["covered"] == answer["coverage"]["pushes"]
    what = f"{phone.name} registers {title}, to be told in {seconds} s, and it will reach her"
    report.check(what, covered, (status, answer))
    if status != 201:
        raise Failed("without a reminder there is nothing to wait for")
    return answer | {"at": at, "title": title}


def schedules_are_right(report, stack, reminders):
    schedules = stack.schedules()
    sweep = schedules.get("sweep", {}).get("ScheduleExpression")
    report.check("the template's sweep is scheduled", sweep == "rate(30 minutes)", schedules.keys())
    dispatch = stack.functions["reminder-dispatch"]["FunctionArn"]
    role = stack.iam.get_role(RoleName=stack.resources["SchedulerRole"]["PhysicalResourceId"])["Role"]["Arn"]
    for reminder in reminders:
        mine = [one for name, one in schedules.items() if name.startswith(reminder["id"])]
        wanted = {
            "ScheduleExpression": f"at({reminder['at']:%Y-%m-%dT%H:%M:%S})",
            "ScheduleExpressionTimezone": "UTC",
            "ActionAfterCompletion": "DELETE",
        }
        found = [{name: one[name] for name in wanted} for one in mine]
        report.check(f"{reminder['title']}: one schedule, in UTC, that deletes itself", found == [wanted], found)
        aims = [(one["Target"]["Arn"], one["Target"]["RoleArn"], "DeadLetterConfig" in one["Target"]) for one in mine]
        what = f"{reminder['title']}: it aims at dispatch, by the scheduler's role, with a dead-letter queue"
        report.check(what, aims == [(dispatch, role, True)], aims)


def seconds_to_wait(reminder):
    """Until its push must have been dealt with."""
    ahead = reminder["at"] - datetime.datetime.now(datetime.timezone.utc)
    return max(0, ahead.total_seconds()) + SCHEDULER_LOOKS_EVERY_S + 20


def arrives(report, phone, reminder, kind, place):
    """Waits until the push is delivered, and looks where it is."""
    def delivered():
        status, shown = phone.calls("GET", f"/reminders/{reminder['id']}")
        return shown if status == 200 and shown["pushes"][0]["state"] == "delivered" else None

    try:
        shown = wait_for(f"{reminder['title']} to be delivered to {phone.name}", delivered, seconds_to_wait(reminder))
    except Failed:
        _, shown = phone.calls("GET", f"/reminders/{reminder['id']}")
    report.check(f"{reminder['title']}: the API says delivered", shown["pushes"][0]["state"] == "delivered", shown)
    print(f"            timeline: {', '.join(entry['event'] for entry in shown['timeline'])}", flush=True)
    found = [(message["kind"], message["in"]) for message in phone.about(reminder["title"])]
    what = f"{reminder['title']}: it is on {phone.name}'s phone, once, as {kind} in {place}"
    report.check(what, found == [(kind, place)], phone.inbox())


def second_is_refused_then_delivered(report, stack, ministack, alice, second, event):
    sqs, queue = ministack.client("sqs", over_tls=True), stack.outputs["FailedDispatchesQueueUrl"]

    def failures():
        return [line for line in stack.log_lines("reminder-dispatch") if "AccessDenied" in line]

    before = len(failures())
    with permissions.denied(report, stack, "reminder-dispatch", "dynamodb:PutItem"):
        wait_for("the second schedule to fire in vain", lambda: len(failures()) > before, seconds_to_wait(second))
        say("it fired in vain; once more as Scheduler would on AWS: queued, and tried again by Lambda")
        report.check("Lambda queues the event", stack.invoke_later("reminder-dispatch", event) == 202)
        left = wait_for(
            "the event to be given up and left in the queue",
            lambda: sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=1).get("Messages"),
            60,
        )
        report.check("Lambda gives it up and leaves it in FailedDispatches", second["id"] in left[0]["Body"], left)
    report.check("nothing of it reached her phone", not alice.about(second["title"]), alice.inbox())
    redrive = {"operation": "push.redrive", "openid": event["openid"], "id": second["id"]}
    answer, error = stack.invoke("operations", redrive)
    report.check("given back, push.redrive sends it", not error and answer.get("looked_at") == 1, answer)
    arrives(report, alice, second, "template", "service_account")


def doctor(report, stack):
    say("the doctor says:")
    answer, error = stack.invoke("operations", json.loads((ROOT / "events/operations-doctor.json").read_text()))
    for finding in [] if error else answer["findings"]:
        print(f"    {finding['status']:<8} {finding['check']:<28} {finding['what']}", flush=True)
    report.check("the doctor finds nothing wrong", not error and answer["ok"], answer)


def logs_are_right(report, stack, secrets, people):
    names = ("app_secret", "callback_token", "encoding_aes_key")
    private = [secrets[account][name] for account in ("mini_program", "service_account") for name in names]
    private += [secrets["session_signing_key"], *(phone.token for phone in people if phone.token)]
    private += [openid for phone in people for openid in phone.openids]
    for function in stack.functions:
        lines = stack.log_lines(function)
        not_json = [one for one in lines if not is_json(one)]
        group = stack.log_group(function)
        report.check(f"{group} has {len(lines)} lines, all JSON", lines and not not_json, not_json[:3])
        told = [one for one in lines for value in private if value in one]
        report.check(f"{group} tells no secret, token or openid", not told, told[:3])


def is_json(text):
    try:
        return isinstance(json.loads(text), dict)
    except ValueError:
        return False
