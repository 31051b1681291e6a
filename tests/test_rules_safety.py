"""The rules for what must not get out and must not hang, and for what no example shows: each finds what breaks it, at
its place, and passes over what is right."""

from __future__ import annotations

import base64
import random
import string
from pathlib import Path

import pytest
from connector_runtime.connector import Connector
from connector_runtime.errors import Problem
from connector_runtime.manifest import read_manifest
from connector_runtime.rules import Rule, examples, safety

from tests.test_rules_reading import CONNECTOR, FIND, FOLDERS_OF_CONNECTORS, PART, SEND, SHOP, problems, write

URL = "https://api.example.com/messages"
RANDOM = random.Random(7)


def made(size: int, letters: str = string.ascii_letters + string.digits) -> str:
    """What looks like a real secret. None stands in this file: others look for them too."""
    return "".join(RANDOM.choices(letters, k=size))


HEX = "0123456789abcdef"
REAL = {
    "a bearer token": f"Bearer {made(30)}",
    "a user name and a password": f"Basic {base64.b64encode(b'jo:' + made(12).encode()).decode()}",
    "a signed token (JWT)": f"eyJ{made(20)}.eyJ{made(40)}.{made(43)}",
    "an access key of AWS": f"AKIA{made(16, string.ascii_uppercase)}",
    "a signature of AWS": f"https://files.example.org/a?X-Amz-Signature={made(64, HEX)}",
    "a token of GitHub": f"ghp_{made(36)}",
    "a token of a code host": f"glpat-{made(20)}",
    "a token of Slack": f"xoxb-{made(24)}",
    "a live key of Stripe": f"sk_live_{made(24)}",
    "a webhook secret": f"whsec_{made(32)}",
    "a key of Google": f"AIza{made(35)}",
    "a private key": "-----BEGIN RSA PRIVATE KEY-----",
}

MADE_UP = {
    "an example": "Bearer an-example-of-a-token",
    "a sign to paste": "Bearer paste-your-token-here",
    "a placeholder": "Basic dXNlcm5hbWU6ZXhhbXBsZQ==",
    "one letter again and again": f"ghp_{'x' * 36}",
    "few letters": f"AKIA{'AB12' * 4}",
    "a word that is no password": "Basic Internationalization",
    "a count": "sk_live_123456789012345678901234",
    "a key of AWS that AWS shows itself": "AKIAIOSFODNN7EXAMPLE",
    "a certificate": "-----BEGIN CERTIFICATE-----",
    "a short one": "Bearer abc",
    "a test key": f"sk_test_{made(24)}",
}

