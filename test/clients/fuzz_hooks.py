"""
What schemathesis is told about the service: jobs that exist, so that calls reach what is behind the
404, and which of its 5xx answers are the real service's own. A 5xx that is not in the list below, or
not in the document, is a failure; so is a body where the document has none.
"""
import atexit
import collections
import io
import json
import os
import random
import re
import zipfile

import requests
import schemathesis
from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance

# Each: operation, status, what the answer must say, why the real service answers so.
KNOWN_SERVER_ERRORS = [
    ("*", 500, r'"error":"Internal Server Error"', "its firewall takes ;, %25, // and control characters for an attack"),
    ("jobsQuery", 500, r"Error deserializing object from JSON", "variables that are no JSON object are a bug to it"),
    ("jobsQuery", 500, r"Unknown operation named|Must provide an operation", "an unknown operation_name is a bug to it"),
    ("dataJobCreate", 500, r"getGenerateKeytab|DataException", "a null flag or a NUL character is a bug to it"),
    ("dataJobUpdate", 500, r"getGenerateKeytab|DataException", "the same"),
    ("deploymentList", 500, r"DataJobMode", "it cannot read its own modes"),
    ("deploymentUpdate", 500, r"dataJobDeployment\\\" is null", "it needs the body that it calls optional"),
    ("dataJobExecutionStart", 500, r"jobExecutionRequest\\\" is null", "the same"),
    ("oauthCredentialsPut", 500, r"oauthCredentials\\\" is null", "the same"),
    ("dataJobLogsDownload", 500, r"NumberFormatException", "a number that cannot be read is a bug to it"),
    ("dataJobLogsDownload", 503, r"KUBERNETES encountered", "there is no log before the container starts"),
    ("sourcesUpload", 500, r"Index 0 out of bounds|is not a directory", "a zip without a folder is a bug to it"),
    ("sourcesUpload", 503, r"Host container encountered", "a damaged zip counts as a broken disk"),
]

URL = os.environ["SERVICE_URL"]
TOKEN = os.environ.get("SERVICE_ACCESS_TOKEN")
TEAM = "fuzz team"
# The last one is only led to by cancels, so that it lives long enough to be deployed in every mode.
JOBS = ["fuzz-job-0", "fuzz-job-1", "fuzz-job-2"]
# How often a call is led to a job that exists; the rest of the calls are as schemathesis made them.
EXISTING_SHARE = 0.6
RENEW_EVERY = 10

session = requests.Session()
if TOKEN:
    session.headers["Authorization"] = f"Bearer {TOKEN}"
# Of its own, so that a run with the same seed leads the same calls to the same jobs.
chance = random.Random(20)
calls = 0
statuses = collections.Counter()
operations = collections.defaultdict(collections.Counter)


@atexit.register
def write_totals():
    totals = {"statuses": statuses, "operations": operations}
    with open(os.environ["FUZZ_TOTALS"], "w") as file:
        json.dump(totals, file)


def zipped(text="print(1)", folder="any-name/"):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(f"{folder}10_step.py", text)
    return buffer.getvalue()


def renew():
    """Jobs are deleted and moved by the calls: there are new ones then, deployed and with a run."""
    path = f"{URL}/data-jobs/for-team/{TEAM}/jobs"
    for index, job in enumerate(JOBS):
        if session.get(f"{path}/{job}").status_code == 404:
            # Names are taken over all teams: one that was moved is lost.
            job = JOBS[index] = f"fuzz-job-{calls}-{index}"
            session.post(path, json={"job_name": job, "description": "", "config": {}})
        version = session.post(
            f"{path}/{job}/sources", data=zipped(job), headers={"Content-Type": "application/octet-stream"}
        )
        if version.status_code == 200:
            body = {"job_version": version.json()["version_sha"], "enabled": True}
            session.post(f"{path}/{job}/deployments", json=body)
        session.post(f"{path}/{job}/deployments/production/executions", json={"args": {}})


def execution_of(job):
    answer = session.get(f"{URL}/data-jobs/for-team/{TEAM}/jobs/{job}/executions")
    rows = answer.json() if answer.status_code == 200 else []
    return rows[0]["id"] if rows else None


