"""
Runs the commands of docs/embedded-control-service.md as they stand there, one after another in one
shell: a command that starts the service replaces the one that ran before. Only the port and the place
of the state file are changed. Usage: page.py PAGE PORT
"""
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import time

from checks import Checks

PAGE, PORT = pathlib.Path(sys.argv[1]).resolve(), sys.argv[2]
ROOT = PAGE.parent.parent
START_SECONDS = 30
BLOCK_SECONDS = 120

checks = Checks(f"commands of {PAGE.name}")
folder = pathlib.Path(tempfile.mkdtemp(prefix="page-"))
environment = {
    **{name: value for name, value in os.environ.items() if not name.startswith(("VDK_", "SERVICE_"))},
    "HOME": str(folder),
    "PATH": f"{pathlib.Path(sys.executable).parent}:{os.environ['PATH']}",
    "PYTHONWARNINGS": "ignore",
    "VDK_BASE_CONFIG_FOLDER": str(folder),
}


class Service:
    def __init__(self, command):
        self.log = folder / "service.log"
        self.log.write_text("")
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                ["bash", "-c", command], cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=log,
                stderr=subprocess.STDOUT, start_new_session=True,
            )

    def has_started(self):
        text = self.log.read_text()
        token = re.search(r"^API token +(\S+)", text, re.M)
        if token:
            environment["API_TOKEN"] = token[1]
        return "Ctrl-C ends" in text

    def stop(self):
        os.killpg(self.process.pid, signal.SIGTERM)
        self.process.wait(10)


def as_here(text):
    state = folder / "service.sqlite"
    return text.replace("8092", PORT).replace(".datajob-operator/service.sqlite", str(state))


def run(block):
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", block], cwd=folder, env=environment, stdin=subprocess.DEVNULL,
        capture_output=True, text=True, timeout=BLOCK_SECONDS,
    )
    checks.that(f"the block ends with 0:\n{block}", done.returncode == 0, done.stdout + done.stderr)
    return done.stdout


blocks = [as_here(block) for block in re.findall(r"^```sh\n(.*?)^```$", PAGE.read_text(), re.M | re.S)]
checks.that("there are commands", len(blocks) > 5, blocks)
service = None
output = []
try:
    for block in blocks:
        if "datajob-operator control-service" in block:
            if service:
                service.stop()
            service = Service(block.replace("control-service", f"control-service --port {PORT}", 1))
            checks.becomes("the service starts", service.has_started, seconds=START_SECONDS)
        else:
            # Each block is in the second terminal, where the variables of the ones before are set.
            for name, value in re.findall(r"^export (\w+)=(\S+)", block, re.M):
                environment[name] = value
            output.append(run(block))
finally:
    if service:
        service.stop()
text = "".join(output)
for wanted in ("hello-job", '{"greeting":"hello"}', "taurus_deployment_status_gauge", "end of hello-job-"):
    checks.that(f"the output holds {wanted}", wanted in text, text)
checks.end(f", {len(blocks)} blocks")