# What is replaced by what (in a file), the rule, the start of its sentence, where it points (behind |), and the fix.
BAD: dict[str, tuple[str, str, str, str, str, str, str | None]] = {
    # secret
    "a secret in the address": (FIND, "path: /messages}", 'path: /messages, params: {key: "{{ connection.key }}"}}', "secret", "'key' is a secret of the sign-in", "{{ |connection.key", None),
    "a secret in a header": (FIND, "path: /messages}", 'path: /messages, headers: {X-Key: "a {{ connection.key }}"}}', "secret", "'key' is a secret of the sign-in", "{{ |connection.key", None),
    "a secret in the body": (SEND, "inputs: json", 'inputs: json, json: {key: "{{ connection[\'key\'] }}"}', "secret", "'key' is a secret of the sign-in", 'key: |"{{ connection', None),
    "a secret in a sentence": (SEND, "output:\n", 'errors:\n  - {when: {status: 400}, then: fail, message: "No, {{ connection.key }}."}\noutput:\n', "secret", "'key' is a secret", "{{ |connection.key", None),
    "a secret input in the path": (SEND, "path: /messages", 'path: "/messages/{text}"', "secret", "the input 'text' is a secret", "/messages/{|text}", None),
    "a secret input in the query": (SEND, "inputs: json", 'inputs: json, params: {q: "{{ input.text }}"}', "secret", "the input 'text' is a secret", "{{ |input.text", None),
    "all inputs in the query": (FIND, "request: {method: GET, path: /messages}", "input:\n  properties:\n    code: {type: string, writeOnly: true}\nrequest: {method: GET, path: /messages, inputs: params}", "secret", "the input 'code' is a secret", "|code: {", None),
    # secret-shown
    "a secret in an output": (SEND, 'output: {id: "1"}', f'output: {{id: "{REAL["a token of GitHub"]}"}}', "secret-shown", "this looks like a token of GitHub", "|ghp_", None),
    "a secret in a comment": (SEND, "resource: messages", f"resource: messages # {REAL['a live key of Stripe']}", "secret-shown", "this looks like a live key", "resource: messages # |", None),
    "a default of a secret": (CONNECTOR, "writeOnly: true", "writeOnly: true, default: abc", "secret-shown", "a secret cannot have a default", "|default: abc", None),
    # secret-field
    "a secret that is not declared as one": (CONNECTOR, "writeOnly: true", "writeOnly: false", "secret-field", "'key' is sent to sign in, and is no secret here", "properties:\n        |key", None),
    # plain-http
    "an address without s": (CONNECTOR, "https://api.example.com", "http://api.example.com", "plain-http", "over http:", "base_url: |http:", "https"),
    "a host of all": (CONNECTOR, "[api.example.com]", '[api.example.com]\n  upload_hosts: ["*.com"]', "plain-http", "'*.com' takes in hosts of anybody", '|"*.com"', None),
    "a host of a country": (CONNECTOR, "[api.example.com]", '[api.example.com]\n  upload_hosts: ["*.co.uk"]', "plain-http", "'*.co.uk' takes in", '|"*.co.uk"', None),
    "a host of credentials": (CONNECTOR, "[api.example.com]", "[api.example.com, com]", "plain-http", "'com' takes in hosts of", ", |com]", None),
    # host-outside
    "another host": (SEND, f"url: {URL}", "url: https://api.exmaple.com/messages", "host-outside", "'api.exmaple.com' is not among", "https://|api.exmaple", None),
    "an example without s": (SEND, f"url: {URL}", "url: http://api.example.com/messages", "host-outside", "nothing is sent over http", "http://|api.example", None),
    "no address at all": (SEND, f"url: {URL}", 'url: "https://[api.example.com"', "host-outside", "'https://[api.example.com' is not", 'url: "|https://[', None),
    # slow-pattern
    "a slow pattern": (SEND, "text: {type: string", "text: {type: string, pattern: '^(a+)+$'", "slow-pattern", "'(a+)+' can take for ever", "'^|(a+)+", None),
    "a slow pattern of a setting": (CONNECTOR, "mode: {type: string", "mode: {type: string, pattern: '^(a|a)*$'", "slow-pattern", "'(a|a)*' can take", "'^|(a|a)*", None),
    "a slow pattern of a schema": (PART, "color: {type: string", "color: {type: string, pattern: '^(.*)*$'", "slow-pattern", "'(.*)*' can take", "'^|(.*)*", None),
    # effect-method
    "sent by GET": (SEND, "method: POST, path: /messages, inputs: json", "method: GET, path: /messages, inputs: params", "effect-method", "GET only reads, and the effect is send", "method: |GET", None),
    "made by DELETE": (SEND, "effect: send\n", "effect: create\n", "effect-method", "DELETE makes nothing, and the effect is create", "method: |DELETE", None),
}  # fmt: skip
SECRET_INPUT = ("a secret input in the path", "a secret input in the query")


@pytest.mark.parametrize("name", BAD)
def test_what_breaks_a_rule_is_found_at_its_place(tmp_path: Path, name: str) -> None:
    """One problem, of that rule and no other of these."""
    file, right, wrong, rule, said, at, instead = BAD[name]
    text = SHOP[file]
    assert right in text
    text = text.replace(right, wrong, 1)
    if name in SECRET_INPUT:
        text = text.replace("text: {type: string", "text: {type: string, writeOnly: true")
    if name == "made by DELETE":
        text = text.replace(
            "method: POST, path: /messages, inputs: json", "method: DELETE, path: /messages, inputs: params"
        )
    write(tmp_path, {**SHOP, file: text})
    found = problems(safety.RULES, tmp_path)
    assert [problem.rule for problem in found] == [rule], found
    before, _, after = at.rpartition("|") if "(a|a)*" not in at else ("'^", "|", "(a|a)*")
    where = text.index(before + after) + len(before)
    line, column = text.count("\n", 0, where) + 1, where - text.rfind("\n", 0, where)
    assert found[0].message.startswith(said), found
    assert (found[0].file, found[0].line, found[0].column) == (file, line, column), found
    assert (found[0].fix.text if found[0].fix else None) == instead
    assert found[0].hint


