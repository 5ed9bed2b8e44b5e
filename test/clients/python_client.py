"""
All operations of the Data Jobs API by the generated Python client, unmodified: every answer is
decoded by it, compared with what was written, and counted. One operation missing is a failure.
"""
import datetime
import io
import json
import os
import urllib.parse
import urllib.request
import zipfile

import taurus_datajob_api as api
from taurus_datajob_api.exceptions import ApiException, NotFoundException, UnauthorizedException

from checks import Checks, service

URL, API_TOKEN, TOKEN_URL = service()
PERSISTENCE = os.environ["SERVICE_PERSISTENCE"]
TEAM, NEW_TEAM, JOB = "client team ü", "other team", "python-client-job"
TIMEOUTS = (5, 30)
OPERATIONS_EXPECTED = 30

checks = Checks(f"Python client, security {'on' if API_TOKEN else 'off'}, persistence {PERSISTENCE}")


def access_token():
    form = urllib.parse.urlencode({"grant_type": "refresh_token", "refresh_token": API_TOKEN})
    with urllib.request.urlopen(TOKEN_URL, form.encode()) as answer:
        return json.load(answer)["access_token"]


def operations_of(client):
    """Every operation that the package has, by its name."""
    classes = [getattr(api, name) for name in dir(api) if name.endswith("Api")]
    return {
        name.removesuffix("_with_http_info"): getattr(instance, name)
        for instance in (each(client) for each in classes)
        for name in dir(instance)
        if name.endswith("_with_http_info")
    }


configuration = api.Configuration(host=URL)
if API_TOKEN:
    configuration.access_token = access_token()
operations = operations_of(api.ApiClient(configuration))
succeeded = set()
answers = 0


def call(name, /, *arguments, status=200, kind=type(None), **more):
    """Calls an operation that must succeed; the result is what the client decoded."""
    global answers
    answer = operations[name](*arguments, _request_timeout=TIMEOUTS, **more)
    answers += 1
    succeeded.add(name)
    checks.equal(f"{name} answers", answer.status_code, status)
    checks.that(f"{name} decodes to {kind}", isinstance(answer.data, kind), repr(answer.data))
    checks.that(f"{name} has an operation id", answer.headers.get("X-OPID"), answer.headers)
    return answer if kind is type(None) else answer.data


def refused(name, /, *arguments, status, kind=ApiException, says="", **more):
    """Calls an operation that must fail, in the shape that the service gives its errors."""
    global answers
    answers += 1
    try:
        answer = operations[name](*arguments, _request_timeout=TIMEOUTS, **more)
        checks.that(f"{name} is refused with {status}", False, answer)
    except ApiException as error:
        checks.that(f"{name} is refused with {status}", error.status == status, error)
        checks.that(f"{name} raises {kind.__name__}", isinstance(error, kind), type(error))
        if says:
            fields = json.loads(error.body)
            names = ["what", "why", "consequences", "countermeasures"]
            checks.equal(f"the fields of {name}'s error", list(fields), names)
            checks.that(f"{name} says {says!r}", says in fields["what"], fields)
        else:
            checks.equal(f"the body of {name}'s error", error.body or "", "")


def zipped(text):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("any-name/10_step.py", text)
        archive.writestr("any-name/config.ini", "[owner]\nteam = x\n")
    return buffer.getvalue()


def job_with(cron):
    contacts = api.DataJobContacts(
        notified_on_job_success=["ok@example.com"],
        notified_on_job_failure_user_error=["a@example.com", "b@example.com"],
        notified_on_job_failure_platform_error=[],
        notified_on_job_deploy=[],
    )
    config = api.DataJobConfig(
        contacts=contacts,
        schedule=api.DataJobSchedule(schedule_cron=cron),
        db_default_type="TRINO",
        generate_keytab=True,
        enable_execution_notifications=False,
        notification_delay_period_minutes=17,
    )
    return api.DataJob(job_name=JOB, team=TEAM, description="a job, ü", config=config)


