"""A site's description says what is wrong with it in plain words, and the demo's own description is whole."""

from __future__ import annotations

from datetime import time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from engage.demo import read_reports
from engage.routing import Duty, Matter, route
from engage.sites import Description, DescriptionError, read_description
from engage.sites.entries import PlaceEntry, SiteEntry, ZoneEntry
from engage.taxonomy import FIRST_RESPONDER, Category, Channel, Responder, Role, Severity

DEMO = Path(__file__).parents[2] / "demo" / "meridian"

FILES = {
    "authorities.yaml": """
- slug: police
  name: Port Police
  units:
    - slug: gates
      name: Gates
      responder: police
      mailbox: gates@port.example
      queues: [{slug: gates, name: Gates}, {slug: closed, name: Closed, sealed: true}]
- slug: customs
  name: Customs
  units: [{slug: border, name: Border, responder: border}]
""",
    "sites.yaml": """
- slug: harbour
  name: Harbour
  names: {fr: Le Port}
  kind: seaport
  timezone: Asia/Manila
  emergency_number: "911"
  fallback_queue: gates
  zones:
    - slug: pier
      name: Pier
      places:
        - slug: berth-7
          name: Berth 7
          detail: by the ladder
          posters: [{code: B7K4X, retired: 2026-03-02}]
""",
    "duty_rules.yaml": """
- {slug: night, site: harbour, zone: pier, responder: police, severity: high, hours: "22:00-06:00", queue: gates}
""",
    "staff.yaml": """
- {login: ana.cruz, name: Ana Cruz, authority: police, role: supervisor, units: [gates]}
""",
    "reports.yaml": """
- code: B7K4X
  language: en
  ago: 1h
  text: a hole in the fence
  then: [{claim: ana.cruz}]
""",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


@pytest.fixture(scope="module")
def demo() -> Description:
    return read_description(DEMO)


def test_a_description_is_read_as_it_is_written(folder: Path) -> None:
    description = read_description(folder)
    (place,) = description.sites[0].places()
    assert (place.slug, place.posters[0].code, place.posters[0].version) == ("berth-7", "B7K4X", 1)
    assert description.duty_rules[0].from_and_to == (time(22), time(6))
    assert description.staff[0].role is Role.SUPERVISOR
    assert description.authorities[0].units[0].queues[1].sealed


def test_staff_and_duty_rules_may_be_left_out(folder: Path) -> None:
    (folder / "staff.yaml").unlink()
    (folder / "duty_rules.yaml").unlink()
    description = read_description(folder)
    assert (description.staff, description.duty_rules) == ((), ())


@pytest.mark.parametrize(
    ("file", "instead_of", "written", "said"),
    [
        ("authorities.yaml", "slug: customs", "slug: police", "authorities.yaml, authority police: stands there twice"),
        ("authorities.yaml", "slug: border", "slug: gates", "authorities.yaml, unit gates: stands there twice"),
        ("authorities.yaml", "slug: closed", "slug: gates", "authorities.yaml, queue gates: stands there twice"),
        ("authorities.yaml", "slug: customs", "slug: The Customs", "'The Customs' is no slug"),
        ("authorities.yaml", "slug: closed", "slug: all", "no queue can have the slug 'all'"),
        ("authorities.yaml", "responder: border", "responder: army", "customs > border: responder: Input should be"),
        ("authorities.yaml", "name: Customs", "title: Customs", "authorities.yaml, customs: name is missing"),
        ("authorities.yaml", "name: Customs", "title: Customs", "authorities.yaml, customs: title is not known here"),
        ("authorities.yaml", "gates@port.example", "gates", "police > gates: mailbox: "),
        ("sites.yaml", "code: B7K4X", "code: B7K4Y", "harbour > pier > berth-7 > B7K4Y: code: 'B7K4Y' is no poster"),
        ("sites.yaml", "code: B7K4X", "code: b7k4x", "'b7k4x' is no poster code"),
        ("sites.yaml", "[{", "[{code: B7K4X}, {", "sites.yaml, poster code B7K4X: stands there twice"),
        (
            "sites.yaml",
            "Asia/Manila",
            "Asia/Atlantis",
            "sites.yaml, harbour: timezone: 'Asia/Atlantis' is no time zone",
        ),
        ("sites.yaml", '"911"', "911", "sites.yaml, harbour: emergency_number must be text; write it in quotes"),
        ("sites.yaml", "fallback_queue: gates", "fallback_queue: gate", "sites.yaml, harbour: there is no queue gate"),
        ("sites.yaml", "kind: seaport", "kind: spaceport", "sites.yaml, harbour: kind: Input should be"),
        ("sites.yaml", "{fr: Le Port}", "{French: Le Port}", "'French' is no language code"),
        ("sites.yaml", "name: Pier", "name: Pier\n      slug: wharf", "'slug' stands twice"),
        ("sites.yaml", "- slug: harbour", "- slug: [", "sites.yaml: cannot be read"),
        ("duty_rules.yaml", "22:00-06:00", "22-6", "duty_rules.yaml, night: hours: '22-6' are no hours"),
        ("duty_rules.yaml", "22:00-06:00", "22:00-24:00", "'22:00-24:00' are no hours"),
        ("duty_rules.yaml", "22:00-06:00", "06:00-06:00", "begin and end at the same time"),
        ("duty_rules.yaml", "queue: gates", "queue: night", "duty_rules.yaml, night: there is no queue night"),
        ("duty_rules.yaml", "site: harbour", "site: port", "duty_rules.yaml, night: there is no site port"),
        ("duty_rules.yaml", "site: harbour, ", "", "names a zone, so it must name the zone's site too"),
        ("duty_rules.yaml", "zone: pier", "zone: quay", "duty_rules.yaml, night: there is no zone of harbour quay"),
        (
            "duty_rules.yaml",
            "\n- {slug: night",
            "\n- {slug: night, queue: gates}\n- {slug: night",
            "rule night: stands",
        ),
        ("staff.yaml", "login: ana.cruz", "login: Ana Cruz", "staff.yaml, Ana Cruz: login: 'Ana Cruz' is no login"),
        ("staff.yaml", "authority: police", "authority: navy", "staff.yaml, ana.cruz: there is no authority navy"),
        ("staff.yaml", "[gates]", "[border]", "staff.yaml, ana.cruz: there is no unit of police border"),
        ("staff.yaml", "role: supervisor", "role: boss", "staff.yaml, ana.cruz: role: Input should be"),
        ("staff.yaml", "role:", "password: x, role:", "staff.yaml, ana.cruz: password is not known here"),
    ],
)
def test_what_is_wrong_is_said_with_file_and_entry(
    folder: Path, file: str, instead_of: str, written: str, said: str
) -> None:
    assert instead_of in FILES[file]
    (folder / file).write_text(FILES[file].replace(instead_of, written, 1), encoding="utf-8")
    with pytest.raises(DescriptionError) as problem:
        read_description(folder)
    assert said in str(problem.value)
    assert file in str(problem.value)


def test_a_file_that_is_not_there_is_named(folder: Path) -> None:
    (folder / "sites.yaml").unlink()
    with pytest.raises(DescriptionError, match=r"sites\.yaml: cannot be read"):
        read_description(folder)


def test_every_wrong_entry_of_a_file_is_said_at_once(folder: Path) -> None:
    text = (
        FILES["authorities.yaml"].replace("name: Gates\n", "nam: Gates\n").replace("responder: border", "responder: 3")
    )
    (folder / "authorities.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(DescriptionError) as problem:
        read_description(folder)
    assert len(str(problem.value).splitlines()) == 3


@pytest.mark.parametrize(
    ("instead_of", "written", "said"),
    [
        ("ago: 1h", "ago: an hour", "B7K4X: ago: 'an hour' is no duration"),
        ("ago: 1h", "ago: 0m", "a duration of nothing"),
        ("ago: 1h", "ago: 1m", "B7K4X: its steps end later than now"),
        ("code: B7K4X", "code: B7K4X\n  site: harbour", "either a code or a site"),
        ("claim: ana.cruz", "claim: ana.cruz, note: hm", "a step does exactly one thing"),
        ("claim: ana.cruz", "close: {disposition: bored}", "Input should be"),
    ],
)
def test_a_story_that_cannot_be_told_says_why(folder: Path, instead_of: str, written: str, said: str) -> None:
    (folder / "reports.yaml").write_text(FILES["reports.yaml"].replace(instead_of, written), encoding="utf-8")
    with pytest.raises(DescriptionError) as problem:
        read_reports(folder)
    assert "reports.yaml" in str(problem.value)
    assert said in str(problem.value)


def test_the_demo_has_a_poster_at_gate_b12(demo: Description) -> None:
    places = {poster.code: place for site in demo.sites for place in site.places() for poster in place.posters}
    assert (places["B7K4X"].name, places["B7K4X"].detail) == ("Gate B12", "left of the lift")


def test_every_place_of_the_demo_has_a_poster_in_use_and_an_arabic_name(demo: Description) -> None:
    for site in demo.sites:
        named: tuple[SiteEntry | ZoneEntry | PlaceEntry, ...] = (site, *site.zones, *site.places())
        for thing in named:
            assert "ar" in thing.names
        for place in site.places():
            assert any(poster.retired is None for poster in place.posters)
    retired = [poster for site in demo.sites for place in site.places() for poster in place.posters if poster.retired]
    assert len(retired) == 1


@pytest.mark.parametrize("category", list(Category))
def test_every_category_finds_a_unit_of_its_responder_at_every_site_of_the_demo(
    demo: Description, category: Category
) -> None:
    responders = {
        queue.slug: unit.responder
        for authority in demo.authorities
        for unit in authority.units
        for queue in unit.queues
    }
    for site in demo.sites:
        for queue in _queues_chosen(demo, site, category):
            assert responders[queue] is FIRST_RESPONDER[category]


def _queues_chosen(demo: Description, site: SiteEntry, category: Category) -> set[str]:
    """The queues that a category comes to at a site, in every zone, by day and by night, at every severity."""
    queues = [queue for authority in demo.authorities for unit in authority.units for queue in unit.queues]
    slugs, sealed = [queue.slug for queue in queues], {queue.slug for queue in queues if queue.sealed}
    sites = [other.slug for other in demo.sites]
    zones = [(other.slug, zone.slug) for other in demo.sites for zone in other.zones]
    duties = [
        Duty(
            slug=rule.slug,
            queue_id=slugs.index(rule.queue),
            site_id=sites.index(rule.site) if rule.site else None,
            zone_id=zones.index((rule.site, rule.zone)) if rule.site and rule.zone else None,
            responder=rule.responder,
            category=rule.category,
            severity=rule.severity,
            from_time=rule.from_and_to[0],
            to_time=rule.from_and_to[1],
            sealed=rule.queue in sealed,
        )
        for rule in demo.duty_rules
    ]
    return {
        slugs[route(Matter(category, severity, sites.index(site.slug), zone_id, hour), duties, -1).queue_id]
        for severity in Severity
        for zone_id, (of, _) in enumerate(zones)
        if of == site.slug
        for hour in (time(3), time(14))
    }


def test_every_unit_of_the_demo_has_two_officers_and_every_authority_a_supervisor(demo: Description) -> None:
    for authority in demo.authorities:
        assert any(member.role is Role.SUPERVISOR for member in demo.staff if member.authority == authority.slug)
        for unit in authority.units:
            officers = [member for member in demo.staff if unit.slug in member.units and member.role is Role.OFFICER]
            assert len(officers) >= 2, unit.slug
    assert {unit.responder for authority in demo.authorities for unit in authority.units} == set(Responder)


def test_sealed_cases_of_the_demo_are_for_the_intake_alone(demo: Description) -> None:
    sealed = {
        unit.slug
        for authority in demo.authorities
        for unit in authority.units
        if any(queue.sealed for queue in unit.queues)
    }
    assert sealed == {"integrity-intake"}
    assert all(member.role is Role.OFFICER for member in demo.staff if sealed & set(member.units))


def test_the_stories_of_the_demo_name_posters_sites_and_staff_that_there_are(demo: Description) -> None:
    codes = {poster.code for site in demo.sites for place in site.places() for poster in place.posters}
    logins = {member.login for member in demo.staff}
    for story in read_reports(DEMO):
        assert story.code in codes or story.site in {site.slug for site in demo.sites}
        assert {step.login for step in story.then} - {None} <= logins


def test_the_stories_of_the_demo_are_in_eight_languages_and_some_are_fresh() -> None:
    stories = read_reports(DEMO)
    assert len(stories) >= 80
    assert {story.language for story in stories} == {"en", "es", "fr", "ar", "zh", "ru", "pt", "fil"}
    assert {Channel.WEB, Channel.PHONE, Channel.WALK_IN} == {story.channel for story in stories}
    assert sum(not story.then and story.ago < timedelta(hours=1) for story in stories) >= 8


def test_the_time_zones_of_the_demo_are_real(demo: Description) -> None:
    assert all(ZoneInfo(site.timezone).key == site.timezone for site in demo.sites)