GOOD = {
    "a setting in the address": (FIND, "path: /messages}", 'path: /messages, params: {mode: "{{ connection.mode }}"}}'),
    "an input in the address": (SEND, "inputs: json", 'inputs: json, params: {q: "{{ input.text }}"}'),
    "this machine": (CONNECTOR, "base_url: https://api.example.com", "base_url: http://localhost:8080"),
    "a host of one's own": (CONNECTOR, "[api.example.com]", '[api.example.com]\n  upload_hosts: ["*.example.co.uk", "*.example.com:8443"]'),
    "an upload host": (CONNECTOR, "hosts: [api.example.com]", 'hosts: [example.org]\n  upload_hosts: ["*.example.com"]'),
    "a port that is usual": (CONNECTOR, "hosts: [api.example.com]", "hosts: [api.example.com]"),
    "a quick pattern": (SEND, "text: {type: string", "text: {type: string, pattern: '^[a-z]+$'"),
    "data that is called pattern": (SEND, "output:\n", "returns: {pattern: '^(a+)+$'}\noutput:\n"),
    "a slow text in an example": (SEND, 'response: {body: {id: "1"}}', "response: {body: {pattern: '^(a+)+$'}}"),
    "an update by POST": (SEND, "effect: send", "effect: update"),
    "a deletion by POST": (SEND, "effect: send", "effect: delete"),
    "a default of what is no secret": (CONNECTOR, "title: Mode", "title: Mode, default: slow"),
}  # fmt: skip


@pytest.mark.parametrize("name", GOOD)
def test_what_is_right_is_passed_over(tmp_path: Path, name: str) -> None:
    file, right, wrong = GOOD[name]
    assert right in SHOP[file]
    write(tmp_path, {**SHOP, file: SHOP[file].replace(right, wrong, 1)})
    assert problems(safety.RULES, tmp_path) == []


@pytest.mark.parametrize("what", REAL)
@pytest.mark.parametrize("place", ["a body", "a header", "a schema"])
def test_what_looks_real_is_found_and_not_repeated(tmp_path: Path, what: str, place: str) -> None:
    secret = REAL[what]
    if place == "a body":
        files = {SEND: SHOP[SEND].replace('body: {id: "1"}', f'body: {{id: "{secret}"}}')}
    elif place == "a header":
        files = {SEND: SHOP[SEND].replace("response: {", f'response: {{headers: {{X-Key: "{secret}"}}, ')}
    else:
        files = {PART: SHOP[PART].replace("enum: [red, blue]", f'examples: ["{secret}"]')}
    write(tmp_path, {**SHOP, **files})
    [found] = problems((safety.secret_shown,), tmp_path)
    assert found.message == f"this looks like {what} that is real"
    text = (
        secret.rpartition("=")[2]
        if what == "a signature of AWS"
        else secret.partition(" ")[2]
        if secret[:2] == "Be"
        else secret
    )
    assert text[:40] not in found.text
    line = next(number for number, it in enumerate(files[found.file].splitlines(), 1) if secret in it)
    assert found.line == line


@pytest.mark.parametrize("what", MADE_UP)
def test_what_is_made_up_is_passed_over(tmp_path: Path, what: str) -> None:
    write(tmp_path, {**SHOP, SEND: SHOP[SEND].replace('body: {id: "1"}', f'body: {{id: "{MADE_UP[what]}"}}')})
    assert problems((safety.secret_shown,), tmp_path) == []


def test_the_addresses_of_a_sign_in_start_with_https(tmp_path: Path) -> None:
    """Whatever a way to sign in calls `…_url`; an example of a field is none."""
    way = {
        "token_url": "http://api.example.com/token",
        "fields": {"properties": {"base_url": {"examples": ["http://a"]}}},
    }
    found = list(safety._addresses(way, ("sign_in", "key")))
    assert found == [(("sign_in", "key", "token_url"), "http://api.example.com/token")]


@pytest.mark.parametrize("host", ["*", "*.com", "com", "*.co.uk", "co.uk", "*.com.au", "*.org:443"])
def test_a_host_is_anybodys(host: str) -> None:
    assert safety._is_wide(host)


