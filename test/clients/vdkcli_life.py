"""
The ordinary life of a data job, by the unmodified vdkcli: every command's exit code and output are
checked. It runs as people run it, each command a process, with a fresh configuration folder.
"""
import filecmp
import json
import os
import pathlib
import subprocess
import sys
import tempfile

from checks import Checks, service

URL, API_TOKEN, TOKEN_URL = service()
TEAM = "my team"
JOB = "hello-job"
# A command that hangs has no time-out of its own.
COMMAND_SECONDS = 60

checks = Checks(f"vdkcli, security {'on' if API_TOKEN else 'off'}")
folder = pathlib.Path(tempfile.mkdtemp(prefix="vdkcli-"))
environment = {
    "PATH": os.environ["PATH"],
    "HOME": str(folder),
    "LANG": "C.UTF-8",
    "NO_PROXY": "127.0.0.1",
    "PYTHONWARNINGS": "ignore",
    "OAUTHLIB_INSECURE_TRANSPORT": "1",
    "VDK_BASE_CONFIG_FOLDER": str(folder),
    "VDK_CONTROL_HTTP_TOTAL_RETRIES": "0",
    "VDK_CONTROL_SERVICE_REST_API_URL": URL,
}
commands = 0


def vdkcli(*arguments, code=0, says=""):
    """Runs one command; the result is its standard output."""
    global commands
    commands += 1
    done = subprocess.run(
        [os.path.join(os.path.dirname(sys.executable), "vdkcli"), *arguments],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=COMMAND_SECONDS,
    )
    name = f"vdkcli {' '.join(arguments[:3])}"
    checks.that(f"{name} ends with {code}", done.returncode == code, (done.returncode, done.stderr))
    if says:
        checks.that(f"{name} says {says!r}", says in done.stdout + done.stderr, done)
    checks.that(f"{name} ends without a traceback", "Traceback" not in done.stderr, done.stderr)
    return done.stdout


def of_job(*arguments, **expected):
    return vdkcli(*arguments, "-n", JOB, "-t", TEAM, **expected)


def json_of_job(*arguments):
    text = of_job(*arguments, "-o", "json")
    try:
        return json.loads(text)
    except ValueError:
        checks.that(f"{arguments} prints JSON", False, text)
        return None


def write_job():
    job = folder / JOB
    job.mkdir()
    (job / "10_hello.py").write_text('def run(job_input):\n    print("hello")\n')
    (job / "20_more.sql").write_text("SELECT 1;\n")
    (job / "config.ini").write_text(
        f"[owner]\nteam = {TEAM}\n[job]\nschedule_cron = 0 3 * * *\npython_version = 3.11\n"
        "[contacts]\nnotified_on_job_success = hello@example.com\n"
    )
    return job


def log_in():
    of_job("properties", "--list", code=2, says="authentication credentials")
    vdkcli("login", "-t", "api-token", "-a", API_TOKEN, "-u", TOKEN_URL, says="Login Successful")


def create():
    of_job("create", "--cloud", says=f"{JOB} created")
    of_job("create", "--cloud", says="already exists")
    info = vdkcli("info", "-t", TEAM, says="3.11")
    checks.that("info names the service", "PipelinesControlService/" in info, info)
    shown = json_of_job("show")
    checks.equal("a new job's deployments", shown["deployments"], [])
    checks.equal("a new job's team", shown["team"], TEAM)
    listed = json.loads(vdkcli("list", "-t", TEAM, "-o", "json"))
    checks.equal("the list before deployment", [row["status"] for row in listed], ["NOT_DEPLOYED"])


def deployed(version):
    shown = json_of_job("deploy", "--show")
    return shown if [row["job_version"] for row in shown] == [version] else None


def deploy(job):
    version = json_of_job("deploy", "-p", str(job), "-r", "the first")["job_version"]
    checks.that("the version is a commit's id", len(version) == 40, version)
    shown = checks.becomes("the version is deployed", lambda: deployed(version))
    checks.equal("the deployment", [row["enabled"] for row in shown or []], [True])
    of_job("deploy", "--show", "-o", "text", says=version)
    config = json_of_job("show")["config"]
    checks.equal("the schedule", config["schedule"], {"schedule_cron": "0 3 * * *"})
    contacts = config["contacts"]["notified_on_job_success"]
    checks.equal("the contact", contacts, ["hello@example.com"])
    for more in ([], ["-m"], ["-mm"], ["-mmm"]):
        rows = json.loads(vdkcli("list", "-t", TEAM, *more, "-o", "json"))
        checks.equal(f"the list {more}", [row["status"] for row in rows], ["ENABLED"])
    vdkcli("list", "--all", says=JOB)
    return version