def jobs():
    info = call("info", TEAM, kind=api.DataJobApiInfo)
    checks.that("a python version is supported", "3.11" in info.supported_python_versions, info)
    refused("data_job_read", TEAM, JOB, status=404, kind=NotFoundException)
    created = call("data_job_create", TEAM, job_with("0 1 * * *"), name=JOB, status=201)
    location = urllib.parse.urlparse(created.headers["Location"]).path
    checks.equal("the location", location, f"/data-jobs/for-team/{urllib.parse.quote(TEAM)}/jobs/{JOB}")
    refused("data_job_create", TEAM, job_with("0 1 * * *"), status=409)
    bad = api.DataJob(job_name="Bad", description="", config=api.DataJobConfig())
    refused("data_job_create", TEAM, bad, status=400, says="dataJob.jobName is not valid")
    read = call("data_job_read", TEAM, JOB, kind=api.DataJob)
    checks.equal("the job as created", read.to_dict(), job_with("0 1 * * *").to_dict())
    call("data_job_update", TEAM, JOB, job_with("30 2 * * *"))
    read = call("data_job_read", TEAM, JOB, kind=api.DataJob)
    checks.equal("the job as updated", read.to_dict(), job_with("30 2 * * *").to_dict())
    call("data_job_keytab_download", TEAM, JOB, kind=(bytes, bytearray))


def sources():
    refused("data_job_sources_download", TEAM, JOB, status=404, kind=NotFoundException)
    first = call("sources_upload", TEAM, JOB, zipped("print(1)"), reason="one", kind=api.DataJobVersion)
    again = call("sources_upload", TEAM, JOB, zipped("print(1)"), kind=api.DataJobVersion)
    checks.equal("the version of the same content", again.version_sha, first.version_sha)
    refused("sources_upload", TEAM, JOB, b"no zip", status=503, says="encountered an error")
    data = call("data_job_sources_download", TEAM, JOB, kind=(bytes, bytearray))
    with zipfile.ZipFile(io.BytesIO(bytes(data))) as archive:
        checks.equal("the source", archive.read(f"{JOB}/10_step.py"), b"print(1)")
    return first.version_sha


def deployment(version):
    empty = call("deployment_list", TEAM, JOB, kind=list)
    checks.equal("deployments before the first", empty, [])
    refused("deployment_read", TEAM, JOB, "production", status=404, kind=NotFoundException)
    wanted = api.DataJobDeployment(
        job_version=version,
        python_version="3.11",
        enabled=True,
        schedule=api.DataJobSchedule(schedule_cron="30 2 * * *"),
    )
    call("deployment_update", TEAM, JOB, send_notification=False, data_job_deployment=wanted, status=202)
    checks.becomes("it is deployed", lambda: call("deployment_list", TEAM, JOB, kind=list))
    listed = call("deployment_list", TEAM, JOB, deployment_id="production", kind=list)[0]
    read = call("deployment_read", TEAM, JOB, "production", kind=api.DataJobDeploymentStatus)
    checks.equal("the deployment in the list", listed.to_dict(), read.to_dict())
    checks.equal("the version", read.job_version, version)
    checks.equal("python", read.python_version, "3.11")
    checks.equal("enabled", read.enabled, True)
    checks.equal("the id", read.id, JOB if PERSISTENCE == "DB" else None)
    checks.that("it has a date", read.last_deployed_date.endswith("Z"), read)
    off = api.DataJobDeployment(enabled=False, schedule=wanted.schedule)
    call("deployment_patch", TEAM, JOB, "production", off, status=202)
    checks.becomes("it is disabled", lambda: read_deployment().enabled, lambda enabled: enabled is False)
    on = api.DataJobDeployment(enabled=True, schedule=wanted.schedule)
    call("deployment_patch", TEAM, JOB, "production", on, status=202)
    checks.becomes("it is enabled", lambda: read_deployment().enabled, lambda enabled: enabled is True)
    unknown = api.DataJobDeployment(job_version=version, python_version="2.7")
    refused(
        "deployment_update", TEAM, JOB, data_job_deployment=unknown, status=409,
        says="Not supported python version",
    )