@pytest.mark.parametrize("host", ["example.com", "*.example.com", "*.example.co.uk", "localhost", "localhost:80", "127.0.0.1", "t.co", "*.a.io"])  # fmt: skip
def test_a_host_is_somebodys(host: str) -> None:
    assert not safety._is_wide(host)


# -- what no example shows --------------------------------------------------------------------------------

WAIT = "operations/triggers/message_sent.yaml"
WHOLE = {
    CONNECTOR: SHOP[CONNECTOR].replace(
        "  rest: {path: /, error: {message: message}}\n",
        "  rest:\n    path: /\n    error: {message: message, code: code}\n    errors:\n      - {when: {status: 429}, then: retry}\n",
    )
    + """\
sources:
  sent:
    watch: {after: send_message, outcomes: {good: {done: true}, bad: {done: false}}}
  calls: {webhook: {signature: none}}
""",
    SEND: SHOP[SEND]
    .replace("    part: {$ref: ../../schemas/part.yaml}\n", "")
    .replace(
        "output:\n",
        """\
rules:
  - {must: "{{ input.text != 'no' }}", message: "Not {{ input.text }}."}
errors:
  - {when: {code: gone}, then: fail, message: It is gone.}
failed: {if: "{{ response.body.failed }}", message: It failed.}
partial: {if: "{{ response.body.errors }}", fail_if: "{{ not response.body.id }}", message: Only a part.}
output:
""",
        1,
    )
    .replace('output: {id: "1"}', 'output: {id: "1", complete: true}')
    + """\
  - title: A rule
    input: {text: "no"}
    raises: {error: InputError, message: Not no.}
  - title: An error
    input: {text: Hello}
    request: {method: POST, url: https://api.example.com/messages, json: {text: Hello}}
    response: {status: 404, body: {code: gone}}
    raises: {error: RemoteError, code: gone, message: It is gone.}
  - title: A failure
    input: {text: Hello}
    request: {method: POST, url: https://api.example.com/messages, json: {text: Hello}}
    response: {body: {failed: true}}
    raises: {error: RemoteError, message: It failed.}
  - title: A part
    input: {text: Hello}
    request: {method: POST, url: https://api.example.com/messages, json: {text: Hello}}
    response: {body: {id: "1", errors: [{}]}}
    output: {id: "1", errors: [{}], complete: false}
  - title: Too many calls
    input: {text: Hello}
    request: {method: POST, url: https://api.example.com/messages, json: {text: Hello}}
    response: {status: 429, body: {message: Later}}
    raises: {error: RateLimited, message: "Send Message: Shop answered 429: Later."}
""",
    FIND: """\
# yaml-language-server: $schema=format/query.json
query: Find Message
description: Finds messages.
resource: messages
effect: read
request: {method: GET, path: /messages}
pages: {by: link}
records: {from: data, as: messages, each: {properties: {id: {type: string}}}}
examples:
  - title: Two pages
    input: {}
    exchanges:
      - request: {method: GET, url: https://api.example.com/messages}
        response: {headers: {Link: "<https://api.example.com/messages?page=2>; rel=next"}, body: {data: [{id: "1"}]}}
      - request: {method: GET, url: https://api.example.com/messages, params: {page: "2"}}
        response: {body: {data: [{id: "2"}]}}
    output: {messages: [{id: "1"}, {id: "2"}], next: null}
""",
    WAIT: """\
# yaml-language-server: $schema=format/trigger.json
trigger: Message Sent
topic: shop/messages/messages.sent
description: Triggered when a message is sent.
resource: messages
input:
  properties:
    text: {type: string, title: Text, description: Only these., examples: [Hello]}
filter: "{{ not input.text or input.text == facts.text }}"
sources:
  sent:
    when: {outcome: [good, bad]}
    facts: {text: input.text}
  calls:
    when: {type: sent}
    facts: {text: text}
same_event: [text]
output:
  properties:
    text: {type: string}
examples:
  - title: Sent
    source: sent
    item: {done: true, late: false, call: a, time: "2026-01-01T00:00:00Z", input: {text: Hello}, outcome: good}
    data: {text: Hello}
  - title: Not sent
    source: sent
    item: {done: false, late: false, call: b, time: "2026-01-01T00:00:00Z", input: {text: Hello}, outcome: bad}
    data: {text: Hello}
  - title: Another
    source: calls
    item: {type: sent, text: Hello}
    input: {text: Good morning}
    wanted: false
    data: {text: Hello}
""",
}


