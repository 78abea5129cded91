#!/usr/bin/env python3
"""Talks to the callback in WeChat's place, with somebody else's cryptography.

The callback and the simulator were both written here, from docs/wechat.md. This script signs, encrypts and
decrypts with wechatpy instead, which was not: an error made twice the same way shows here and nowhere else.

It starts the local world (`cargo run`) on ports of its own, sends what WeChat sends and what forgers send, and ends the
world. With --running it uses a world that is already there, and leaves it alone.
"""

import argparse
import base64
import json
import sys
import time
import urllib.error
import urllib.request
from urllib.parse import urlencode

import xmltodict
from local_world import ROOT, LocalWorld
from wechatpy.crypto import WeChatCrypto
from wechatpy.utils import WeChatSigner

MAX_BODY_BYTES = 256 * 1024
PATHS = {"mini_program": "/mini-program", "service_account": "/service-account"}


def call(method, url, body=None, content_type="application/json"):
    """One HTTP request: (status, body as bytes), whatever the status."""
    request = urllib.request.Request(url, data=body, method=method, headers={"Content-Type": content_type})
    try:
        with urllib.request.urlopen(request, timeout=10) as response:
            return response.status, response.read()
    except urllib.error.HTTPError as refused:
        return refused.code, refused.read()


class World(LocalWorld):
    """With its control API."""

    def __init__(self, base_port, running):
        super().__init__(base_port, None if running else ["cargo", "run", "--quiet", "--", "--log", "error"])

    def get(self, path):
        status, body = call("GET", self.control + path)
        assert status == 200, f"GET {path}: {status} {body[:200]!r}"
        return json.loads(body)

    def post(self, path, document):
        status, body = call("POST", self.control + path, json.dumps(document).encode())
        assert status in (200, 201, 204), f"POST {path}: {status} {body[:200]!r}"
        return json.loads(body) if body else None

    def wechat_calls(self):
        return sum(1 for request in self.get("/sim/requests?since=0") if request["service"] == "wechat")


def signature_of(*parts):
    signer = WeChatSigner()
    signer.add_data(*parts)
    return signer.signature


class Account:
    """One account as WeChat knows it, with wechatpy's cryptography."""

    def __init__(self, name, known):
        self.path = PATHS[name]
        self.appid = known["appid"]
        self.original_id = known["original_id"]
        self.token = known["callback_token"]
        self.key = known["encoding_aes_key"]
        assert known["mode"] == "secure", f"{name} is in mode {known['mode']}; this script speaks the secure mode"

    def verification(self, echostr, token=None, at=None):
        """The query of a URL verification."""
        timestamp, nonce = str(at or int(time.time())), "1514711492"
        signature = signature_of(token or self.token, timestamp, nonce)
        return {"signature": signature, "timestamp": timestamp, "nonce": nonce, "echostr": echostr}

    def push(self, document, as_json=False, token=None, key=None, appid=None, at=None):
        """A push in secure mode: (query, body). Each argument given puts something else in the place of the truth."""
        token, timestamp, nonce = token or self.token, str(at or int(time.time())), "415670741"
        crypto = WeChatCrypto(token, key or self.key, appid or self.appid)
        plain = json.dumps(document, ensure_ascii=False) if as_json else xml_of(document)
        sealed = xmltodict.parse(crypto.encrypt_message(plain, nonce, timestamp))["xml"]
        query = {
            "signature": signature_of(token, timestamp, nonce),
            "timestamp": timestamp,
            "nonce": nonce,
            "openid": document["FromUserName"],
            "encrypt_type": "aes",
            "msg_signature": sealed["MsgSignature"],
        }
        envelope = {"ToUserName": self.original_id, "Encrypt": sealed["Encrypt"]}
        return query, (json.dumps(envelope) if as_json else xml_of(envelope)).encode()

    def opened(self, answer):
        """What an encrypted answer says. wechatpy checks its signature and its appid."""
        text = answer.decode()
        sealed = json.loads(text) if text.lstrip().startswith("{") else xmltodict.parse(text)["xml"]
        crypto = WeChatCrypto(self.token, self.key, self.appid)
        plain = crypto.decrypt_message(sealed, sealed["MsgSignature"], str(sealed["TimeStamp"]), sealed["Nonce"])
        return json.loads(plain) if plain.lstrip().startswith("{") else xmltodict.parse(plain)["xml"]


def xml_of(document):
    fields = "".join(
        f"<{name}>{value}</{name}>" if isinstance(value, int) else f"<{name}><![CDATA[{value}]]></{name}>"
        for name, value in document.items()
    )
    return f"<xml>{fields}</xml>"


def event(account, openid, name, **fields):
    return {
        "ToUserName": account.original_id,
        "FromUserName": openid,
        "CreateTime": int(time.time()),
        "MsgType": "event",
        "Event": name,
        **fields,
    }


