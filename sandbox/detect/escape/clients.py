"""Which arguments of a client of the network are addresses, sockets and files."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final
from urllib.parse import unquote

from sandbox.detect.escape.addresses import target, targets
from sandbox.detect.escape.decimals import decimal
from sandbox.detect.escape.facts import Facts, Reach
from sandbox.detect.escape.options import Parsed, parsed

__all__ = ["host_of", "note_reach", "reach_url"]


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_CURL_VALUED: Final = _set(
    "-X -H -d -o -u -A -e -b -c -F -T -x -m -w -r -y -Y -E -K -D -C --request --header --data --data-raw"
    " --data-binary --data-urlencode --json --output --user --user-agent --referer --cookie --cookie-jar"
    " --form --upload-file --proxy --max-time --write-out --connect-timeout --retry --retry-delay"
    " --unix-socket --abstract-unix-socket --url --cacert --cert --key --resolve --connect-to"
    " --interface --range --config --dump-header --socks5 --socks5-hostname --limit-rate --ciphers"
    " --oauth2-bearer --noproxy --dns-servers --preproxy --local-port --proto --tls-max --capath"
)
_WGET_VALUED: Final = _set(
    "-O -o -P -U -t -T -w -i -a -e -A -R -D -l -Q --header --post-data --post-file --user --password"
    " --output-document --output-file --directory-prefix --timeout --tries --method --body-data"
    " --body-file --ca-certificate --certificate --private-key --user-agent --referer --load-cookies"
)
_NC_VALUED: Final = _set(
    "-w -p -s -e -c -i -q -X -x -I -O -T -V -M -m -g -G -o --exec --sh-exec --proxy"
)
_CLIENTS: Final[Mapping[str, tuple[frozenset[str], frozenset[str], int]]] = {
    # program: options with values, of them those that name a host, its usual port
    "redis-cli": (_set("-h -p -a -n -s -u -x"), _set("-h -u"), 6379),
    "mysql": (_set("-h -P -u -p -e -D --host --port"), _set("-h --host"), 3306),
    "psql": (_set("-h -p -U -d -c -f --host --port"), _set("-h --host"), 5432),
    "mongo": (_set("--host --port -u -p"), _set("--host"), 27017),
    "mosquitto_pub": (
        _set("-h -p -t -m -u -P -i -q -f -I -k -L --host --topic --message"),
        _set("-h --host -L"),
        1883,
    ),
    "showmount": (_set("-e -a -d --exports --all"), _set("-e -a -d --exports --all"), 2049),
    "ldapsearch": (_set("-H -h -b -D -w -s -p"), _set("-H -h"), 389),
    "mongosh": (_set("--host --port -u -p"), _set("--host"), 27017),
    "mosquitto_sub": (
        _set("-h -p -t -u -P -i -q -C -F -I -k -L -W --host --topic"),
        _set("-h --host -L"),
        1883,
    ),
}
_SSH_VALUED: Final = _set("-p -i -l -o -L -R -D -J -F -b -c -e -E -I -m -O -Q -S -W -w -B -P")
_SCANNERS: Final = _set(
    "nmap masscan zmap rustscan naabu unicornscan fping nbtscan hping3 arp-scan netdiscover"
)
_PROBE_VALUED: Final = _set("-p -oG -oN -oX -oA -c -w -i -W -s -t -Pn --rate -e -I")
_NETCATS: Final = _set("nc ncat netcat nc.openbsd nc.traditional")
_LOOKUPS: Final = _set("ping ping6 traceroute tracepath mtr dig host nslookup arping whois")
_PROBES: Final = _SCANNERS | _LOOKUPS
_FETCHERS: Final = _set(
    "curl wget http https xh httpie aria2c lynx w3m links elinks axel websocat wscat"
    " grpcurl curlie lwp-request GET POST"
)
_TALKERS: Final = _set(
    "ssh sftp telnet ftp tftp smbclient rdesktop rlogin rsh mosh evil-winrm ssh-keyscan autossh"
    " smbmap rpcclient enum4linux rpcinfo snmpwalk snmpget xfreerdp vncviewer hydra medusa ncrack netexec"
    " crackmapexec lftp pwncat sshuttle"
)


_SHELLS_AFAR: Final = _set("ssh sftp telnet ftp tftp mosh rsh rlogin autossh")
"""What stands behind their host is a command or a port."""
_FORWARDED_SOCKET: Final = re.compile(r":(/[^:\s]+)$")
"""A socket of this machine that others are led to."""
_FORWARDED_DOOR: Final = re.compile(r"([\w.-]+):(2375|2376|2379|10250|10255)$")
"""An engine, an orchestrator's store or node at the other end of a tunnel."""


