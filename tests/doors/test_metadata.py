"""Three clouds' metadata, as their own clients ask for it."""

import json

import pytest

from sandbox.isolation.doors.asked import Asked
from sandbox.isolation.doors.metadata import metadata

NOW = 1_790_000_000.0


@pytest.fixture
def laid():
    return {}


@pytest.fixture
def cloud(laid):
    def lay(place, make):
        laid[place] = make()
        return laid[place]

    return lambda name: metadata(name, lay, lambda: NOW)


def get(door, path, *headers):
    answer = door.reply(Asked("GET", path, headers))
    return answer.status, answer.body.decode()


def test_aws_without_a_session(cloud, laid):
    door = cloud("aws")
    folder = "/latest/meta-data/iam/security-credentials/"
    assert get(door, "/latest/meta-data/") == (
        200, "ami-id\nhostname\niam/\ninstance-id\ninstance-type\nlocal-ipv4\nmac\nplacement/",
    )  # fmt: skip
    assert get(door, folder) == (200, "app-role")
    status, body = get(door, folder + "app-role")
    credentials = json.loads(body)
    assert status == 200
    assert credentials.pop("Expiration") == "2026-09-21T20:13:20Z"
    assert credentials.pop("LastUpdated") == "2026-09-21T14:13:20Z"
    assert credentials == {
        "Code": "Success",
        "Type": "AWS-HMAC",
        "AccessKeyId": laid["metadata/AccessKeyId"],
        "SecretAccessKey": laid["metadata/SecretAccessKey"],
        "Token": laid["metadata/Token"],
    }
    assert (len(laid["metadata/AccessKeyId"]), len(laid["metadata/SecretAccessKey"])) == (20, 40)
    assert get(door, "/latest/meta-data/placement/region") == (200, "eu-central-1")
    assert get(door, "/latest/user-data") == (404, "")


def test_aws_with_a_session(cloud):
    door = cloud("aws")
    ttl = "x-aws-ec2-metadata-token-ttl-seconds"
    assert door.reply(Asked("GET", "/latest/api/token")).status == 405
    for wrong in ("", "0", "9999999", "x", "\u00b2"):
        assert door.reply(Asked("PUT", "/latest/api/token", [(ttl, wrong)])).status == 400
    given = door.reply(Asked("PUT", "/latest/api/token", [(ttl, "60")]))
    token = ("x-aws-ec2-metadata-token", given.body.decode())
    assert dict(given.headers) == {ttl: "60"}
    assert get(door, "/latest/meta-data/mac", token)[0] == 200
    assert get(door, "/latest/meta-data/mac", ("x-aws-ec2-metadata-token", "other")) == (401, "")


def test_gcp(cloud, laid):
    door, flavour = cloud("gcp"), ("metadata-flavor", "Google")
    account = "/computeMetadata/v1/instance/service-accounts/default"
    assert get(door, f"{account}/token")[0] == 403
    assert json.loads(get(door, f"{account}/token", flavour)[1]) == {
        "access_token": laid["metadata/access_token"], "expires_in": 3599, "token_type": "Bearer",
    }  # fmt: skip
    assert get(door, f"{account}/", flavour) == (200, "email\nscopes\ntoken\n")
    assert get(door, "/computeMetadata/v1/project/project-id", flavour) == (200, "app-prod-4711")
    assert get(door, "/computeMetadata/v1/nothing", flavour)[0] == 404


def test_azure(cloud, laid):
    door, said = cloud("azure"), ("metadata", "true")
    path = "/metadata/identity/oauth2/token?api-version=2018-02-01"
    assert get(door, path)[0] == 400
    assert get(door, path, said)[0] == 400
    told = json.loads(get(door, f"{path}&resource=https://vault.azure.net", said)[1])
    assert (told["access_token"], told["resource"]) == (
        laid["metadata/access_token"], "https://vault.azure.net",
    )  # fmt: skip
    assert laid["metadata/access_token"].count(".") == 2
    whole = json.loads(get(door, "/metadata/instance?api-version=2021-02-01", said)[1])
    assert whole["compute"]["name"] == "app-01"
