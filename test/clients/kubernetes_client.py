"""
The official Kubernetes client for Python, unmodified, with DataJobs and what people keep beside them:
typed, custom and dynamic clients, watches, server-side apply and the library's own leader election.
Usage: kubernetes_client.py [operator]     KUBECONFIG names the server; "operator": one is at work there.
"""
import base64
import json
import sys
import threading
import time

from kubernetes import client, config, dynamic, utils, watch
from kubernetes.client.exceptions import ApiException
from kubernetes.leaderelection import electionconfig, leaderelection
from kubernetes.leaderelection.resourcelock.leaselock import LeaseLock

from checks import Checks

NAMESPACE = "python-client"
KIND = {"group": "versatiledatakit.io", "version": "v1alpha1", "namespace": NAMESPACE, "plural": "datajobs"}
WATCH_SECONDS = 3

checks = Checks("kubernetes client for Python")
has_operator = "operator" in sys.argv[1:]
config.load_kube_config()
core, custom = client.CoreV1Api(), client.CustomObjectsApi()
coordination = client.CoordinationV1Api()


def data_job(name, **spec):
    files = {"10_step.sql": "select 1"}
    return {
        "apiVersion": "versatiledatakit.io/v1alpha1",
        "kind": "DataJob",
        "metadata": {"name": name},
        "spec": {"team": "sales", "source": {"inline": {"files": files}}, **spec},
    }


def config_map(name, **more):
    return client.V1ConfigMap(metadata=client.V1ObjectMeta(name=name, **more), data={"key": "one"})


def refused(what, status, call, says=""):
    """The call must fail, with a Status that the client can read."""
    try:
        checks.that(f"{what} is refused", False, call())
    except ApiException as error:
        body = json.loads(error.body)
        checks.equal(f"{what}: the code", (error.status, body["kind"], body["code"]), (status, "Status", status))
        checks.that(f"{what} says {says!r}", says in body["message"], body)


def server():
    versions = client.ApisApi().get_api_versions()
    checks.that("our group is there", KIND["group"] in [each.name for each in versions.groups], versions)
    checks.that("a version", client.VersionApi().get_code().git_version.startswith("v1."))
    core.create_namespace(client.V1Namespace(metadata=client.V1ObjectMeta(name=NAMESPACE)))
    checks.equal("the namespace", core.read_namespace(NAMESPACE).status.phase, "Active")
    review = client.V1SelfSubjectAccessReview(
        spec=client.V1SelfSubjectAccessReviewSpec(
            resource_attributes=client.V1ResourceAttributes(verb="get", resource="datajobs", group=KIND["group"])
        )
    )
    answer = client.AuthorizationV1Api().create_self_subject_access_review(review)
    checks.equal("we may", answer.status.allowed, True)


def config_maps():
    for number in range(5):
        labels = {"half": "even" if number % 2 == 0 else "odd"}
        core.create_namespaced_config_map(NAMESPACE, config_map(f"map-{number}", labels=labels))
    pages, token = [], None
    while token != "":
        page = core.list_namespaced_config_map(NAMESPACE, limit=2, _continue=token, label_selector="half")
        pages.append([each.metadata.name for each in page.items])
        token = page.metadata._continue or ""
    checks.equal("pages", pages, [["map-0", "map-1"], ["map-2", "map-3"], ["map-4"]])
    even = core.list_namespaced_config_map(NAMESPACE, label_selector="half=even")
    checks.equal("selected", len(even.items), 3)
    one = core.list_namespaced_config_map(NAMESPACE, field_selector="metadata.name=map-1")
    checks.equal("one by its name", [each.metadata.name for each in one.items], ["map-1"])
    patched = core.patch_namespaced_config_map("map-0", NAMESPACE, {"data": {"more": "two"}})
    checks.equal("patched", patched.data, {"key": "one", "more": "two"})
    stale = core.read_namespaced_config_map("map-0", NAMESPACE)
    core.patch_namespaced_config_map("map-0", NAMESPACE, {"data": {"more": None}})
    stale.data = {"key": "lost"}
    refused("a stale replacement", 409, lambda: core.replace_namespaced_config_map("map-0", NAMESPACE, stale), "modified")
    fresh = core.read_namespaced_config_map("map-0", NAMESPACE)
    fresh.data = {"key": "new"}
    checks.equal("replaced", core.replace_namespaced_config_map("map-0", NAMESPACE, fresh).data, {"key": "new"})
    refused("a second one", 409, lambda: core.create_namespaced_config_map(NAMESPACE, config_map("map-0")), "already exists")
    dry = core.create_namespaced_config_map(NAMESPACE, config_map("dry"), dry_run="All")
    checks.that("a dry run has an identity", dry.metadata.uid)
    refused("what a dry run made", 404, lambda: core.read_namespaced_config_map("dry", NAMESPACE), "not found")
    core.delete_namespaced_config_map("map-0", NAMESPACE)
    core.delete_collection_namespaced_config_map(NAMESPACE, label_selector="half")
    checks.equal("none left", core.list_namespaced_config_map(NAMESPACE, label_selector="half").items, [])
    secret = client.V1Secret(metadata=client.V1ObjectMeta(name="word"), string_data={"word": "sesame"})
    core.create_namespaced_secret(NAMESPACE, secret)
    stored = core.read_namespaced_secret("word", NAMESPACE).data["word"]
    checks.equal("the secret", base64.b64decode(stored), b"sesame")


