"""The table of permissions: what it says of roles, and that the docs say the same."""

from itertools import product
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wisehosting_cp.accounts.models import Role
from wisehosting_cp.accounts.permissions import PERMISSIONS, RANK, Permission, at_least, effective, permission_table

DOCS = Path(__file__).parents[4] / "docs" / "teams.md"
ROLES = st.sampled_from([None, *Role])


def test_every_permission_has_a_row() -> None:
    assert set(PERMISSIONS) == set(Permission)


def test_a_higher_role_may_all_that_a_lower_one_may() -> None:
    for low, high in product(Role, Role):
        if RANK[low] <= RANK[high]:
            for needs in PERMISSIONS.values():
                assert needs.role is None or not at_least(low, needs.role) or at_least(high, needs.role)


@given(ROLES, ROLES)
def test_a_project_s_role_counts_for_members_below_admin_only(in_team: Role | None, in_project: Role | None) -> None:
    role = effective(in_team, in_project)
    if in_team is None:
        assert role is None
    elif at_least(in_team, Role.admin) or in_project is None:
        assert role == in_team
    else:
        assert role == in_project


@pytest.mark.parametrize("permission", [Permission.team_delete, Permission.members_change, Permission.audit_read])
def test_what_gives_power_over_people_is_not_for_developers(permission: Permission) -> None:
    assert not at_least(Role.developer, PERMISSIONS[permission].role or Role.viewer)


def test_the_docs_print_the_table() -> None:
    assert permission_table() in DOCS.read_text(), "print it anew with: wh-cp permissions"