def note_reach(program: str, args: Sequence[str], facts: Facts, cwd: str) -> None:
    """Take in the hosts that a client of the network is given."""
    if program in _FETCHERS:
        _fetch(program, args, facts, cwd)
    elif program in _NETCATS:
        _netcat(program, args, facts, cwd)
    elif program == "socat":
        _socat(args, facts, cwd)
    elif program in _CLIENTS:
        _client(program, args, facts)
    elif program in _TALKERS:
        _talk(program, args, facts, cwd)
    elif program in _PROBES:
        _probe(program, args, facts)
    else:
        _open(program, args, facts, cwd)


def _open(program: str, args: Sequence[str], facts: Facts, cwd: str) -> None:
    """Take in where a program leads that opens one connection and no more."""
    if program == "openssl" and "s_client" in args:
        found = parsed(args, {"-connect", "-unix"})
        for value in found.values("-connect"):
            if (there := target(value)) is not None:
                facts.add(Reach(there.host, there.port, program=program))
        for value in found.values("-unix"):
            facts.touch(value, "connect", cwd, program=program)
    elif program in ("zsocket", "systemd-socket-proxyd"):
        for value in args[-1:]:
            facts.touch(value, "connect", cwd, program=program)
    elif program == "ztcp" and len(args) > 1:
        facts.add(Reach(host_of(args[-2]), decimal(args[-1]) or 0, program=program))


def _talk(program: str, args: Sequence[str], facts: Facts, cwd: str) -> None:
    for arg in args[:32] if program not in _SHELLS_AFAR else ():
        there = target(arg.rpartition("@")[2].removeprefix("/v:"))
        if there is not None and "." in there.host:
            facts.add(Reach(there.host, there.port, program=program))
    found = parsed(args, _SSH_VALUED, stops=True)
    operands = found.operands
    for value in found.values("-L", "-R") if "ssh" in program else ():
        if (socket := _FORWARDED_SOCKET.search(value)) is not None:
            facts.touch(socket[1], "connect", cwd, program=program)
        elif (door := _FORWARDED_DOOR.search(value)) is not None:
            facts.add(Reach(door[1], int(door[2]), program=program))
    port = 22 if "ssh" in program else 0
    if program == "telnet" and operands[1:2]:
        port = decimal(operands[1]) or port
    for operand in operands[:1]:
        facts.add(Reach(host_of(operand), port, program=program))


def _client(program: str, args: Sequence[str], facts: Facts) -> None:
    valued, hosts, usual = _CLIENTS[program]
    found = parsed(args, valued)
    port = next((n for v in found.values("-p", "-P", "--port") if (n := decimal(v))), usual)
    for name, value in found.options:
        if name in hosts and (there := target(value)) is not None:
            facts.add(Reach(there.host, there.port or port, there.path, program=program))


def _probe(program: str, args: Sequence[str], facts: Facts) -> None:
    for operand in parsed(args, _PROBE_VALUED).operands:
        host = operand if "://" in operand else operand.partition("/")[0]
        if (there := target(host)) is not None:
            facts.add(Reach(there.host, 0, operand, is_probe=True, program=program))


def host_of(operand: str) -> str:
    """The host in ``user@host``, ``//host/share`` or ``host``."""
    there = target(operand.rpartition("@")[2].removeprefix("//").partition("/")[0])
    return there.host if there is not None else operand


