"""How a project wants to be built, as the API takes and says it. The repository's wisehosting.toml wins over it."""

from typing import Annotated

from pydantic import Field

from wisehosting_cp.kit.web import Shape
from wisehosting_wire.workload import BuildSettings

Line = Annotated[str, Field(max_length=4000, pattern=r"^[^\x00-\x08\x0a-\x1f\x7f]*$")]
Package = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9+.-]{1,99}$")]
Word = Annotated[str, Field(min_length=1, max_length=8000, pattern=r"^[^\x00]*$")]


class BuildSettingsBody(Shape):
    """Empty fields are left to detection."""

    containerfile: str = Field(default="", max_length=500, pattern=r"^[^\x00-\x1f\x7f]*$")
    target: str = Field(default="", pattern=r"^([A-Za-z][A-Za-z0-9_.-]{0,99})?$")
    """Stage of the Containerfile that becomes the image."""
    image: str = Field(default="", pattern=r"^([A-Za-z0-9][A-Za-z0-9._/:@-]{0,499})?$")
    """A ready image, used instead of a build."""
    stack: str = Field(default="", pattern=r"^([a-z]{1,20})?$")
    version: str = Field(default="", max_length=100, pattern=r"^[ -~]*$")
    install: Line = ""
    build: Line = ""
    start: list[Word] = Field(default_factory=list, max_length=100)
    """argv of the process `web`."""
    packages: list[Package] = Field(default_factory=list, max_length=100)
    """Debian packages."""
    output: str = Field(default="", max_length=500, pattern=r"^[^\x00-\x1f\x7f]*$")
    fallback: str = Field(default="", pattern=r"^(/[A-Za-z0-9._/-]{1,200})?$")
    port: int | None = Field(default=None, ge=1, le=65535)

    def asked(self) -> BuildSettings:
        """Return them as detection takes them."""
        fields = self.model_dump()
        return BuildSettings(**{**fields, "start": tuple(self.start), "packages": tuple(self.packages)})

    def stored(self) -> dict[str, object]:
        """Return only what was said, for the project's row and the build's job."""
        return self.model_dump(exclude_defaults=True)
