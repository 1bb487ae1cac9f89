"""Names by which languages other than the shell and Python run, open, reach, decode and print."""

from __future__ import annotations

from typing import Final

__all__ = [
    "CHARACTERS",
    "DECODERS",
    "ENCODINGS",
    "EVALUATES",
    "GIVEN",
    "LISTS",
    "LOOK",
    "OTHERS",
    "PRINTS",
    "REACH",
    "READ",
    "RUN",
    "SPACED",
    "STARTERS",
    "STDIN",
    "SURROUNDINGS",
    "WRITE",
]


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


RUN: Final = _set(
    "shell system exec popen shell_exec passthru proc_open spawn spawnsync execsync execfile "
    "execfilesync execute"
    " system2 systemcall cmd callcommand callprocess readprocess rawsystem runprocess shelle"
    " start_process run-program shell-command call-process start-process run-shell-command process-lines system*"
    " execcmd execcmdex execprocess shellexecute open_process_in open_process create_process"
    " check_call getstatusoutput exec_async"
    " capture2 capture3 capture2e popen3 execl execlp execle execv execvp execve "
    "posix_spawn getoutput run"
    " check_output call command sh"
)
READ: Final = _set(
    "open file_get_contents readfilesync readfile fopen opendir readtextfile "
    "readtextfilesync createreadstream"
    " readlines file_read readtextfilesync insert-file-contents find-file slurp open-input-file open_in"
    " read_to_string read_file readstring with-open-file load-file readallbytes readalltext"
    " read readlines lines read! slurp path file show_source include require new openat getline "
    "readlink binread io.open foreach"
)
WRITE: Final = _set(
    "writefilesync writefile appendfilesync appendfile file_put_contents "
    "createwritestream write binwrite"
)
LOOK: Final = _set("existssync statsync lstatsync readdirsync readlinksync accesssync stat lstat exist? "
        "is_dir is_file scandir"
                    " access readdir glob entries children")  # fmt: skip
REACH: Final = _set("fetch get post request connect createconnection fsockopen new gethostbyname "
        "inet_addr curl_init"
                     " get_response open netconnect start dial put stream_socket_client pfsockopen "
        "socket_connect dialunix")  # fmt: skip
DECODERS: Final = {
    "atob": "base64", "decode64": "base64", "decode_base64": "base64", "base64_decode": "base64",
    "strict_decode64": "base64", "urlsafe_decode64": "base64", "hex2bin": "hex", "strrev": "reverse",
    "reverse": "reverse", "str_rot13": "rot13", "gzinflate": "gzip", "gzuncompress": "gzip", "gunzipsync": "gzip",
    "inflate": "gzip", "unescape": "percent", "decodeuricomponent": "percent", "urldecode": "percent",
    "reverse!": "reverse", "scalar": "", "inflatesync": "gzip", "rawurldecode": "percent",
}  # fmt: skip
CHARACTERS: Final = _set("fromcharcode chr pack fromcodepoint string.char char")
ENCODINGS: Final = {
    "base64": "base64",
    "hex": "hex",
    "H*": "hex",
    "m": "base64",
    "m0": "base64",
    "base64url": "base64",
}
OTHERS: Final = _set(
    "ioctl setuid seteuid posix_setuid syscall print puts eval function instance_eval class_eval loadstring load assert"
)
STARTERS: Final = _set(
    "command::new exec.command exec.commandcontext deno.command processbuilder command.new process.new"
    " process.start startprocess"
)
"""What begins a command whose arguments may follow in calls chained to it."""
PRINTS: Final = _set(
    "print puts say p echo console.log process.stdout.write printf io.write println io.puts system.out.println"
)
EVALUATES: Final = _set("eval function instance_eval class_eval loadstring load assert")
LISTS: Final = _set("c list array arrays.aslist list.of seq args qw vec of arg strings")
"""What makes a list of what is in its brackets."""
GIVEN: Final = _set("argv process.argv arg args deno.args bun.argv commandargs")
"""The words that a program is given."""
SURROUNDINGS: Final = _set("env process.env getenv environ environment _env _server")
STDIN: Final = _set(
    "stdin gets read readline readlines io.read stdin.read stdin.gets stdin.readline argf.read _ php://stdin"
    " fgets readfilesync argf"
)
"""What gives the program's input."""
SPACED: Final = _set(
    "guile sbcl clisp ecl racket csi emacs clojure clj bb ocaml ghc runghc runhaskell"
)
"""Languages whose arguments are parted by blanks."""
