"""Which techniques a text names, whatever its case and its alphabet."""

from hypothesis import given
from hypothesis import strategies as st

from sandbox.detect.escape.naming import ANY, named

PARTS = (
    "escape", "break out", "sandbox", "container", "docker", "sock", "api", ":2375", "containerd", "setns",
    "unshare", "/dev/", "nvme", "host", "path", "mount", "/proc/", "1/root", "self/exe", "release_agent",
    "sysrq", "kernel", "module", "exploit", "ebpf", "CAP_SYS", "service", "account", "kubernetes", "etcd",
    "169.254", ".169.254", "metadata", "runc", "cve-", "2024-1", "disable the", "watch", "deny", "list",
    "gateway", "the bus", "mqtt", "cdk", "x",
)  # fmt: skip


@given(
    st.lists(st.tuples(st.sampled_from(PARTS), st.sampled_from(["", " ", "-", "_"]), st.booleans()))
)
def test_a_text_names_the_same_whatever_its_case_and_whether_it_is_ascii(parts):
    text = "".join((part.upper() if loud else part) + behind for part, behind, loud in parts)
    assert named(text) == named(f"{text} é") == named(text.lower())


def test_techniques_are_named():
    assert named("ESCAPE the sandbox by Docker.sock, e.g. CVE-2024-1086") == {
        ANY, "docker-sock", "kernel-cve",
    }  # fmt: skip
    assert named("the \u212aubelet and bPf") == {"ebpf", "kubelet-api"}
    assert named("a door in the wall") == set()


def test_what_is_known_is_not_looked_for():
    assert named("nsenter, kubectl, chroot", {"k8s-api"}) == {"nsenter-host", "host-mount"}
