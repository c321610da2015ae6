"""Every column that a key made: what rotation goes through. A column that is missing here is found by a test."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Table
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.schema import Column

from wisehosting_cp.accounts.models import IdempotencyKey
from wisehosting_cp.accounts.second_factor.models import TotpCredential
from wisehosting_cp.kit.keyring import Purpose
from wisehosting_cp.projects.models import Variable
from wisehosting_cp.sources.models import Webhook
from wisehosting_cp.workers.models import WorkerCredential


@dataclass(frozen=True)
class SealedColumn:
    """A column sealed by `kit/sealing.py`; the row's name in the seal is its primary key, joined by `|`."""

    attribute: InstrumentedAttribute[Any]
    row: tuple[InstrumentedAttribute[Any], ...]
    """The primary key, in the order of the row's name."""

    @property
    def column(self) -> Column[Any]:
        """The column itself."""
        return _column(self.attribute)

    @property
    def table(self) -> Table:
        """Its table."""
        table = self.column.table
        if not isinstance(table, Table):
            raise TypeError(f"{self.attribute} is of no table")
        return table

    def key_columns(self) -> list[Column[Any]]:
        """Columns of the primary key, in the order of the row's name."""
        return [_column(attribute) for attribute in self.row]

    def place(self, key: Sequence[Any]) -> dict[str, str]:
        """Return what the seal of the row with this primary key names."""
        return {"table": self.table.name, "column": self.column.name, "row": "|".join(map(str, key))}

    def __str__(self) -> str:
        return f"{self.table.name}.{self.column.name}"


@dataclass(frozen=True)
class LookupColumn:
    """A keyed hash of what is sealed in the same row, so that it can be made anew."""

    attribute: InstrumentedAttribute[Any]
    purpose: Purpose
    of: SealedColumn

    @property
    def column(self) -> Column[Any]:
        """The column itself."""
        return _column(self.attribute)

    def __str__(self) -> str:
        return f"{self.of.table.name}.{self.column.name}"


def _column(attribute: InstrumentedAttribute[Any]) -> Column[Any]:
    column: Column[Any] = attribute.property.columns[0]
    return column


WORKER_KEY = SealedColumn(WorkerCredential.api_key_hash, (WorkerCredential.worker_id,))

SEALED: tuple[SealedColumn, ...] = (
    SealedColumn(IdempotencyKey.sealed_body, (IdempotencyKey.actor, IdempotencyKey.key)),
    SealedColumn(TotpCredential.sealed_secret, (TotpCredential.user_id,)),
    SealedColumn(Variable.sealed_value, (Variable.id,)),
    SealedColumn(Webhook.sealed_secret, (Webhook.id,)),
    WORKER_KEY,
)

LOOKUPS: tuple[LookupColumn, ...] = (LookupColumn(WorkerCredential.lookup, Purpose.worker_lookup, WORKER_KEY),)