def data_jobs():
    made = custom.create_namespaced_custom_object(**KIND, body=data_job("python-a"))
    checks.equal("a default", made["spec"]["managementPolicy"], "Manage")
    utils.create_from_dict(client.ApiClient(), data_job("python-b"), namespace=NAMESPACE, apply=True)
    listed = custom.list_namespaced_custom_object(**KIND)
    checks.equal("listed", [each["metadata"]["name"] for each in listed["items"]], ["python-a", "python-b"])
    body = {"spec": {"description": "patched"}}
    patched = custom.patch_namespaced_custom_object(**KIND, name="python-a", body=body)
    checks.equal("patched", (patched["spec"]["description"], patched["metadata"]["generation"]), ("patched", 2))
    operations = [{"op": "replace", "path": "/spec/description", "value": "by path"}]
    patched = custom.patch_namespaced_custom_object(**KIND, name="python-a", body=operations,
                                                     _content_type="application/json-patch+json")
    checks.equal("patched by path", patched["spec"]["description"], "by path")
    refused("another team", 422, lambda: custom.patch_namespaced_custom_object(
        **KIND, name="python-a", body={"spec": {"team": "other"}}), "cannot be changed")
    refused("a wrong type", 422, lambda: custom.create_namespaced_custom_object(**KIND, body=data_job("python-c", suspend="yes")),
            "must be of type boolean")
    if has_operator:
        checks.becomes("the operator makes it ready", lambda: ready("python-a"), seconds=60)
        events = core.list_namespaced_event(NAMESPACE, field_selector="involvedObject.name=python-a")
        checks.that("the operator tells of it", events.items, events)
    status = custom.get_namespaced_custom_object_status(**KIND, name="python-a")
    checks.equal("the status has its own path", status["metadata"]["name"], "python-a")
    custom.delete_namespaced_custom_object(**KIND, name="python-b")
    gone = lambda: [each["metadata"]["name"] for each in custom.list_namespaced_custom_object(**KIND)["items"]]
    checks.becomes("one is gone", gone, lambda names: names == ["python-a"], seconds=60)


def ready(name):
    found = custom.get_namespaced_custom_object(**KIND, name=name)
    conditions = found.get("status", {}).get("conditions", [])
    return any(each["type"] == "Ready" and each["status"] == "True" for each in conditions)


def watches():
    started = core.list_namespaced_config_map(NAMESPACE).metadata.resource_version
    core.create_namespaced_config_map(NAMESPACE, config_map("watched"))
    core.patch_namespaced_config_map("watched", NAMESPACE, {"data": {"key": "two"}})
    middle = core.read_namespaced_config_map("watched", NAMESPACE).metadata.resource_version
    core.delete_namespaced_config_map("watched", NAMESPACE)
    checks.equal("from the list on", seen(started), ["ADDED", "MODIFIED", "DELETED"])
    checks.equal("from the middle on", seen(middle), ["DELETED"])
    began = time.monotonic()
    later = threading.Timer(1, lambda: core.create_namespaced_config_map(NAMESPACE, config_map("later")))
    later.start()
    now = core.list_namespaced_config_map(NAMESPACE).metadata.resource_version
    checks.equal("while it happens", seen(now), ["ADDED"])
    later.join()
    checks.that("it ends in time", WATCH_SECONDS - 1 < time.monotonic() - began < WATCH_SECONDS + 5)
    stream, names = watch.Watch(), []
    for event in stream.stream(custom.list_namespaced_custom_object, **KIND, timeout_seconds=WATCH_SECONDS):
        names.append((event["type"], event["object"]["metadata"]["name"]))
        stream.stop()
    checks.equal("a data job is watched", names, [("ADDED", "python-a")])
    try:
        for event in watch.Watch().stream(core.list_namespaced_config_map, NAMESPACE, resource_version="1", timeout_seconds=1):
            checks.that("an old version gives events", event["type"] == "ADDED", event)
    except ApiException as error:
        checks.equal("or it is too old", error.status, 410)


