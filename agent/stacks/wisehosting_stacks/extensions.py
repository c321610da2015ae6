"""PHP's extensions: what the base has, and which Debian package brings the others."""

from collections.abc import Iterable

import msgspec

BUILT_IN = frozenset(
    [
        "calendar",
        "core",
        "ctype",
        "date",
        "exif",
        "ffi",
        "fileinfo",
        "filter",
        "ftp",
        "gettext",
        "hash",
        "iconv",
        "json",
        "libxml",
        "openssl",
        "pcntl",
        "pcre",
        "pdo",
        "phar",
        "posix",
        "random",
        "readline",
        "reflection",
        "session",
        "shmop",
        "sockets",
        "sodium",
        "spl",
        "standard",
        "sysvmsg",
        "sysvsem",
        "sysvshm",
        "tokenizer",
        "zend-opcache",
        "zlib",
        "opcache",
    ]
)
IN_BASE = frozenset(["bcmath", "curl", "gd", "intl", "mbstring", "mysql", "pgsql", "sqlite3", "xml", "zip"])
"""Packages `php-…` that every base of PHP has."""
_PARTS = {
    "mysql": ("mysqli", "mysqlnd", "pdo_mysql"),
    "pgsql": ("pdo_pgsql",),
    "sqlite3": ("pdo_sqlite", "sqlite"),
    "xml": ("dom", "simplexml", "xmlreader", "xmlwriter", "xsl"),
    "odbc": ("pdo_odbc",),
    "sybase": ("pdo_dblib",),
}
_PACKAGES = frozenset(
    [
        "amqp",
        "apcu",
        "ast",
        "bz2",
        "dba",
        "ds",
        "enchant",
        "excimer",
        "gearman",
        "gmagick",
        "gmp",
        "gnupg",
        "igbinary",
        "imagick",
        "interbase",
        "ldap",
        "mailparse",
        "maxminddb",
        "memcache",
        "memcached",
        "mongodb",
        "msgpack",
        "oauth",
        "odbc",
        "pcov",
        "ps",
        "raphf",
        "redis",
        "rrd",
        "snmp",
        "soap",
        "ssh2",
        "stomp",
        "sybase",
        "tidy",
        "uploadprogress",
        "uuid",
        "xdebug",
        "xmlrpc",
        "yac",
        "yaml",
        "zmq",
    ]
)
_ONLY_WITH = {"imap": "8.2", "zstd": "8.4"}
"""Packages that only one of the Debians below the bases has, and the PHP of that one."""


class Extensions(msgspec.Struct, frozen=True):
    """What becomes of the extensions that a project requires."""

    packages: tuple[str, ...]
    """Debian packages that are added."""
    unknown: tuple[str, ...]
    """Names that no package of Debian brings."""


def extensions(names: Iterable[str], php: str) -> Extensions:
    """Where these extensions (`gd`, `pdo_mysql`) come from, with this PHP."""
    packages, unknown = [], []
    of = {part: package for package, parts in _PARTS.items() for part in parts}
    for name in sorted({name.lower() for name in names} - BUILT_IN):
        package = of.get(name, name)
        if package in IN_BASE:
            continue
        if package in _PACKAGES or package in _PARTS or _ONLY_WITH.get(package) == php:
            packages.append(f"php-{package}")
        else:
            unknown.append(name)
    return Extensions(tuple(dict.fromkeys(packages)), tuple(unknown))