def text(account, openid, content):
    return {
        "ToUserName": account.original_id,
        "FromUserName": openid,
        "CreateTime": int(time.time()),
        "MsgType": "text",
        "Content": content,
        "MsgId": time.time_ns(),
    }


WORDS = "你好 ]]> <b> & 😀"  # what XML likes least
REPLIES = [
    {"account": "mini_program", "on": "text", "contains": ["人工"], "reply": [{"transfer_customer_service": {}}]},
    {"account": "service_account", "on": "text", "equals": "说", "reply": [{"text": WORDS}]},
]


def text_replies(account, on):
    """The rules in force that answer `on` of this account."""
    return [rule for rule in settings()["replies"] if rule["account"] == account and rule["on"] == on]


def settings():
    """Those the local world starts with, and rules with the answers that are tried here."""
    known = json.loads((ROOT / "events" / "settings.json").read_text())
    return {**known, "replies": REPLIES + known.get("replies", [])}


class Report:
    def __init__(self):
        self.failures = 0
        self.checks = 0

    def check(self, title, passed, found=""):
        self.checks += 1
        self.failures += not passed
        print(f"  {'ok    ' if passed else 'FAILED'}  {title}" + ("" if passed else f": {found}"), flush=True)


def send(world, account, query, body, path=None):
    content_type = "application/json" if body.lstrip().startswith(b"{") else "text/xml"
    return call("POST", f"{world.callback}{path or account.path}?{urlencode(query)}", body, content_type)


def what_wechat_sends(world, report, mini_program, service_account, user):
    print("what WeChat sends")
    for account in (mini_program, service_account):
        query = account.verification("4375120948345356249")
        answer = call("GET", f"{world.callback}{account.path}?{urlencode(query)}")
        report.check(f"{account.path}: the verification is echoed", answer == (200, b"4375120948345356249"), answer)

    # The user does follow, but WeChat's own push of it is lost on the way: what arrives is ours.
    world.post("/sim/faults", {"endpoint": "push:subscribe", "fault": {"drop": True}, "times": 1})
    world.post(f"/sim/users/{user['name']}/follow", {"via": "search"})
    follower = user["service_account_openid"]
    follow = event(service_account, follower, "subscribe", EventKey="")
    query, body = service_account.push(follow)
    status, answer = send(world, service_account, query, body)
    report.check("a follow is taken", status == 200, (status, answer))
    try:
        welcome = service_account.opened(answer)
    except Exception as why:  # whatever wechatpy found wrong with it
        report.check("the welcome opens", False, f"{why!r} in {answer[:300]!r}")
    else:
        addressed = (welcome["ToUserName"], welcome["FromUserName"]) == (follower, service_account.original_id)
        report.check("the welcome goes from the account to the follower", addressed, welcome)
        report.check("the welcome carries the time of the follow", int(welcome["CreateTime"]) == follow["CreateTime"], welcome)
        said = welcome.get("Content") or ""
        rules = text_replies("service_account", "follow")
        expected = rules[0]["reply"][0]["text"] if rules else None
        report.check("the welcome is the one of the settings", welcome["MsgType"] == "text" and said == expected, welcome)

        again_query, again_body = service_account.push(follow)
        status, again = send(world, service_account, again_query, again_body)
        same = status == 200 and service_account.opened(again) == welcome
        report.check("the same follow, encrypted anew, gets the same welcome", same, (status, again))

    status, answer = send(world, service_account, *service_account.push(event(service_account, follower, "debug_demo")))
    report.check("an event nobody knows is taken", (status, answer) == (200, b"success"), (status, answer))

    for as_json in (False, True):
        status, answer = send(world, service_account, *service_account.push(text(service_account, follower, "说"), as_json=as_json))
        try:
            said = service_account.opened(answer).get("Content")
        except Exception as why:  # as above
            said = f"{why!r} in {answer[:300]!r}"
        form = "JSON" if as_json else "XML"
        report.check(f"an answer in {form} arrives unharmed", (status, said) == (200, WORDS), said)

    openid = user["mini_program_openid"]
    entered = event(mini_program, openid, "user_enter_tempsession", SessionFrom="elsewhere")
    for as_json in (False, True):
        entered["CreateTime"] += 1
        status, answer = send(world, mini_program, *mini_program.push(entered, as_json=as_json))
        form = "JSON" if as_json else "XML"
        report.check(f"entering a session, in {form}, is taken", (status, answer) == (200, b"success"), (status, answer))

    for rule in text_replies("mini_program", "text"):
        if any("transfer_customer_service" in reply for reply in rule["reply"]) and rule.get("contains"):
            for as_json in (False, True):
                asked = text(mini_program, openid, rule["contains"][0])
                status, answer = send(world, mini_program, *mini_program.push(asked, as_json=as_json))
                try:
                    handed_over = mini_program.opened(answer)
                except Exception as why:  # as above
                    handed_over = {"MsgType": f"{why!r} in {answer[:300]!r}"}
                form = "JSON" if as_json else "XML"
                expected = (openid, mini_program.original_id, "transfer_customer_service")
                found = tuple(handed_over.get(name) for name in ("ToUserName", "FromUserName", "MsgType"))
                report.check(f"asking for a human, in {form}, hands over", status == 200 and found == expected, handed_over)


