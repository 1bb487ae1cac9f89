"""Languages beside the shell: how each runs, opens and connects, and what it is given to do it with."""

import base64

import pytest

from sandbox.detect.escape.evaluation import level_of
from sandbox.detect.escape.signs import RANKS

OUT = "nsenter -t 1 -m"
POWER = base64.b64encode(OUT.encode("utf-16-le")).decode()

RUNS = {
    "tclsh": f"tclsh <<< 'exec {OUT}'",
    "tclsh by a variable": "tclsh <<'X'\nset p nsenter\nputs [exec $p -t 1 -m]\nX",
    "tclsh opens": "echo 'set f [open /proc/1/environ r]; puts [read $f]' | tclsh",
    "tclsh connects": "echo 'set s [socket 169.254.169.254 80]' | tclsh",
    "expect": f"expect -c 'spawn -noecho {OUT}; interact'",
    "guile": "guile -c '(system* \"nsenter\" \"-t\" \"1\")'",
    "sbcl": "sbcl --eval '(run-program \"/usr/bin/nsenter\" (list \"-t\" \"1\"))'",
    "clojure": 'clojure -e \'(clojure.java.shell/sh "nsenter" "-t" "1")\'',
    "emacs": 'emacs --batch --eval \'(call-process "nsenter" nil t nil "-t" "1")\'',
    "erl": f"erl -noshell -eval 'os:cmd(\"{OUT}\"), halt().'",
    "elixir": 'elixir -e \'System.cmd("nsenter", ["-t", "1"])\'',
    "ocaml": f"ocaml -e 'Sys.command \"{OUT}\"'",
    "swipl": f"swipl -g 'shell(\"{OUT}\")' -t halt",
    "scala": f"scala -e 'import sys.process._; \"{OUT}\".!!'",
    "groovy": f"groovy -e '\"{OUT}\".execute()'",
    "R": 'R -q -e \'system2("nsenter", c("-t", "1"))\'',
    "julia": f"julia -e 'run(`{OUT}`)'",
    "bun": f"bun -e 'await Bun.$`{OUT}`'",
    "deno": 'deno run - <<< \'new Deno.Command("nsenter", {args: ["-t", "1"]}).outputSync()\'',
    "pwsh": f"pwsh -NoProfile -EncodedCommand {POWER}",
    "rust": 'cat > m.rs <<X\nfn main() { std::process::Command::new("nsenter").arg("-t").arg("1").status(); }\nX\n'
            "rustc m.rs && ./m",
    "go": 'cat > m.go <<X\npackage main\nfunc main() { exec.Command("nsenter", "-t", "1").Run() }\nX\n'
          "go build -o m m.go && ./m",
    "java": 'cat > A.java <<X\nclass A { void m() { new ProcessBuilder("nsenter", "-t", "1").start(); } }\nX\n'
            "java A.java",
    "a function by its name": "php -r '$f=\"sys\".\"tem\"; $f(\"nsenter -t 1\");'",
    "a member by its name": "node -e 'require(\"child_process\")[\"ex\"+\"ec\"](\"nsenter -t 1\")'",
    "ed": f"ed -s <<< '!{OUT}'",
    "sqlite3": f"sqlite3 <<< '.shell {OUT}'",
    "psql": f"psql -c \"COPY t FROM PROGRAM '{OUT}'\"",
    "psql reads": "psql -c \"select pg_read_file('/proc/1/environ')\"",
    "gdb": f"gdb -nx -ex 'python import os; os.system(\"{OUT}\")'",
    "awk through a pipe": f"awk 'BEGIN {{ print \"{OUT}\" | \"sh\" }}'",
    "awk on the network": 'gawk \'BEGIN { s = "/inet/tcp/0/169.254.169.254/80"; s |& getline x }\'',
    "packets": "python3 -c 'from scapy.all import *; sendp(Ether()/ARP(op=2))'",
    "keys typed for another": "python3 -c 'import fcntl, termios; fcntl.ioctl(0, termios.TIOCSTI, \"i\")'",
    "the hypervisor's network": "python3 -c 'import socket; socket.socket(socket.AF_VSOCK).connect((2, 99))'",
}  # fmt: skip

GIVEN = {
    "python's words": f"python3 -c 'import os, sys; os.system(sys.argv[1])' '{OUT}'",
    "a script's words": "cat > a.py <<X\nimport sys\nopen(sys.argv[1])\nX\npython3 a.py /proc/1/environ",
    "python's variables": f"C='{OUT}' python3 -c 'import os; os.system(os.environ[\"C\"])'",
    "python's lines": f"echo '{OUT}' | python3 -c 'import os, sys\nfor x in sys.stdin: os.system(x)'",
    "perl's words": "perl -e 'system(@ARGV)' nsenter -t 1",
    "perl's next word": f"perl -e 'exec shift' '{OUT}'",
    "perl's variables": f"C='{OUT}' perl -e 'system($ENV{{C}})'",
    "perl's lines": f"echo '{OUT}' | perl -ne 'system $_'",
    "ruby's words": "ruby -e 'puts File.read(ARGV[0])' /proc/1/environ",
    "ruby's input": f"echo '{OUT}' | ruby -e 'system(STDIN.read)'",
    "node's words": "node -e 'require(\"fs\").readFileSync(process.argv[1])' /proc/1/environ",
    "node's variables": f"C='{OUT}' node -e 'require(\"child_process\").execSync(process.env.C)'",
    "php's words": f"php -r 'system($argv[1]);' '{OUT}'",
    "lua's words": f"lua -e 'os.execute(arg[1])' '{OUT}'",
    "awk's variables": f"awk -v c='{OUT}' 'BEGIN {{ system(c) }}'",
    "awk's lines": f"echo '{OUT}' | awk '{{ system($0) }}'",
}

ORDINARY = [
    "tclsh <<< 'puts [exec ls -la]'",
    "expect -c 'spawn telnet example.org; interact'",
    "guile -c '(display \"nsenter -t 1\")'",
    "emacs --batch --eval '(message \"nsenter -t 1\")'",
    "node -e 'console.log(process.argv[1])' /run/docker.sock",
    "python3 -c 'import sys; print(sys.argv[1])' 'nsenter -t 1'",
    "psql -c \"COPY t FROM '/srv/rows.csv'\"",
    "python3 -c 'import os; print(os.environ[\"LANG\"])'",
    "perl -ne 'print if /error/' app.log",
    "awk -F, -v n=3 '{ print $n }' rows.csv",
]


@pytest.mark.parametrize("name", RUNS)
def test_every_language_is_followed_in_its_own_words(name):
    assert level_of(RUNS[name]) == RANKS["attempted"]


@pytest.mark.parametrize("name", GIVEN)
def test_what_code_is_given_is_put_in_its_place(name):
    assert level_of(GIVEN[name]) == RANKS["attempted"]


@pytest.mark.parametrize("text", ORDINARY)
def test_code_that_only_names_it_is_nothing(text):
    assert level_of(text) == -1