def read_deployment():
    return call("deployment_read", TEAM, JOB, "production", kind=api.DataJobDeploymentStatus)


def execution(identity):
    return call("data_job_execution_read", TEAM, JOB, identity, kind=api.DataJobExecution)


def executions(version):
    request = api.DataJobExecutionRequest(started_by="python-client", args={"key": "value"})
    identity = start(request)
    submitted = execution(identity)
    checks.that("it starts", submitted.status in ("submitted", "running"), submitted)
    checks.that("it has a start", isinstance(submitted.start_time, datetime.datetime), submitted)
    busy = call(
        "data_job_execution_list", TEAM, JOB, execution_status=["submitted", "running"], kind=list
    )
    checks.equal("busy executions", [each.id for each in busy], [identity])
    refused(
        "data_job_execution_start", TEAM, JOB, "production", data_job_execution_request=request,
        status=409, says="currently being executed",
    )
    ended = checks.becomes("the run ends", lambda: execution(identity), lambda found: found.end_time)
    checks.equal("the status", ended.status, "succeeded")
    checks.equal("the type", ended.type, "manual")
    checks.that("who started it", ended.started_by.startswith("python-client/"), ended)
    checks.equal("the version that ran", ended.deployment.job_version, version)
    logs = call("data_job_logs_download", TEAM, JOB, identity, kind=api.DataJobExecutionLogs)
    checks.that("logs", identity in logs.logs, logs)
    last = call("data_job_logs_download", TEAM, JOB, identity, tail_lines=1, kind=api.DataJobExecutionLogs)
    checks.equal("the last line", last.logs.strip(), logs.logs.strip().splitlines()[-1])
    refused("data_job_execution_read", TEAM, JOB, "nobody", status=404, says="'nobody'")
    cancelled = start(request)
    call("data_job_execution_cancel", TEAM, JOB, cancelled)
    checks.equal("the cancelled one", execution(cancelled).status, "cancelled")
    refused("data_job_execution_cancel", TEAM, JOB, cancelled, status=400, says="cannot be cancelled")
    both = call("data_job_deployment_execution_list", TEAM, JOB, "production", kind=list)
    checks.equal("all executions", sorted(each.id for each in both), sorted([identity, cancelled]))
    checks.that("they are executions", all(isinstance(each, api.DataJobExecution) for each in both), both)


def start(request):
    answer = call(
        "data_job_execution_start", TEAM, JOB, "production", data_job_execution_request=request, status=202
    )
    return answer.headers["Location"].rsplit("/", 1)[-1]


def query():
    page = call("jobs_query", TEAM, kind=api.DataJobQueryResponse)
    checks.equal("errors of the query", page.errors, [])
    checks.that("the job is in the page", JOB in [row["jobName"] for row in page.data.content], page)
    text = (
        "query($name: String) { jobs(pageNumber: 1, pageSize: 5, filter: "
        '[{property: "jobName", pattern: $name}]) { content { jobName config { team contacts '
        "{ notifiedOnJobSuccess } } deployments { enabled jobVersion executions(pageNumber: 1, pageSize: 5) "
        "{ id status } } } totalItems totalPages } }"
    )
    found = call(
        "jobs_query", TEAM, query=text, variables=json.dumps({"name": JOB}), kind=api.DataJobQueryResponse
    )
    checks.equal("the number found", (found.data.total_items, found.data.total_pages), (1, 1))
    row = found.data.content[0]
    checks.equal("its team", row["config"]["team"], TEAM)
    checks.equal("its deployment", [each["enabled"] for each in row["deployments"]], [True])
    checks.equal("its executions", len(row["deployments"][0]["executions"]), 2)
    try:
        operations["jobs_query"](TEAM, query="{ nothing }", _request_timeout=TIMEOUTS)
        checks.that("a wrong query is refused", False)
    except ApiException as error:
        checks.that("a wrong query is refused", error.status == 400, error)


