"""
schemathesis against the service, from our own OpenAPI document: nothing may be answered that the
document does not say, and no 5xx that is not the real service's own (fuzz_hooks.py). The same seed
makes the same cases. Usage: fuzz.py DOCUMENT CASES_AT_LEAST EXAMPLES_PER_OPERATION
"""
import json
import os
import subprocess
import sys
import tempfile
import urllib.parse
import urllib.request

from checks import Checks, service

DOCUMENT, CASES_MIN, EXAMPLES = sys.argv[1], int(sys.argv[2]), sys.argv[3]
URL, API_TOKEN, TOKEN_URL = service()
SEED = "20"
# The run is as long as its cases take, about half a minute; this only ends one that hangs.
SECONDS_MAX = 150
OPERATIONS = 30
# Not negative_data_rejection and positive_data_acceptance: the real service coerces and ignores what
# it can, and refuses by rules that a schema cannot say.
CHECKS = [
    "status_code_conformance",
    "body_is_documented",
    "response_headers_conformance",
    "server_error_is_the_real_services_own",
    "unsupported_method",
    "allow_header_conformance",
]


def access_token():
    form = urllib.parse.urlencode({"grant_type": "refresh_token", "refresh_token": API_TOKEN})
    with urllib.request.urlopen(TOKEN_URL, form.encode()) as answer:
        return json.load(answer)["access_token"]


folder = tempfile.mkdtemp(prefix="fuzz-")
environment = {
    **os.environ,
    "PYTHONPATH": os.path.dirname(os.path.abspath(__file__)),
    "SCHEMATHESIS_HOOKS": "fuzz_hooks",
    "FUZZ_TOTALS": f"{folder}/totals.json",
}
arguments = ["--checks", ",".join(CHECKS)]
if API_TOKEN:
    token = environment["SERVICE_ACCESS_TOKEN"] = access_token()
    # With security on it is also tried without a token, and with a wrong one.
    arguments = ["--checks", ",".join([*CHECKS, "ignored_auth"]), "--header", f"Authorization: Bearer {token}"]
done = subprocess.run(
    [
        os.path.join(os.path.dirname(sys.executable), "schemathesis"), "run", os.path.abspath(DOCUMENT),
        "--url", URL, *arguments, "--max-examples", EXAMPLES, "--seed", SEED, "--generation-deterministic",
        "--continue-on-failure", "--no-color", "--warnings", "off",
        "--report", "json", "--report-json-path", f"{folder}/report.json",
    ],
    cwd=folder,
    env=environment,
    stdin=subprocess.DEVNULL,
    stdout=subprocess.PIPE,
    stderr=subprocess.STDOUT,
    text=True,
    timeout=SECONDS_MAX,
)
checks = Checks(f"fuzz, security {'on' if API_TOKEN else 'off'}")
if not checks.equal("schemathesis's exit code", done.returncode, 0):
    print(done.stdout)
    checks.end()
with open(f"{folder}/report.json") as file:
    report = json.load(file)
with open(environment["FUZZ_TOTALS"]) as file:
    totals = json.load(file)
cases = report["test_cases"]["generated"]
answers = sum(totals["statuses"].values())
checks.that(f"at least {CASES_MIN} cases", cases >= CASES_MIN, cases)
checks.that(f"at least {CASES_MIN} answers were checked", answers >= CASES_MIN, answers)
checks.equal("operations tested", report["operations"]["tested"], OPERATIONS)
tried = totals["operations"]
idle = [name for name, counts in tried.items() if not any(int(status) < 300 for status in counts)]
checks.equal("operations that never succeeded", idle, [])
by_status = ", ".join(f"{status} × {count}" for status, count in sorted(totals["statuses"].items()))
checks.end(f", {cases} cases, answers: {by_status}")
