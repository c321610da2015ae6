"""What the API says and takes of variables. Values go in and never come out."""

from datetime import datetime

from pydantic import BaseModel, Field, SecretStr

from wisehosting_cp.kit.web import Shape
from wisehosting_cp.projects.models import VariableScope


class VariableView(BaseModel):
    """A variable without its value."""

    name: str
    scope: VariableScope
    updated_at: datetime


class VariablesView(BaseModel):
    """The variables of an environment at its newest version."""

    version: int
    items: list[VariableView]


class VariableChange(Shape):
    """A new value. Scope `run` is the app's, `build` the build's."""

    value: SecretStr
    scope: VariableScope = VariableScope.run


class VariablesChange(Shape):
    """Names to write and names to remove, as one new version."""

    set: dict[str, VariableChange] = Field(default_factory=dict, max_length=500)
    remove: list[str] = Field(default_factory=list, max_length=500)
