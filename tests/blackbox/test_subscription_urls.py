"""Which URLs may be registered: nobody can make the bridge call what is not on the internet.

Names that lead to such addresses, and those that change between check and call, are tested where
the names are looked up; here are addresses in all their spellings, which need no name server.
"""

import pytest

from problems import problem
from restaurant import Restaurant

REFUSED = [
    # Only https, and http to this machine in a local stack alone.
    "http://93.184.215.14/hook",
    "http://example.com/hook",
    "http://10.0.0.1/hook",
    "http://169.254.169.254/latest/meta-data/",
    "ftp://93.184.215.14/hook",
    "file:///etc/passwd",
    "gopher://93.184.215.14/",
    "javascript:alert(1)",
    # Not a URL with a host.
    "nonsense",
    "//93.184.215.14/hook",
    "/hook",
    "https://",
    "https://93.184.215.14:99999/hook",
    "https://93.184.215.14 /hook",
    "https://exa mple.com/hook",
    # A person's name and password in it.
    "https://user:password@93.184.215.14/hook",
    "https://user@93.184.215.14/hook",
    "https://:password@93.184.215.14/hook",
    "https://93.184.215.14@10.0.0.1/hook",
    # Private, shared, link-local with the metadata service, "this" network, benchmarking.
    "https://10.0.0.1/hook",
    "https://10.255.255.255/hook",
    "https://172.16.0.1/hook",
    "https://172.31.255.255/hook",
    "https://192.168.0.1/hook",
    "https://100.64.0.1/hook",
    "https://100.127.255.255/hook",
    "https://169.254.169.254/latest/meta-data/",
    "https://169.254.170.2/v2/credentials",
    "https://0.0.0.0/hook",
    "https://0.1.2.3/hook",
    "https://192.0.0.1/hook",
    "https://198.18.0.1/hook",
    "https://198.19.255.255/hook",
    # Documentation, multicast, reserved, broadcast.
    "https://192.0.2.1/hook",
    "https://198.51.100.1/hook",
    "https://203.0.113.1/hook",
    "https://224.0.0.1/hook",
    "https://239.255.255.255/hook",
    "https://240.0.0.1/hook",
    "https://255.255.255.255/hook",
    # Odd notations of 169.254.169.254, of 10.0.0.1 and of 192.168.0.1.
    "https://2852039166/hook",
    "https://0xa9fea9fe/hook",
    "https://0251.0376.0251.0376/hook",
    "https://169.254.43518/hook",
    "https://169.16689662/hook",
    "https://0xa9.0xfe.0xa9.0xfe/hook",
    "https://0x0a.0.0.1/hook",
    "https://012.0.0.1/hook",
    "https://10.1/hook",
    "https://192.168.1/hook",
    "https://169.254.169.254./hook",
    "https://%31%30.0.0.1/hook",
    "https://\uff11\uff10.0.0.1/hook",
    "https://10\u30020.0.1/hook",
    # IPv6: unspecified, unique local, link-local, site-local, multicast, documentation, discard.
    "https://[::]/hook",
    "https://[fc00::1]/hook",
    "https://[fd00:ec2::254]/latest/meta-data/",
    "https://[fe80::1]/hook",
    "https://[fec0::1]/hook",
    "https://[ff02::1]/hook",
    "https://[2001:db8::1]/hook",
    "https://[100::1]/hook",
    # IPv4 in IPv6: mapped, compatible, translated, 6to4, NAT64, Teredo, ISATAP.
    "https://[::ffff:10.0.0.1]/hook",
    "https://[::ffff:a9fe:a9fe]/hook",
    "https://[::10.0.0.1]/hook",
    "https://[::ffff:0:10.0.0.1]/hook",
    "https://[2002:a00:1::1]/hook",
    "https://[2002:a9fe:a9fe::]/hook",
    "https://[64:ff9b::10.0.0.1]/hook",
    "https://[64:ff9b::a9fe:a9fe]/hook",
    "https://[64:ff9b:1::a00:1]/hook",
    "https://[2001:0:a00:1::1]/hook",
]


@pytest.mark.parametrize("field", ["url", "items_url"])
def test_what_is_not_on_the_internet_is_refused(account: Restaurant, subscribe, field: str):
    one = subscribe(account)
    wrong = {}
    for url in REFUSED:
        body = one.body(**{field: url})
        answers = [account.api.post(one.place(), body), one.call("PUT", "", body)]
        found = [problem(answer) if answer.status >= 400 else answer.status for answer in answers]
        if found != [(400, field)] * 2:
            wrong[url] = found
    assert wrong == {}
    assert one.shown() == {n: one.subscription[n] for n in one.shown()}


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://93.184.215.14/hook", "https://93.184.215.14/hook"),
        ("https://93.184.215.14:8443/hook?key=1", "https://93.184.215.14:8443/hook?key=1"),
        ("https://[2606:2800:21f:cb07:6820:80da:af6b:8b2c]/", None),
        ("HTTPS://93.184.215.14:443/hook", "https://93.184.215.14/hook"),
    ],
)
def test_a_public_address_is_taken_and_shown_in_its_normal_spelling(
    account: Restaurant, subscribe, url: str, shown: str | None
):
    assert subscribe(account, url=url).shown()["url"] == (shown or url)


def test_a_refusal_says_why_and_repeats_no_password(account: Restaurant, subscribe):
    one = subscribe(account)
    answer = account.api.post(one.place(), one.body(url="https://user:pass-word-7@10.0.0.1/"))
    assert problem(answer) == (400, "url")
    assert "pass-word-7" not in answer.body.decode()
    for url, word in (("http://example.com/", "https"), ("https://10.0.0.1/", "10.0.0.1")):
        answer = account.api.post(one.place(), one.body(url=url))
        assert word in answer.json()["detail"], answer


@pytest.mark.parametrize("field", ["url", "items_url"])
def test_the_bridge_does_not_tell_itself(account: Restaurant, subscribe, field: str):
    """It reads the format that it sends, and would do so for ever."""
    one = subscribe(account)
    for url in (
        account.url("captain"),
        account.api.base_url,
        account.api.base_url + "/v1/accounts",
    ):
        assert problem(account.api.post(one.place(), one.body(**{field: url}))) == (400, field)