@schemathesis.hook
def before_call(context, case, kwargs):
    global calls
    calls += 1
    if calls % RENEW_EVERY == 1:
        renew()
    operation = case.operation.definition.raw["operationId"]
    if chance.random() < EXISTING_SHARE:
        lead_to_existing(case)
    if operation == "dataJobUpdate" and chance.random() < 0.5 and isinstance(case.body, dict):
        case.body["job_name"] = case.path_parameters.get("job_name")
        case.body["team"] = None
    if operation == "dataJobExecutionCancel" and case.path_parameters.get("team_name") == TEAM:
        job = case.path_parameters["job_name"] = JOBS[2]
        session.post(f"{URL}/data-jobs/for-team/{TEAM}/jobs/{job}/deployments/x/executions", json={})
        case.path_parameters["execution_id"] = execution_of(job) or "nobody"
    if operation == "dataJobCreate" and chance.random() < 0.5 and isinstance(case.body, dict):
        case.body["job_name"] = f"fuzz-new-{calls}"
        case.body["team"] = None
    if operation == "sourcesUpload" and chance.random() < 0.7:
        case.body = mutated(zipped(str(calls), chance.choice(["top/", "top/sub/", "", "../top/", "a/../b/"])))
    if operation == "jobsQuery" and chance.random() < 0.7 and isinstance(case.query, dict):
        case.query["query"] = query_from(case.query.get("query"))


def lead_to_existing(case):
    parameters = case.path_parameters
    if not isinstance(parameters, dict) or "team_name" not in parameters:
        return
    parameters["team_name"] = TEAM
    if "job_name" in parameters:
        parameters["job_name"] = chance.choice(JOBS[:2])
        if "execution_id" in parameters:
            parameters["execution_id"] = execution_of(parameters["job_name"]) or "nobody"


def mutated(data):
    data = bytearray(data)
    if chance.random() < 0.5:
        for _ in range(chance.randint(1, 4)):
            data[chance.randrange(len(data))] = chance.randrange(256)
    return bytes(data[: chance.randrange(1, len(data))] if chance.random() < 0.2 else data)


def query_from(text):
    """A query that is right but for the generated text in it, where there is one."""
    quoted = '"' + re.sub(r'["\\\x00-\x1f]', "", str(text or "*")) + '"'
    name = chance.choice(["jobName", "config.team", "config.description", "deployments.enabled", "none"])
    page = chance.choice([1, 1, 1, 2, 0, -1, 999])
    return (
        f"{{ jobs(pageNumber: {page}, pageSize: {chance.choice([1, 20, 0])}, "
        f"filter: [{{property: \"{name}\", pattern: {quoted}, sort: {chance.choice(['ASC', 'DESC', 'UP'])}}}], "
        f"search: {quoted}) {{ content {{ jobName config {{ team description schedule {{ scheduleCron "
        "nextRunEpochSeconds } contacts { notifiedOnJobSuccess } } deployments { id enabled jobVersion status "
        "lastExecutionStatus executions(pageNumber: 1, pageSize: 3) { id status type startTime } } } "
        f"totalItems totalPages {chance.choice(['', '', 'nothing'])} }} }}"
    )


def answer_of(case, response):
    return case.operation.definition.raw["responses"].get(str(response.status_code), {})


@schemathesis.check
def body_is_documented(ctx, response, case):
    documented = answer_of(case, response)
    if not response.content:
        if documented.get("x-may-be-empty") or not documented.get("content"):
            return None
    elif documented and not documented.get("content"):
        raise AssertionError(f"the document has no body for {response.status_code}: {response.content[:200]}")
    content_type_conformance(ctx, response, case)
    return response_schema_conformance(ctx, response, case)


@schemathesis.check
def server_error_is_the_real_services_own(ctx, response, case):
    operation, status = case.operation.definition.raw["operationId"], response.status_code
    statuses[status] += 1
    operations[operation][status] += 1
    if status < 500:
        return None
    text = response.content.decode("utf-8", "replace")
    for name, code, says, _ in KNOWN_SERVER_ERRORS:
        if name in ("*", operation) and code == status and re.search(says, text):
            return None
    raise AssertionError(f"{operation} answered {status}: {text[:500]}")

