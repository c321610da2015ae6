"""Which repositories, branches and addresses git is ever given."""

import ipaddress

import pytest

from wisehosting_agent.reasons import Reason
from wisehosting_git import AddressPolicy, GitError, Repository, check_ref, errors
from wisehosting_git.address import check_commit
from wisehosting_git.network import Address
from wisehosting_git.outcome import explain

ACCEPTED = {
    "https://example.org/you/app.git": ("https://example.org/you/app.git", "example.org", 443),
    "https://Example.ORG:8443/app": ("https://example.org:8443/app", "example.org", 8443),
    "https://[2606:4700::1]/app": ("https://[2606:4700::1]/app", "2606:4700::1", 443),
    "https://192.0.2.1/app": ("https://192.0.2.1/app", "192.0.2.1", 443),
    "https://xn--bcher-kva.example/--upload-pack=x": (
        "https://xn--bcher-kva.example/--upload-pack=x",
        "xn--bcher-kva.example",
        443,
    ),
}

REFUSED = [
    "",
    "file:///etc/passwd",
    "/etc/passwd",
    "../app",
    "ext::sh -c id",
    "ext::id",
    "fd::7",
    "ssh://git@example.org/app.git",
    "git+ssh://git@example.org/app.git",
    "git@example.org:you/app.git",
    "git://example.org/app.git",
    "ftp://example.org/app.git",
    "http://example.org/app.git",
    "HTTP://example.org/app.git",
    "--upload-pack=touch /tmp/x",
    "-oProxyCommand=id",
    "https://-oProxyCommand=id/app",
    "https://example.org",
    "https://example.org/",
    "https://example.org/app?x=1",
    "https://example.org/app#x",
    "https://user@example.org/app",
    "https://user:password@example.org/app",
    "https://example.org\\@127.0.0.1/app",
    "https://example.org:99999/app",
    "https://example.org:a/app",
    "https:///app",
    "https://2130706433/app",
    "https://127.1/app",
    "https://0x7f.1/app",
    "https://example.org./app",
    "https://exa mple.org/app",
    "https://example.org/a\nb",
    "https://example.org/\u202eapp",
    "https://b\u00fccher.example/app",
    "https://example.org%00.evil.example/app",
    "https://[::1/app",
    "https://example.org/" + "a" * 2048,
]


@pytest.mark.parametrize(("url", "found"), ACCEPTED.items(), ids=ACCEPTED)
def test_an_address_is_written_in_one_spelling(url: str, found: tuple[str, str, int]) -> None:
    repository = Repository.parse(url)
    assert (repository.url, repository.host, repository.port) == found
    assert Repository.parse(repository.url) == repository


@pytest.mark.parametrize("url", REFUSED)
def test_what_is_no_plain_https_address_is_refused_with_a_sentence(url: str) -> None:
    with pytest.raises(GitError) as failed:
        Repository.parse(url)
    assert failed.value.reason == errors.UNREACHABLE
    assert failed.value.detail.endswith((".", "…."))


def test_plain_http_is_for_local_mode() -> None:
    assert Repository.parse("http://127.0.0.1:8000/app.git", allow_http=True).port == 8000
    with pytest.raises(GitError, match="begin with file"):
        Repository.parse("file:///etc", allow_http=True)


@pytest.mark.parametrize("name", ["main", "feature/x", "v1.0", "a-b_c", "\u00fc", "a@b"])
def test_branch_names_that_git_takes_are_taken(name: str) -> None:
    assert check_ref(name) == name


@pytest.mark.parametrize(
    "name",
    ["", "-b", "--upload-pack=id", "@", "a..b", "a b", "a~1", "a^{}", "a:b", "a?", "a*", "a[", "a\\b", "a@{1}", "/a"],
)
def test_branch_names_that_git_could_take_for_an_option_or_an_expression_are_refused(name: str) -> None:
    with pytest.raises(GitError) as failed:
        check_ref(name)
    assert failed.value.reason == errors.BRANCH_GONE


@pytest.mark.parametrize(
    "name", ["a/", "a//b", ".a", "a/.b", "a.lock", "a.lock/b", "a.", "a\nb", "a\0b", "a\x7f", "a" * 251]
)
def test_branch_names_that_no_ref_may_have_are_refused(name: str) -> None:
    with pytest.raises(GitError) as failed:
        check_ref(name)
    assert failed.value.reason == errors.BRANCH_GONE


