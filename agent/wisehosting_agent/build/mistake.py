"""What a common mistake of builds looks like, and what to say then. Pure."""

import re
from typing import NamedTuple

from wisehosting_wire.facts import Hint

VALUE_CHARACTERS = 80
_APT = {
    "cairo": ("libcairo2-dev", "pkg-config"),
    "curl/curl": ("libcurl4-openssl-dev",),
    "ffi": ("libffi-dev",),
    "gdal-config": ("libgdal-dev",),
    "gmp": ("libgmp-dev",),
    "icu-i18n": ("libicu-dev",),
    "lber": ("libldap-dev", "libsasl2-dev"),
    "ldap": ("libldap-dev", "libsasl2-dev"),
    "libffi": ("libffi-dev",),
    "libGL.so.1": ("libgl1",),
    "libglib-2.0.so.0": ("libglib2.0-0",),
    "libpq-fe": ("libpq-dev",),
    "libpq.so.5": ("libpq5",),
    "libxml/xmlversion": ("libxml2-dev", "libxslt1-dev"),
    "libxml2": ("libxml2-dev", "libxslt1-dev"),
    "openssl": ("libssl-dev", "pkg-config"),
    "pango": ("libpango1.0-dev", "pkg-config"),
    "protoc": ("protobuf-compiler",),
    "sasl/sasl": ("libsasl2-dev",),
    "sqlite3": ("libsqlite3-dev",),
    "vips-cpp": ("libvips-dev",),
    "xmlsec1": ("libxmlsec1-dev", "pkg-config"),
    "xslt-config": ("libxml2-dev", "libxslt1-dev"),
    "xz": ("xz-utils",),
    "yaml": ("libyaml-dev",),
    "zlib": ("zlib1g-dev",),
}
"""Debian's packages for what was not found, where they have another name."""
_DISTRIBUTIONS = {
    "bs4": "beautifulsoup4",
    "cv2": "opencv-python-headless",
    "Crypto": "pycryptodome",
    "dateutil": "python-dateutil",
    "dotenv": "python-dotenv",
    "environ": "django-environ",
    "jwt": "PyJWT",
    "MySQLdb": "mysqlclient",
    "PIL": "Pillow",
    "psycopg2": "psycopg2-binary",
    "rest_framework": "djangorestframework",
    "sklearn": "scikit-learn",
    "yaml": "PyYAML",
}
"""Python packages whose import name is another one."""


class Mistake(NamedTuple):
    """One mistake. Title and sentence name the pattern's groups between braces; `first` is the first that took part."""

    pattern: str
    title: str
    sentence: str
    also: str = ""
    """Must be found as well."""
    unless: str = ""
    """Must not be found."""
    instruction: str = ""
    """The failing instruction begins so."""
    apt: tuple[str, ...] = ()
    """Debian's packages that help; without them those that the first group stands for."""

    def hint(self, text: str, instruction: str, stack: str) -> Hint | None:
        """Return what to say, when this is the mistake."""
        if not re.match(self.instruction, instruction):
            return None
        found = re.search(self.pattern, text, re.MULTILINE)
        if found is None or (self.also and not re.search(self.also, text, re.MULTILINE)):
            return None
        if self.unless and re.search(self.unless, text, re.MULTILINE):
            return None
        values = {name: (value or "")[:VALUE_CHARACTERS] for name, value in found.groupdict().items()}
        values["first"] = next((value for value in found.groups() if value), "")[:VALUE_CHARACTERS]
        module = values.get("module", "").partition(".")[0]
        values["distribution"] = _DISTRIBUTIONS.get(module, module)
        values["install"] = install(self.apt or _APT.get(values["first"], (values["first"],)), stack)
        return Hint(title=self.title.format_map(values), sentence=self.sentence.format_map(values))


def install(packages: tuple[str, ...], stack: str) -> str:
    """Return how Debian packages come into the build: an order without its full stop."""
    if stack:
        names = ", ".join(f'"{name}"' for name in packages)
        return f"Add `apt = [{names}]` under [build] in wisehosting.toml and push"
    return (
        "Put `RUN apt-get update && apt-get install -y --no-install-recommends "
        f"{' '.join(packages)}` above this step and push"
    )