def seen(version):
    events = watch.Watch().stream(
        core.list_namespaced_config_map, NAMESPACE, resource_version=version, timeout_seconds=WATCH_SECONDS
    )
    return [event["type"] for event in events]


def server_side_apply():
    api = dynamic.DynamicClient(client.ApiClient())
    jobs = api.resources.get(api_version="versatiledatakit.io/v1alpha1", kind="DataJob")
    checks.equal("discovered", (jobs.name, jobs.namespaced, jobs.short_names), ("datajobs", True, ["dj"]))
    apply = lambda manager, force=False, **spec: jobs.server_side_apply(
        body=data_job("python-applied", **spec), namespace=NAMESPACE, field_manager=manager, force_conflicts=force
    )
    made = apply("one", description="first")
    fields = [(each.manager, each.operation) for each in made.metadata.managedFields]
    checks.that("it is owned", ("one", "Apply") in fields, fields)
    checks.equal("changed", apply("one", description="second").spec.description, "second")
    refused("what another owns", 409, lambda: apply("two", description="third"), 'conflict with "one"')
    checks.equal("taken by force", apply("two", force=True, description="third").spec.description, "third")
    names = [each.metadata.name for each in jobs.get(namespace=NAMESPACE).items]
    checks.equal("listed", names, ["python-a", "python-applied"])
    jobs.delete(name="python-applied", namespace=NAMESPACE)


def leases():
    spec = client.V1LeaseSpec(holder_identity="one", lease_duration_seconds=15, lease_transitions=0)
    lease = client.V1Lease(metadata=client.V1ObjectMeta(name="by-hand"), spec=spec)
    first = coordination.create_namespaced_lease(NAMESPACE, lease)
    stale = coordination.read_namespaced_lease("by-hand", NAMESPACE)
    first.spec.holder_identity = "two"
    second = coordination.replace_namespaced_lease("by-hand", NAMESPACE, first)
    checks.equal("taken", second.spec.holder_identity, "two")
    refused("a stale holder", 409, lambda: coordination.replace_namespaced_lease("by-hand", NAMESPACE, stale), "modified")
    led = []
    for name in ["first", "second"]:
        # The library renews until it cannot: a deleted Lease taken by another ends the first term.
        threading.Thread(target=elect, args=(name, led), daemon=True).start()
        if name == "first":
            checks.becomes("the first one leads", lambda: list(led), lambda names: names == ["first"])
    renewed = lambda: coordination.read_namespaced_lease("python-election", NAMESPACE).spec
    one = renewed().renew_time
    checks.becomes("it renews", renewed, lambda lease: lease.renew_time > one)
    checks.equal("it holds the lease, and alone", (renewed().holder_identity, led), ("first", ["first"]))
    taken = client.V1LeaseSpec(holder_identity="second", lease_duration_seconds=4, renew_time=renewed().renew_time)
    checks.becomes("the second one leads when the first has lost it", lambda: take(taken) or list(led),
                   lambda names: names == ["first", "second"])


def take(spec):
    """Once the lease says so, the second candidate finds itself in office."""
    try:
        lease = coordination.read_namespaced_lease("python-election", NAMESPACE)
        if lease.spec.holder_identity != "second":
            lease.spec.holder_identity = spec.holder_identity
            coordination.replace_namespaced_lease("python-election", NAMESPACE, lease)
    except ApiException as error:
        if error.status != 409:  # the first one was quicker: next time
            raise


def elect(name, led):
    settings = electionconfig.Config(
        LeaseLock("python-election", NAMESPACE, name), lease_duration=4, renew_deadline=3, retry_period=1,
        onstarted_leading=lambda: led.append(name), onstopped_leading=lambda: None,
    )
    leaderelection.LeaderElection(settings).run()


def end_it():
    custom.delete_collection_namespaced_custom_object(**KIND)
    names = lambda: custom.list_namespaced_custom_object(**KIND)["items"]
    checks.becomes("no data job is left", names, lambda items: items == [], seconds=60)
    core.delete_namespace(NAMESPACE)
    checks.becomes("the namespace is gone", lambda: NAMESPACE in [
        each.metadata.name for each in core.list_namespace().items
    ], lambda there: not there)


server()
config_maps()
data_jobs()
watches()
server_side_apply()
leases()
end_it()
checks.end()
