"""The API server that lets nobody do anything, asked by hand and by a real client."""

import json

import pytest

from sandbox.isolation.doors.asked import Asked
from sandbox.isolation.doors.kubernetes import FOLDER, ApiServer

k8s = pytest.importorskip("kubernetes_asyncio", reason="The extra `k8s` is not installed.")

NOW = 1_790_000_000.0


@pytest.fixture
def server():
    return ApiServer(lambda place, make: make(), lambda: NOW, b"-----BEGIN CERTIFICATE-----\n")


@pytest.fixture
def token(server):
    return server.files[f"{FOLDER}/token"].decode()


def ask(server, token, method, path, body=b""):
    headers = [("authorization", f"Bearer {token}")] if token else []
    answer = server.reply(Asked(method, path, headers, body))
    return answer.status, json.loads(answer.body)


def test_the_folder_of_a_service_account(server, token):
    assert sorted(server.files) == [f"{FOLDER}/ca.crt", f"{FOLDER}/namespace", f"{FOLDER}/token"]
    assert server.files[f"{FOLDER}/namespace"] == b"default"
    assert token.count(".") == 2


async def test_a_real_client_sees_little(opened, server, token):
    async with opened(server, tcp=True) as door:
        config = k8s.client.Configuration(host=door.url)
        config.api_key = {"BearerToken": f"Bearer {token}"}
        async with k8s.client.ApiClient(config) as client:
            core = k8s.client.CoreV1Api(client)
            assert (await k8s.client.VersionApi(client).get_code()).git_version == "v1.30.6"
            assert [n.metadata.name for n in (await core.list_namespace()).items] == ["default"]
            pods = (await core.list_namespaced_pod("default")).items
            assert [p.spec.containers[0].name for p in pods] == ["app"]
            with pytest.raises(k8s.client.ApiException) as refused:
                await core.list_namespaced_secret("default")
            review = k8s.client.V1SelfSubjectAccessReview(
                spec=k8s.client.V1SelfSubjectAccessReviewSpec(
                    resource_attributes=k8s.client.V1ResourceAttributes(
                        verb="get", resource="secrets"
                    )
                )
            )
            access = k8s.client.AuthorizationV1Api(client)
            assert (await access.create_self_subject_access_review(review)).status.allowed is False
    assert refused.value.status == 403
    assert json.loads(refused.value.body) == {
        "kind": "Status",
        "apiVersion": "v1",
        "metadata": {},
        "status": "Failure",
        "message": 'secrets is forbidden: User "system:serviceaccount:default:default" cannot list '
        'resource "secrets" in API group "" in the namespace "default"',
        "reason": "Forbidden",
        "details": {"kind": "secrets"},
        "code": 403,
    }


@pytest.mark.parametrize(
    ("path", "kind"),
    [("/api", "APIVersions"), ("/apis", "APIGroupList"), ("/api/v1", "APIResourceList")],
)
def test_discovery_is_for_those_who_are_known(server, token, path, kind):
    assert ask(server, token, "GET", path)[1]["kind"] == kind
    status, told = ask(server, "", "GET", path)
    assert (status, told["message"]) == (
        403, f'forbidden: User "system:anonymous" cannot get path "{path}"',
    )  # fmt: skip


def test_another_token_is_nobody_s(server):
    status, told = ask(server, "eyJ.eyJ.x", "GET", "/api/v1/namespaces")
    assert (status, told["reason"]) == (401, "Unauthorized")


@pytest.mark.parametrize(
    ("method", "path", "message"),
    [
        ("POST", "/api/v1/namespaces/default/pods", 'cannot create resource "pods"'),
        ("GET", "/api/v1/namespaces/kube-system/pods", 'in the namespace "kube-system"'),
        ("GET", "/api/v1/pods", "at the cluster scope"),
        ("POST", "/api/v1/namespaces/default/pods/app/exec", "cannot create"),
        ("DELETE", "/api/v1/namespaces/default", "cannot delete"),
        ("GET", "/apis/apps/v1/namespaces/default/deployments", 'in API group "apps"'),
    ],
)
def test_it_lets_nobody_do_anything(server, token, method, path, message):
    status, told = ask(server, token, method, path, b"{}")
    assert (status, message in told["message"]) == (403, True), told["message"]


@pytest.mark.parametrize(
    "body", [b"", b"[]", b'{"spec": 3}', b'{"spec": {"resourceAttributes": [1]}}']
)
def test_a_review_of_nothing_is_a_no(server, token, body):
    path = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
    status, told = ask(server, token, "POST", path, body)
    assert (status, told["status"]) == (201, {"allowed": False})
    asked = b'{"spec": {"resourceAttributes": {"verb": "list", "resource": "pods"}}}'
    assert ask(server, token, "POST", path, asked)[1]["status"] == {"allowed": True}
    assert ask(server, token, "GET", "/nowhere")[0] == 404