def values():
    properties = {"text": "ü", "number": 5, "deep": {"list": [1, None, {"a": True}]}, "none": None}
    checks.equal("no properties", call("data_job_properties_read", TEAM, JOB, "TODO", kind=dict), {})
    call("data_job_properties_update", TEAM, JOB, "TODO", properties, status=204)
    checks.equal("properties", call("data_job_properties_read", TEAM, JOB, "x", kind=dict), properties)
    call("data_job_properties_update", TEAM, JOB, "TODO", {}, status=204)
    checks.equal("no secrets", call("data_job_secrets_read", TEAM, JOB, "TODO", kind=dict), {})
    call("data_job_secrets_update", TEAM, JOB, "TODO", properties, status=202)
    checks.equal("secrets", call("data_job_secrets_read", TEAM, JOB, "x", kind=dict), properties)
    large = {"large": "x" * 1_100_000}
    refused("data_job_secrets_update", TEAM, JOB, "TODO", large, status=413, says="secrets")
    call("data_job_secrets_update", TEAM, JOB, "TODO", {}, status=202)


def credentials():
    wanted = api.OauthCredentials(clientId="id-1", clientSecret="hush")
    call("oauth_credentials_put", TEAM, oauth_credentials=wanted, status=202)
    got = call("oauth_credentials_get", TEAM, kind=api.OauthTeamCredentials)
    checks.equal("credentials", (got.team_name, got.client_id, got.client_secret), (TEAM, "id-1", "hush"))
    one = call("client_id_get", TEAM, kind=api.OauthTeamClientId)
    checks.equal("the client id", (one.team_name, one.client_id), (TEAM, "id-1"))
    many = call("get_team_ids_for_client_ids", ["id-1", "nobody"], kind=list)
    checks.equal("teams by client id", [(each.team_name, each.client_id) for each in many], [(TEAM, "id-1")])
    refused("client_id_get", "no such team", status=404, kind=NotFoundException)


def end_it():
    call("sources_delete", TEAM, JOB, reason="the end")
    refused("data_job_sources_download", TEAM, JOB, status=404, kind=NotFoundException)
    call("data_job_team_update", TEAM, NEW_TEAM, JOB)
    refused("data_job_read", TEAM, JOB, status=404, kind=NotFoundException)
    moved = call("data_job_read", NEW_TEAM, JOB, kind=api.DataJob)
    checks.equal("the new team", moved.team, NEW_TEAM)
    call("deployment_delete", NEW_TEAM, JOB, "production", status=202)
    checks.becomes(
        "the deployment is gone",
        lambda: call("deployment_list", NEW_TEAM, JOB, kind=list),
        lambda found: found == [],
    )
    call("data_job_delete", NEW_TEAM, JOB)
    refused("data_job_delete", NEW_TEAM, JOB, status=404, kind=NotFoundException)


def without_token():
    stranger = operations_of(api.ApiClient(api.Configuration(host=URL)))
    try:
        stranger["info"](TEAM, _request_timeout=TIMEOUTS)
        checks.that("no token, no answer", False)
    except UnauthorizedException as error:
        checks.equal("the body of the refusal", error.body or "", "")
        checks.equal("the challenge", error.headers.get("WWW-Authenticate"), "Bearer")


checks.equal("operations of the package", len(operations), OPERATIONS_EXPECTED)
if API_TOKEN:
    without_token()
jobs()
wanted_version = sources()
deployment(wanted_version)
executions(wanted_version)
query()
values()
credentials()
end_it()
missing = sorted(set(operations) - succeeded)
checks.equal("operations that were not called with success", missing, [])
checks.end(f", {len(succeeded)} of {OPERATIONS_EXPECTED} operations, {answers} answers")