def forgeries(account, other, openid):
    """(what is wrong, query, body, path): all of it about a follow that never happened."""
    forged = event(account, openid, "subscribe", EventKey="")
    now = int(time.time())
    yield "another token", *account.push(forged, token="a" + account.token[1:] + "b"), None
    yield "another key", *account.push(forged, key=base64.b64encode(bytes(range(32))).decode().rstrip("=")), None
    yield "another appid inside", *account.push(forged, appid="wx0123456789abcdef"), None
    yield "ten minutes old", *account.push(forged, at=now - 600), None
    yield "ten minutes ahead", *account.push(forged, at=now + 600), None
    yield "sent to the other account", *account.push(forged), other.path

    query, body = account.push(forged)
    yield "no signature", {**query, "msg_signature": ""}, body, None
    yield "no signature at all", {k: v for k, v in query.items() if k not in ("signature", "msg_signature")}, body, None
    yield "the weak signature in the place of the strong", {**query, "msg_signature": query["signature"]}, body, None
    yield "another nonce", {**query, "nonce": "415670742"}, body, None
    yield "another time than was signed", {**query, "timestamp": str(now - 1)}, body, None
    altered = body.replace(b"<Encrypt><![CDATA[", b"<Encrypt><![CDATA[AAAA", 1)
    yield "another ciphertext than was signed", query, altered, None
    yield "another push's ciphertext", query, account.push(forged)[1], None

    plain = xml_of(forged).encode()
    bare = {name: query[name] for name in ("signature", "timestamp", "nonce")}
    yield "plaintext", bare, plain, None
    yield "plaintext that says it is encrypted", query, plain, None
    yield "nothing", query, b"", None

    garbage = base64.b64encode(bytes(64)).decode()
    sealed = signature_of(account.token, query["timestamp"], query["nonce"], garbage)
    envelope = xml_of({"ToUserName": account.original_id, "Encrypt": garbage}).encode()
    yield "signed nonsense", {**query, "msg_signature": sealed}, envelope, None

    long = {**forged, "EventKey": "x" * MAX_BODY_BYTES}
    yield "too long", *account.push(long), None


def what_forgers_send(world, report, mini_program, service_account, user):
    print("what forgers send")
    before = world.wechat_calls()
    sides = (
        (mini_program, service_account, user["mini_program_openid"]),
        (service_account, mini_program, user["service_account_openid"]),
    )
    for account, other, openid in sides:
        verifications = (
            ("a verification with another token", account.verification("1", token="nobody")),
            ("a verification ten minutes old", account.verification("1", at=int(time.time()) - 600)),
        )
        for title, query in verifications:
            status, answer = call("GET", f"{world.callback}{account.path}?{urlencode(query)}")
            report.check(f"{account.path}: {title} is refused", status == 403 and answer != b"1", (status, answer))
        for title, query, body, path in forgeries(account, other, openid):
            status, answer = send(world, account, query, body, path)
            report.check(f"{account.path}: {title} is refused", status == 403, (status, answer[:200]))
    calls = world.wechat_calls() - before
    report.check("nothing of it reached WeChat", calls == 0, f"{calls} calls")


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--base-port", type=int, default=9400)
    arguments.add_argument("--running", action="store_true", help="use the local world that is already there")
    arguments = arguments.parse_args()

    report = Report()
    with World(arguments.base_port, arguments.running) as world:
        known = world.get("/sim/accounts")
        accounts = [Account(name, known[name]) for name in ("mini_program", "service_account")]
        answer = world.post("/sim/operations", {"operation": "settings.put", "settings": settings()})
        assert "errors" not in answer, answer
        stamp = time.time_ns()
        honest = world.post("/sim/users", {"name": f"honest-{stamp}", "unionid": True})
        victim = world.post("/sim/users", {"name": f"victim-{stamp}", "unionid": True})
        what_wechat_sends(world, report, *accounts, honest)
        what_forgers_send(world, report, *accounts, victim)
    print(f"{report.checks} checks, {report.failures} failed")
    return 1 if report.failures else 0


if __name__ == "__main__":
    sys.exit(main())
