"""Loading a site's description: everything becomes rows once, and loading again changes only what the files changed."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, time
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from sqlmodel import col, select

from engage import accounts
from engage.cli.site import site as site_commands
from engage.installation import Installation
from engage.models import Authority, DutyRule, Place, Poster, Queue, Site, Staff, StaffUnit, Unit, Zone
from engage.sites import Description, DescriptionError, Loaded, load_description, read_description
from tests import make

DEMO = Path(__file__).parents[2] / "demo" / "meridian"
TABLES = (Authority, Unit, Queue, Site, Zone, Place, Poster, DutyRule, Staff, StaffUnit)


@pytest.fixture(scope="module")
def description() -> Description:
    return read_description(DEMO)


@pytest.fixture
def loaded(installation: Installation, description: Description) -> Loaded:
    return load(installation, description)


def load(installation: Installation, description: Description, known: Iterator[str] | None = None) -> Loaded:
    def hash_for(login: str) -> str:
        return next(known) if known is not None else f"hash of {login}"

    with installation.database.transaction() as session:
        return load_description(session, description, password_hash_of=hash_for)


def rows_of(installation: Installation) -> dict[str, list[dict[str, Any]]]:
    with installation.database.reading() as session:
        return {
            model.__name__: sorted((row.model_dump() for row in session.exec(select(model))), key=str)
            for model in TABLES
        }


def changed(description: Description, **changes: Any) -> Description:
    return description.model_copy(update=changes)


def test_everything_in_the_files_becomes_rows(
    installation: Installation, loaded: Loaded, description: Description
) -> None:
    found = rows_of(installation)
    assert len(found["Place"]) == sum(len(list(site.places())) for site in description.sites)
    assert len(found["Staff"]) == len(description.staff) == loaded.new["staff"]
    assert {row["password_hash"] for row in found["Staff"] if row["login"] == "ines.duarte"} == {"hash of ines.duarte"}
    (night,) = [row for row in found["DutyRule"] if row["slug"] == "night-police-station"]
    assert (night["from_time"], night["to_time"]) == (time(22), time(6))
    (retired,) = [row for row in found["Poster"] if row["retired_at"]]
    assert retired["retired_at"] == datetime(2026, 3, 2, tzinfo=UTC)


def test_duty_rules_stand_in_the_order_of_the_file(
    installation: Installation, loaded: Loaded, description: Description
) -> None:
    with installation.database.reading() as session:
        slugs = session.exec(select(DutyRule.slug).order_by(col(DutyRule.position))).all()
    assert list(slugs) == [rule.slug for rule in description.duty_rules]


def test_loading_again_changes_nothing_and_asks_for_no_password(
    installation: Installation, loaded: Loaded, description: Description
) -> None:
    before = rows_of(installation)
    again = load(installation, description, known=iter(()))
    assert again.counts == loaded.counts
    assert again.new == {}
    assert rows_of(installation) == before


def test_a_changed_file_changes_the_rows_it_had_made(
    installation: Installation, loaded: Loaded, description: Description
) -> None:
    renamed = description.sites[0].model_copy(update={"name": "Meridian West"})
    load(installation, changed(description, sites=(renamed, *description.sites[1:])))
    with installation.database.reading() as session:
        assert session.exec(select(Site.name).where(Site.slug == renamed.slug)).one() == "Meridian West"
        assert len(session.exec(select(Site)).all()) == 3


def test_rules_may_change_places_and_one_that_left_the_file_goes_to_the_end(
    installation: Installation, loaded: Loaded, description: Description
) -> None:
    first, *others = description.duty_rules
    load(installation, changed(description, duty_rules=tuple(reversed(others))))
    with installation.database.reading() as session:
        slugs = session.exec(select(DutyRule.slug).order_by(col(DutyRule.position))).all()
    assert list(slugs) == [*(rule.slug for rule in reversed(others)), first.slug]


def test_who_left_a_unit_in_the_file_leaves_it_here(
    installation: Installation, loaded: Loaded, description: Description
) -> None:
    staff = tuple(
        member.model_copy(update={"units": ()}) if member.login == "victor.sand" else member
        for member in description.staff
    )
    load(installation, changed(description, staff=staff))
    with installation.database.reading() as session:
        victor, martha = (accounts.officer_by_login(session, login) for login in ("victor.sand", "martha.quill"))
    assert victor is not None
    assert martha is not None
    assert victor.unit_ids == frozenset()
    assert len(martha.unit_ids) == 1


def test_a_poster_that_staff_retired_stays_retired(
    installation: Installation, loaded: Loaded, description: Description, now: datetime
) -> None:
    with installation.database.transaction() as session:
        session.exec(select(Poster).where(Poster.code == "B7K4X")).one().retired_at = now
    load(installation, description)
    with installation.database.reading() as session:
        assert session.exec(select(Poster.retired_at).where(Poster.code == "B7K4X")).one() == now


def test_a_queue_that_would_change_its_authority_is_refused_and_nothing_is_loaded(
    installation: Installation, loaded: Loaded, description: Description
) -> None:
    first, second, *others = description.authorities
    moved = (
        first.model_copy(update={"name": "New name", "units": first.units[1:]}),
        second.model_copy(update={"units": (*second.units, first.units[0])}),
        *others,
    )
    before = rows_of(installation)
    with pytest.raises(DescriptionError, match=r"police-airport: this queue is another authority's already"):
        load(installation, changed(description, authorities=moved))
    assert rows_of(installation) == before


def _with_queue(description: Description, slug: str, **changes: Any) -> Description:
    """The same description, in which one queue is otherwise."""
    authorities = tuple(
        authority.model_copy(
            update={
                "units": tuple(
                    unit.model_copy(
                        update={
                            "queues": tuple(
                                queue.model_copy(update=changes) if queue.slug == slug else queue
                                for queue in unit.queues
                            )
                        }
                    )
                    for unit in authority.units
                )
            }
        )
        for authority in description.authorities
    )
    return changed(description, authorities=authorities)


@pytest.mark.parametrize(
    ("which", "said"),
    [
        ("open queue", "duty_rules.yaml: the rule integrity sends reports about insiders to integrity, which is not"),
        (
            "no rule",
            "no rule sends reports about insiders at meridian-airport to a sealed queue, so whoever they accuse",
        ),
        ("one site alone", "no rule sends reports about insiders at meridian-central to a sealed queue"),
    ],
)
def test_rules_that_let_the_accused_read_are_refused_by_name(
    installation: Installation, description: Description, which: str, said: str
) -> None:
    rule = next(one for one in description.duty_rules if one.slug == "integrity")
    others = tuple(one for one in description.duty_rules if one is not rule)
    narrow = tuple(
        rule.model_copy(update={"slug": f"integrity-{site}", "site": f"meridian-{site}"})
        for site in ("airport", "harbour")
    )
    wrong = {
        "open queue": _with_queue(description, "integrity", sealed=False),
        "no rule": changed(description, duty_rules=others),
        "one site alone": changed(description, duty_rules=(*others, *narrow)),
    }[which]
    with pytest.raises(DescriptionError, match=said):
        load(installation, wrong)
    assert rows_of(installation)["Queue"] == []


def test_a_site_whose_fallback_queue_is_sealed_needs_no_rule(
    installation: Installation, description: Description
) -> None:
    others = tuple(one for one in description.duty_rules if one.slug != "integrity")
    sites = tuple(site.model_copy(update={"fallback_queue": "integrity"}) for site in description.sites)
    load(installation, changed(description, duty_rules=others, sites=sites))


def test_a_queue_that_keeps_reports_about_insiders_is_not_opened_any_more(
    installation: Installation, loaded: Loaded, description: Description
) -> None:
    sealed = _with_queue(description, "cyber", sealed=True)
    load(installation, sealed)
    load(installation, description)  # nothing about insiders is in there
    load(installation, sealed)
    with installation.database.transaction() as session:
        queue = session.exec(select(Queue).where(Queue.slug == "cyber")).one()
        rule = session.exec(select(DutyRule).where(DutyRule.slug == "integrity")).one()
        rule.queue_id = queue.id or 0
    make.report(installation, make.BRIBE)
    before = rows_of(installation)
    with pytest.raises(DescriptionError, match="cyber: this queue keeps reports about insiders, so it stays sealed"):
        load(installation, description)
    assert rows_of(installation) == before


def test_the_command_loads_a_folder_and_shows_each_new_password_once(
    installation: Installation, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    use_settings(installation, monkeypatch)
    for file in ("authorities.yaml", "sites.yaml", "duty_rules.yaml"):
        shutil.copy(DEMO / file, tmp_path)
    staff = "- {login: ines.duarte, name: Inês Duarte, authority: meridian-port-police, units: [airport-police]}"
    (tmp_path / "staff.yaml").write_text(staff, encoding="utf-8")
    first = CliRunner().invoke(site_commands, ["load", str(tmp_path)])
    assert first.exit_code == 0, first.output
    line = next(line for line in first.output.splitlines() if "ines.duarte" in line)
    with installation.database.reading() as session:
        assert accounts.check_password(session, "ines.duarte", line.split()[1]) is not None
    second = CliRunner().invoke(site_commands, ["load", str(tmp_path)])
    assert second.exit_code == 0, second.output
    assert "ines.duarte" not in second.output


def test_the_command_says_what_is_wrong_with_a_folder(
    installation: Installation, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    use_settings(installation, monkeypatch)
    result = CliRunner().invoke(site_commands, ["load", str(tmp_path)])
    assert result.exit_code == 2
    assert "authorities.yaml: cannot be read" in result.output


def test_the_command_lists_the_sites(
    installation: Installation, description: Description, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_settings(installation, monkeypatch)
    assert "There is no site yet" in CliRunner().invoke(site_commands, ["list"]).output
    load(installation, description)
    listed = CliRunner().invoke(site_commands, ["list"])
    assert listed.exit_code == 0, listed.output
    line = next(line for line in listed.output.splitlines() if line.startswith("meridian-central"))
    assert line.split()[-4:] == ["3", "11", "11", "control-station"]


def use_settings(installation: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    chosen = installation.settings
    monkeypatch.setenv("ENGAGE_SECRET_KEY", chosen.secret_key)
    monkeypatch.setenv("ENGAGE_DATA_DIR", str(chosen.data_dir))
    monkeypatch.setenv("ENGAGE_DATABASE_URL", chosen.database_url)
