"""A driver sync of ten thousand drivers: all of them, and only differences are written."""

from couriers import drivers, employs, fetched, synced, versions
from restaurant import Restaurant

PAGES = 10


def test_ten_thousand_drivers(restaurant: Restaurant, table):
    people = employs(restaurant, 10_000)
    synced(restaurant, timeout=240, created=10_000)
    assert versions(restaurant, table) == dict.fromkeys(people, 1)
    page, listed = {"next_cursor": ""}, []
    for _ in range(PAGES):
        cursor = page["next_cursor"]
        page = restaurant.get(f"/drivers?limit=100{cursor and f'&cursor={cursor}'}").json()
        listed += page["items"]
    assert [driver["driver_id"] for driver in listed] == sorted(people)[: PAGES * 100]
    assert {(driver["active"], driver["clocked_in"]) for driver in listed} == {(True, False)}
    synced(restaurant, timeout=60, unchanged=10_000)
    assert set(versions(restaurant, table).values()) == {1}
    changed = list(restaurant.pos.state.couriers[restaurant.organization_id])
    for place in range(0, 10_000, 100):
        changed[place] = changed[place] | {"displayName": f"Courier Number{place} B"}
    employs(restaurant, changed)
    synced(restaurant, timeout=60, updated=100, unchanged=9_900)
    again = {courier["id"]: 2 for courier in changed[::100]}
    assert versions(restaurant, table) == dict.fromkeys(people, 1) | again
    assert fetched(restaurant) == [[restaurant.organization_id]] * 3


def test_a_list_is_shown_page_by_page_whatever_its_length(account: Restaurant):
    people = employs(account, 1_001)
    synced(account, timeout=60, created=1_001)
    listed = drivers(account)
    assert sorted(listed) == sorted(people)
