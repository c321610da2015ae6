"""Texts that would do something if a shell, git, HAProxy, Podman or a file's format read them as more than text."""

CANARY = "/tmp/wh-canary"

_COMMANDS = (f"touch {CANARY}", f"curl http://127.0.0.1:9/{CANARY}", "sleep 9999", "getent hosts canary.invalid")
_AROUND = (
    ";{}",
    "|{}",
    "||{}",
    "&{}",
    "&&{}",
    "$({})",
    "`{}`",
    "\n{}\n",
    "\r\n{}",
    "';{};'",
    '";{};"',
    "<({})",
    ">{}",
    "shop;{}#",
    "a$IFS{}",
    "${{IFS}}{}",
    "\n RUN {}",
    "\\\nRUN {}",
    "<<EOF\n{}\nEOF",
    "\nExecStartPre=/bin/sh -c '{}'",
    "* * * * * {}",
    "\n* * * * * root {}",
    "ext::sh -c '{}'",
    "--upload-pack={}",
    "--config=core.sshCommand={}",
    "-oProxyCommand={}",
    "ssh://-oProxyCommand={}/a",
    "--exec={}",
    "eval {}",
    "!{}",
)
_TEXTS = (
    "\x00", "a\x00b", "\x1b]0;title\x07", "\x7f", "-", "--", "--help", "-c", "--privileged", "--volume=/:/host",
    "--receive-pack=x", "--output=/etc/passwd", "--template=/etc", "--git-dir=/", "-C/", "--no-index",
    "../../etc/passwd", "..", ".", "../", "..\\..\\a", "%2e%2e%2f", "%252e%252e", "/etc/passwd", "/proc/self/environ",
    "/dev/fd/0", "//etc", "a/../../b", "~root/.ssh", "a/./b", ".git/config", ".git/hooks/post-checkout", "C:\\a",
    "{{7*7}}", "${7*7}", "#{7*7}", "<%= 7*7 %>", "%s%n%x", "{0.__class__}", "{{config}}", "$HOME", "${HOME}", "$PATH",
    "a: b", "- a", "!!python/object:os.system", "&a [*a,*a]", '"}', '{"a":1}', "]", '"""', "'''", "[[x]]", 'a = "b"',
    "%YAML 1.2", "\n[Service]\nUser=root", "\n---\n", "%i", "%h",
    "\nbackend evil\n server x 127.0.0.1:1", "a;show info", "a\\;b", "<<", "<<\nx", "shop wh_1", "set map",
    "\nRUN id", "ARG X=1", "ENV A=$B", "FROM scratch", "COPY --from=0 / /", "# syntax=evil/x", "RUN --security=insecure",
    "' OR '1'='1", "'; DROP TABLE users;--", "1; SELECT pg_sleep(9)", "\\'", "%' --", "$$;SELECT 1;$$",
    "a\r\nX-Evil: 1", "a\nSet-Cookie: wh_session=x", "a\r\n\r\n<html>", "%0d%0aX: 1", "\u2028", "\u0085",
    "\u202etxt.exe", "\u2066a\u2069", "\u0430dmin", "\u200b", "\ufeff", "a\u0301" * 40, "\uff0e\uff0e/", "x" * 5000,
    "A=1\nB=2", "A=1\x00B=2", "export A=1", "LD_PRELOAD=/a.so", "=", "A B", "PATH", "GIT_SSH_COMMAND",
    "refs/heads/../x", "a..b", "a~1", "a^{}", "a:b", "HEAD", "@", "@{-1}", "a.lock", "+main:main", "refs/heads/-x",
    "main ", ":/fix", "*", "?", "[a", "a\\b", "fetch --all",
    "file:///etc/passwd", "ftp://a/b", "git://a/b", "https://u:p@example.org/a", "https://example.org@127.0.0.1/a",
    "https://example.org#@127.0.0.1/a", "https://example.org/a?b", "https://example.org\\@b/a", "https:///a", "https://a b/c",
    "http://127.0.0.1/a", "http://[::1]/a", "http://169.254.169.254/latest", "http://2130706433/a", "http://0x7f.1/a",
    "http://0/a", "http://[::ffff:10.50.0.1]/a", "https://127.1/a", "unix:///run/podman.sock", "javascript:alert(1)",
    "git@host:a/b", "host:-x", "https://-x/a", "data:text/html,x", "https://a.example/%0a", "https://%31%32%37.0.0.1/a",
)  # fmt: skip

ADVISORIES = {
    "CVE-2025-66209": "backup;id",
    "CVE-2025-66213": "/data:/x;id",
    "CVE-2025-34161": "https://example.org/a.git;id",
    "CVE-2025-64419": "web:\n  command: $(id)",
    "CVE-2026-34038": "$(id)",
    "CVE-2026-45628": "main;id",
    "CVE-2026-45408": "app\nEOF\nid\ncat <<EOF",
    "CVE-2026-44881": "../../../etc/shadow",
}
"""From each advisory the place where its text stood and what kind of break it was; the words are ours."""

PAYLOADS: dict[str, str] = {
    **{f"{form!r} {command.split()[0]}": form.format(command) for form in _AROUND for command in _COMMANDS},
    **{repr(text[:40]): text for text in _TEXTS},
    **ADVISORIES,
}
