from hypothesis import given
from hypothesis import strategies as st

from escruta.portal.contents import Area, natural
from escruta.portal.places import Places, anchor, link, shares_of_work


def area(path: str, code: str, parent: str, level: int = 1) -> Area:
    return Area(path, level, "region", code, "", parent, 1)


COUNTRY = Area("", 0, "", "", "", "", None)


@given(first=st.text(min_size=1), second=st.text(min_size=1))
def test_two_stations_never_share_a_place_in_a_page(first, second):
    assert (anchor(first) == anchor(second)) == (first == second)


@given(station=st.text(min_size=1))
def test_a_place_in_a_page_can_stand_in_an_address(station):
    assert set(anchor(station)) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-:~")


@given(codes=st.lists(st.text(min_size=1), unique=True, min_size=1, max_size=8))
def test_two_areas_never_share_a_page(codes):
    places = Places([COUNTRY, *(area(code, code, "") for code in codes)], prefix="")
    pages = [places.page(code) for code in codes]
    assert len({page.lower() for page in pages}) == len(codes)
    assert all(page.startswith("areas/") and page.endswith(".html") for page in pages)
    assert not any(set(page) & set('\\:*?"<>| ') for page in pages)


def test_codes_that_are_longer_than_a_file_name_have_a_page_each():
    codes = [f"{'é' * 300}{number}" for number in range(3)]
    places = Places([COUNTRY, *(area(code, code, "") for code in codes)], prefix="")
    names = {places.slug(code) for code in codes}
    assert names == {"e" * 100, f"{'e' * 100}-2", f"{'e' * 100}-3"}


def test_a_code_that_looks_like_another_gets_a_number():
    places = Places([COUNTRY, area("Ñ", "Ñ", ""), area("N", "N", "")], prefix="")
    assert places.page("Ñ") == "areas/n.html"
    assert places.page("N") == "areas/n-2.html"


@given(weights=st.lists(st.integers(1, 50), min_size=1), parts=st.integers(1, 9))
def test_shares_of_work_hold_everything_once_and_in_order(weights, parts):
    runs = shares_of_work(weights, parts)
    assert [place for run in runs for place in run] == list(range(len(weights)))


def test_a_link_leads_from_any_depth_to_any_other():
    assert link("areas/1/2.html", "areas/1/2/3.html") == "2/3.html"
    assert link("areas/1/2.html", "differing.html") == "../../differing.html"
    assert link("differing.html", "areas/1.html") == "areas/1.html"


@given(codes=st.lists(st.from_regex(r"[0-9]{1,4}(/[0-9]{1,4}){0,2}", fullmatch=True)))
def test_codes_sort_by_their_numbers(codes):
    ordered = sorted(codes, key=natural)
    numbers = [[int(part) for part in code.split("/")] for code in ordered]
    assert numbers == sorted(numbers)