def execution(identity):
    rows = [row for row in json_of_job("execute", "--list") if row["id"] == identity]
    checks.equal("executions of that id", len(rows), 1)
    return rows[0]


def start_run():
    return json_of_job("execute", "--start", "--arguments", '{"greeting": "hello"}')["execution_id"]


def follow_run(identity, version):
    ended = checks.becomes("the run ends", lambda: ended_execution(identity))
    checks.equal("the run's status", ended["status"], "succeeded")
    checks.equal("the run's version", ended["job_version"], version)
    shown = json_of_job("execute", "--show", "-i", identity)
    checks.equal("the one execution", shown[0]["id"] if isinstance(shown, list) else shown["id"], identity)
    of_job("execute", "--logs", "-i", identity, says=f"end of {identity}")
    of_job("execute", "--logs", says=f"end of {identity}")


def ended_execution(identity):
    row = execution(identity)
    return row if row.get("end_time") else None


def cancel_one():
    identity = json_of_job("execute", "--start")["execution_id"]
    of_job("execute", "--cancel", "-i", identity, says="cancelled")
    checks.equal("the run's status", execution(identity)["status"], "cancelled")
    of_job("execute", "--cancel", "-i", identity, code=2, says="cannot be cancelled")
    of_job("execute", "--show", "-i", "nobody", code=2, says="what: The Data Job execution 'nobody'")


def values(kind):
    of_job(kind, "--set", "user", "hello", "--set", "size", "5")
    checks.equal(f"{kind} listed", json_of_job(kind, "--list"), {"user": "hello", "size": "5"})
    checks.equal(f"{kind} of one key", "hello" in of_job(kind, "--get", "user"), True)
    of_job(kind, "--delete", "size")
    checks.equal(f"{kind} after a delete", json_of_job(kind, "--list"), {"user": "hello"})
    file = folder / f"{kind}.json"
    file.write_text(json.dumps({"a": "ü", "b": "2"}))
    of_job(kind, f"--overwrite-all-job-{kind}", str(file))
    checks.equal(f"{kind} overwritten", json_of_job(kind, "--list"), {"a": "ü", "b": "2"})
    of_job(kind, f"--delete-all-job-{kind}")
    checks.equal(f"{kind} after all", json_of_job(kind, "--list"), {})


def download(job):
    target = folder / "downloaded"
    target.mkdir()
    of_job("download-job", "-p", str(target))
    names = sorted(path.name for path in job.iterdir())
    same = filecmp.cmpfiles(job, target / JOB, names, shallow=False)
    checks.equal("the source comes back", sorted(same[0]), names)
    of_job("download-key", "-p", str(target))
    checks.that("there is a keytab", (target / f"{JOB}.keytab").exists())


def end_it(version):
    of_job("deploy", "--disable", says="disabled")
    checks.becomes("it is disabled", lambda: json_of_job("deploy", "--show")[0]["enabled"] is False)
    of_job("deploy", "--enable", says="enabled")
    checks.becomes("it is enabled", lambda: json_of_job("deploy", "--show")[0]["enabled"] is True)
    of_job("deploy", "--update", "--job-version", version)
    of_job("deploy", "--update", "--vdk-version", "0.3.9")
    checks.becomes("it is still deployed", lambda: deployed(version))
    of_job("deploy", "--remove")
    checks.becomes("it is gone", lambda: json_of_job("deploy", "--show") == [])
    of_job("delete", "--yes", says=f"Deleted Data Job {JOB}")
    of_job("show", code=2, says="Cannot find data job")
    of_job("delete", "--yes", code=2)


if API_TOKEN:
    log_in()
source = write_job()
create()
wanted = deploy(source)
run = start_run()
# The run takes its time meanwhile.
values("properties")
values("secrets")
download(source)
follow_run(run, wanted)
cancel_one()
end_it(wanted)
if API_TOKEN:
    vdkcli("logout")
    of_job("properties", "--list", code=2, says="authentication credentials")
checks.end(f", {commands} commands")