def _fetch(program: str, args: Sequence[str], facts: Facts, cwd: str) -> None:
    found = parsed(args, _CURL_VALUED if program != "wget" else _WGET_VALUED)
    for path in found.values("--unix-socket", "--abstract-unix-socket"):
        facts.touch(path, "connect", cwd, program=program)
    _saved(found, program, facts, cwd)
    _uploaded(found, program, facts, cwd)
    over_socket = found.has("--unix-socket", "--abstract-unix-socket")
    if program in ("wscat", "grpcurl"):
        found.operands += [value for name, value in found.options if value]
    for operand in [*found.operands, *found.values("--url", "-x", "--proxy", "--socks5")]:
        there = target(operand)
        if (socket := _UNIX_URL.match(unquote(operand[:2_048]))) is not None:
            facts.touch(socket[1], "connect", cwd, program=program)
        elif operand.startswith("file://"):
            facts.touch(operand, "read", cwd, program=program)
        elif program == "grpcurl" and operand.startswith("/"):  # behind `-unix`
            facts.touch(operand, "connect", cwd, program=program)
        elif there is not None:  # on a socket the path alone tells whose it is
            host, port = ("", 0) if over_socket else (there.host, there.port or 80)
            facts.add(Reach(host, port, there.path, program=program))
            _forwarded(there.path, facts, program)
    for value in found.values("--resolve", "--connect-to"):
        for piece in value.split(":"):
            if re.fullmatch(r"\d+\.\d+\.\d+\.\d+", piece):
                facts.add(Reach(piece, 80, program=program))


def _forwarded(path: str, facts: Facts, program: str) -> None:
    """An address within an address: what another is asked to fetch."""
    if "=" in path and ("://" in path or "%2" in path.lower()):
        for there in targets(unquote(path[:2_048]).partition("=")[2])[:4]:
            facts.add(Reach(there.host, there.port or 80, there.path, program=program))


def _saved(found: Parsed, program: str, facts: Facts, cwd: str) -> None:
    if program in ("curl", "wget"):
        for path in found.values("-o", "--output", "-O", "--output-document"):
            if path and path != "-":
                facts.touch(path, "write", cwd, program=program)


def _uploaded(found: Parsed, program: str, facts: Facts, cwd: str) -> None:
    for value in found.values(
        "-d", "--data", "--data-binary", "-F", "-T", "--upload-file", "--post-file"
    ):
        if "@" in value or not value.startswith(("{", "[")):
            path = value.partition("@")[2] or value
            if path.startswith("/"):
                facts.touch(path.partition(";")[0], "read", cwd, program=program)


def _netcat(program: str, args: Sequence[str], facts: Facts, cwd: str) -> None:
    found = parsed(args, _NC_VALUED)
    if found.has("-U", "--unixsock"):
        for operand in found.operands[:1]:
            facts.touch(operand, "connect", cwd, program=program)
        return
    if found.operands[:1] and found.operands[0].startswith("local:"):  # as BusyBox writes a socket
        facts.touch(found.operands[0].removeprefix("local:"), "connect", cwd, program=program)
        return
    if not found.has("-l", "--listen") and found.operands:
        ports = [int(p) for p in re.findall(r"\d{1,5}", " ".join(found.operands[1:]))][:64]
        for port in ports or [0]:
            facts.add(
                Reach(host_of(found.operands[0]), port, is_probe=found.has("-z"), program=program)
            )


_SOCAT: Final = re.compile(r"(vsock|vsock-connect"
                           r"|unix|unix-connect|unix-client|abstract-connect|tcp4?|tcp-connect|tcp4-connect"
                           r"|openssl|udp|exec|system|open|file|gopen):(.*)", re.IGNORECASE | re.DOTALL)  # fmt: skip


def _socat(args: Sequence[str], facts: Facts, cwd: str) -> None:
    for arg in args:
        match = _SOCAT.match(arg)
        if match is None:
            continue
        kind, rest = match[1].lower(), match[2]
        first = rest.partition(",")[0]
        if kind.startswith("vsock"):
            facts.add(Reach(f"vsock-{first}", program="socat"))
        elif kind.startswith(("unix", "abstract")):
            facts.touch(first, "connect", cwd, program="socat")
        elif kind in ("open", "file", "gopen"):
            facts.touch(first, "read", cwd, program="socat")
        elif kind not in ("exec", "system") and (there := target(first)) is not None:
            facts.add(Reach(there.host, there.port, program="socat"))


_UNIX_URL: Final = re.compile(r"(?:http\+)?unix:(?://)?(/\S*?\.sock(?:et)?|/\S*)(?=/|$)")


def reach_url(url: str, facts: Facts, program: str) -> None:
    """Take in a URL that code opens."""
    if url.startswith("file://"):
        facts.touch(url, "read", program=program)
    elif (socket := _UNIX_URL.match(url)) is not None:
        facts.touch(socket[1], "connect", program=program)
    elif (there := target(url)) is not None and there.scheme:
        facts.add(Reach(there.host, there.port or 80, there.path, program=program))
