"""The ways in: Function URLs, the HTTP API, and both while a stack moves from one to the other."""

import http.client
import re
import urllib.parse
from dataclasses import dataclass

FUNCTION_URL, HTTP_API = "function-url", "http-api"
WAYS = {FUNCTION_URL: "FunctionUrl", HTTP_API: "HttpApi"}  # parameter Ingress
DOMAIN = "api.example.com"
# What AWS wants of a URL without authentication.
BY_URL_ONLY = [
    ("lambda:InvokeFunctionUrl", {"StringEquals": {"lambda:FunctionUrlAuthType": "NONE"}}),
    ("lambda:InvokeFunction", {"Bool": {"lambda:InvokedViaFunctionUrl": "true"}}),
]
# What a phone may ask for that is no route, or would be another one if it were read twice; and what is one.
ODD_PATHS = {
    "/reminders/..%2fme": 404,
    "/reminders/%2e%2e/me": 404,
    "/reminders/%252e%252e/me": 404,
    "/me%3Fx": 404,
    "/me%23x": 404,
    "/m%09e": 404,
    "/me%20": 404,
    "/reminders%5Cnone": 404,
    "/reminders/%E6%8A%A4%E7%85%A7": 404,
    "/reminders/a%252Fb": 404,
    "/%6De": 200,
}


@dataclass
class Way:
    """`told`: the three addresses of the outputs. The others are paths on MiniStack: no name server knows its hosts."""

    name: str
    told: tuple
    callback: str
    api: str
    allowed: list


def way_into(stack, ministack, ingress):
    return {FUNCTION_URL: by_function_url, HTTP_API: by_http_api}[ingress](stack, ministack)


def by_function_url(stack, ministack):
    def url(function):
        name = stack.functions[function]["FunctionName"]
        told = stack.lambda_.get_function_url_config(FunctionName=name)["FunctionUrl"]
        return told, f"{ministack.url}/_aws/lambda-url/{told.removeprefix('https://').split('.')[0]}"

    (callback, callback_path), (api, api_path) = url("wechat-callback"), url("reminder-api")
    told = (f"{callback}mini-program", f"{callback}service-account", api)
    return Way("Function URLs", told, callback_path, api_path, BY_URL_ONLY)


def by_http_api(stack, ministack):
    (api,) = ministack.client("apigatewayv2").get_apis()["Items"]
    told = tuple(f"{api['ApiEndpoint']}/{path}" for path in ("mini-program", "service-account", ""))
    path = f"{ministack.url}/_aws/execute-api/{api['ApiId']}"
    (account, region) = (stack.functions["reminder-api"]["FunctionArn"].split(":")[n] for n in (4, 3))
    source = f"arn:aws:execute-api:{region}:{account}:{api['ApiId']}/*"
    allowed = [("lambda:InvokeFunction", {"ArnLike": {"AWS:SourceArn": source}})]
    return Way("HTTP API", told, path, path, allowed)


def addresses(stack):
    names = ("MiniProgramCallbackUrl", "ServiceAccountCallbackUrl", "ApiUrl")
    return tuple(stack.outputs[name] for name in names)


def outputs_without_condition(template):
    section = re.search(r"^Outputs:\n((?:  .*\n|\n)+)", template, re.MULTILINE)[1]
    outputs = re.findall(r"^  (\w+):\n((?:    .*\n)+)", section, re.MULTILINE)
    return {name for name, what in outputs if "    Condition: " not in what}


def odd_paths_are_answered(report, way, phone):
    found = {path: status(way.api, path, phone.token) for path in ODD_PATHS}
    report.check(f"odd paths through the {way.name} are no other route", found == ODD_PATHS, found)
    kept = [path for path in ("/me", "/nowhere") if header(way.api, path, phone.token) != "no-store"]
    report.check(f"what the {way.name} answers is kept by no cache", not kept, kept)


def both_are_open(report, before, stack, ministack, way, phone):
    """An update to Ingress=Both: nothing that anybody knows goes away."""
    report.check("the update is complete", stack.status == "UPDATE_COMPLETE", stack.status)
    report.check("all three addresses are as before", addresses(stack) == way.told, addresses(stack))
    replaced = [
        name
        for name, one in before.resources.items()
        if stack.resources.get(name, {}).get("PhysicalResourceId") != one["PhysicalResourceId"]
    ]
    report.check("nothing was removed or replaced", not replaced, replaced)
    new = by_http_api(stack, ministack)
    names = ("HttpApiMiniProgramCallbackUrl", "HttpApiServiceAccountCallbackUrl", "HttpApiUrl")
    told = tuple(stack.outputs.get(name) for name in names)
    report.check("the outputs name the new ones, too", told == new.told, told)
    for where in (way, new):
        found = {one: status(where.api, one, phone.token) for one in ("/me", "/reminders")}
        report.check(f"the API answers by the {where.name}", set(found.values()) == {200}, found)
        for path in ("/mini-program", "/service-account"):
            found = status(where.callback, path, None)
            report.check(f"{path} of the {where.name} wants a signature", found == 403, found)
    odd_paths_are_answered(report, new, phone)


def own_domain_answers(report, stack, ministack, phone):
    """An update to a domain: it is the address, and the only one. MiniStack does not close the other, but knows that it is."""
    report.check("the update is complete", stack.status == "UPDATE_COMPLETE", stack.status)
    expected = tuple(f"https://{DOMAIN}/{path}" for path in ("mini-program", "service-account", ""))
    report.check("the outputs name the domain", addresses(stack) == expected, addresses(stack))
    report.check("and where its CNAME points", stack.outputs.get("DomainTarget"), stack.outputs)
    (api,) = ministack.client("apigatewayv2").get_apis()["Items"]
    report.check("the API's own address is switched off", api["DisableExecuteApiEndpoint"] is True, api)
    found = {path: status(ministack.url, path, phone.token, DOMAIN) for path in ("/me", "/mini-program", "/nowhere")}
    report.check("API and callback answer by the domain", list(found.values()) == [200, 403, 404], found)
    told = stack.functions["operations"]["Environment"]["Variables"]["CALLBACK_URL"]
    report.check("it is what the doctor tells if callbacks stay away", told == f"https://{DOMAIN}/", told)


def status(base, path, token, host=None):
    return ask(base, path, token, host).status


def header(base, path, token):
    return ask(base, path, token).getheader("Cache-Control")


def ask(base, path, token, host=None):
    """As it stands there: urllib would tidy the path."""
    where = urllib.parse.urlsplit(base)
    connection = http.client.HTTPConnection(where.hostname, where.port, timeout=20)
    connection.putrequest("GET", where.path + path, skip_host=host is not None)
    if host:
        connection.putheader("Host", host)
    if token:
        connection.putheader("Authorization", f"Bearer {token}")
    connection.endheaders()
    response = connection.getresponse()
    response.read()
    connection.close()
    return response
