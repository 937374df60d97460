from pathlib import Path

import pytest

from signcore.dashboard.person import find_or_add_person, name_of_user
from signcore.names import checked_name
from signcore.settings import Settings
from signcore.store import Store

LONG = "firstname.middlename.lastname@students.department.faculty.university"


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("anna@example.org", "anna (example.org)"),
        ("6123", "6123"),
        ("auth0|6123", "auth0-6123 "),
        ("o'neil&co@x.org", "o'neil-co (x.org) "),
        (f"{LONG}.example", "firstname.middlename.lastname (students.department."),
    ],
)
def test_whoever_signs_in_has_a_name_that_can_be_kept(address: str, name: str) -> None:
    found = name_of_user(address)
    assert found.startswith(name)
    assert checked_name(found) == found


def test_two_users_never_have_one_name() -> None:
    addresses = [f"{LONG}.example", f"{LONG}.org", "a=b@x.org", "a#b@x.org", "a-b@x.org"]
    assert len({name_of_user(address) for address in addresses}) == len(addresses)
    assert name_of_user("A=B@x.org").endswith(name_of_user("a=b@x.org")[-8:]), "case means nothing in an address"


def test_a_name_is_found_whatever_its_blanks(tmp_path: Path) -> None:
    store = Store.open(Settings(data_dir=tmp_path, database_url=None))
    ann = find_or_add_person(store, "Ann Lee")
    assert find_or_add_person(store, " ann  LEE ") == ann