def unshown(folder: Path) -> list[Problem]:
    reading = read_manifest(folder)
    assert reading.problems == () and reading.manifest is not None
    connector = Connector(reading.manifest)
    found = [problem for rule in examples.OF_CONNECTORS for problem in rule.problems(connector)]
    for each in connector.operations.values():
        found += examples.not_shown.problems((connector, each))
    return found


def test_a_connector_that_shows_all_is_passed_over(tmp_path: Path) -> None:
    write(tmp_path, WHOLE)
    assert unshown(tmp_path) == []
    connector = Connector(read_manifest(tmp_path).manifest)  # type: ignore[arg-type]
    for each in connector.operations.values():
        assert list(examples.example.problems((connector, each))) == []


# What is replaced by what, the file and the place of the problem, and the start of its sentence.
UNSHOWN = {
    "an error of the operation": (SEND, "body: {code: gone}", "body: {code: lost}", SEND, "  - |{when: {code: gone}", "no example has an answer with code gone, so this error rule is never shown"),
    "an error that an earlier rule takes": (SEND, "errors:\n", "errors:\n  - {when: {status: 404}, then: fail}\n", SEND, "- |{when: {code: gone}", "no example has an answer with code gone"),
    "an error of the family": (SEND, "status: 429", "status: 420", CONNECTOR, "- |{when: {status: 429}", "no example has an answer with status 429"),
    "a rule": (SEND, "message: Not no.", "message: Something else.", SEND, "- |{must:", "no example has an input that breaks this rule"),
    "a failure": (SEND, "body: {failed: true}", "body: {failed: false}", SEND, "|failed: {if", "no example has an answer that 'failed' is for"),
    "a part": (SEND, "errors: [{}]}}", "errors: []}}", SEND, "|partial: {if", "no example has an answer that 'partial' is for"),
    "a second page": (FIND, WHOLE[FIND][WHOLE[FIND].index("    exchanges:") :], "    request: {method: GET, url: https://api.example.com/messages}\n    response: {body: {data: []}}\n    output: {messages: [], next: null}\n", FIND, "|pages: {by", "no example has a second page (by link)"),
    "an outcome": (WAIT, "outcome: bad", "outcome: good", CONNECTOR, "|bad: {done", "no trigger's example has the outcome 'bad'"),
    "an unwanted event": (WAIT, "    wanted: false\n", "", WAIT, "|filter: ", "no example shows an event that an automation does not want"),
    "a source": (WAIT, "source: calls", "source: sent", WAIT, "  |calls:\n", "no example shows the source 'calls'"),
}  # fmt: skip


@pytest.mark.parametrize("name", UNSHOWN)
def test_what_no_example_shows_is_found_at_its_place(tmp_path: Path, name: str) -> None:
    file, right, wrong, where, at, said = UNSHOWN[name]
    assert right in WHOLE[file]
    files = {**WHOLE, file: WHOLE[file].replace(right, wrong, 1)}
    write(tmp_path, files)
    [found] = unshown(tmp_path)
    before, _, after = at.partition("|")
    index = files[where].index(before + after) + len(before)
    line, column = files[where].count("\n", 0, index) + 1, index - files[where].rfind("\n", 0, index)
    assert (found.file, found.line, found.column) == (where, line, column), found
    assert found.message.startswith(said)


def test_an_outcome_that_no_trigger_can_hear_of_needs_no_example(tmp_path: Path) -> None:
    write(
        tmp_path, {**WHOLE, WAIT: WHOLE[WAIT].replace("[good, bad]", "good").replace("outcome: bad", "outcome: good")}
    )
    assert unshown(tmp_path) == []


@pytest.mark.parametrize("folder", FOLDERS_OF_CONNECTORS, ids=lambda path: path.name)
def test_the_connectors_of_the_repository_are_clean(folder: Path) -> None:
    assert problems(safety.RULES, folder) == []
    assert unshown(folder) == []


@pytest.mark.parametrize("rule", safety.RULES, ids=lambda rule: rule.id)
def test_every_rule_is_tried_here(rule: Rule) -> None:
    assert rule.id in {case[3] for case in BAD.values()}
    assert rule.title.endswith(".") and rule.why.endswith(".") and rule.bad != rule.good