@pytest.mark.parametrize("commit", ["", "main", "abc", "A" * 40, "a" * 41, "a" * 40 + "\n", "-" + "a" * 39])
def test_only_full_commit_ids_are_commits(commit: str) -> None:
    with pytest.raises(GitError):
        check_commit(commit)


PRIVATE = [
    "0.0.0.0",
    "10.0.0.1",
    "100.64.0.1",
    "127.0.0.1",
    "127.8.8.8",
    "169.254.169.254",
    "172.16.0.1",
    "192.168.1.1",
    "192.0.2.1",
    "198.18.0.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::ffff:0:10.0.0.1",
    "64:ff9b::a00:1",
    "64:ff9b:1::1",
    "2001::1",
    "2001:db8::1",
    "2002:a00:1::1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fec0::1",
    "ff02::1",
    "4000::1",
    "5f00::1",
]
PUBLIC = ["1.1.1.1", "140.82.121.3", "2606:4700::1111", "2a00:1450:4001::1", "::ffff:1.1.1.1"]


def address(text: str) -> Address:
    return ipaddress.ip_address(text)


@pytest.mark.parametrize("text", PRIVATE)
def test_what_is_no_public_address_is_closed(text: str) -> None:
    assert not AddressPolicy().permits(address(text), 443)


@pytest.mark.parametrize("text", PUBLIC)
def test_public_addresses_are_open(text: str) -> None:
    assert AddressPolicy().permits(address(text), 443)


def test_loopback_is_a_switch_of_its_own_that_no_allowed_network_turns() -> None:
    everything = AddressPolicy(allow_networks=["0.0.0.0/0", "::/0"])
    local = AddressPolicy(allow_loopback=True)
    for text in ("127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1", "0.0.0.0", "::"):
        assert not everything.permits(address(text), 443), text
        assert local.permits(address(text), 443), text
    assert not local.permits(address("10.0.0.1"), 443)


def test_an_allowed_network_opens_its_addresses_on_its_port() -> None:
    policy = AddressPolicy(allow_networks=["10.1.2.3/32:443", "10.2.0.0/16", "fd00::1/128:8443", "192.168.7.7"])
    open_ = [("10.1.2.3", 443), ("::ffff:10.1.2.3", 443), ("10.2.9.9", 80), ("fd00::1", 8443), ("192.168.7.7", 1)]
    closed = [("10.1.2.3", 80), ("10.1.2.4", 443), ("10.3.0.1", 80), ("fd00::1", 443), ("fd00::2", 8443)]
    assert [one for one in open_ if not policy.permits(address(one[0]), one[1])] == []
    assert [one for one in closed if policy.permits(address(one[0]), one[1])] == []


def test_reasons_are_those_of_the_worker() -> None:
    """Both sides show one sentence for one failure: what the sandbox says is a reason that deployments know."""
    said = {value for name, value in vars(errors).items() if name.isupper()}
    assert said == {str(reason) for reason in Reason if reason.startswith(("repository_", "branch_"))}


@pytest.mark.parametrize(
    ("stderr", "reason"),
    [
        ("fatal: unable to access 'https://x/': The requested URL returned error: 403", errors.PRIVATE),
        ("fatal: could not read Username for 'https://x': terminal prompts disabled", errors.PRIVATE),
        ("fatal: repository 'https://x/' not found", errors.NOT_FOUND),
        ("fatal: https://x/info/refs not valid: is this a git repository?", errors.NOT_FOUND),
        ("error: The requested URL returned error: 301", errors.UNREACHABLE),
        ("fatal: couldn't find remote ref refs/heads/x", errors.BRANCH_GONE),
        ("fatal: unable to access 'https://x/': Could not resolve host: x", errors.UNREACHABLE),
        ("", errors.UNREACHABLE),
    ],
)
def test_what_git_complains_of_becomes_a_reason(stderr: str, reason: str) -> None:
    assert explain(stderr, "https://x/", "main").reason == reason


def test_what_a_server_says_cannot_steer_a_terminal() -> None:
    said = explain("remote: \x1b]0;owned\x07\x1b[31mred\u202e\n", "https://x/", "main").detail
    assert said.isascii()
    assert said.isprintable()
