import json
import shutil
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest
from algomancy_scenario import ScenarioManager, SessionManager
from sqlalchemy.engine import make_url

import algomancy_api.example
from algomancy_api.config import ApiConfiguration
from algomancy_api.example import build_example_config, seed
from algomancy_api.example.algorithms import ALGORITHMS
from algomancy_api.example.problem import TravellingSalesmanData

from .helpers import Bundled

KEYS = {"Master data", "att532", "gr666"}
QUICK: dict[str, dict[str, Any]] = {
    "2-opt": {"starts": 1},
    "Simulated annealing": {"sweeps": 5},
    "Slow": {"duration": 1},
}


@pytest.fixture(scope="module")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("seeded")
    build_example_config(folder)
    return folder


@pytest.fixture
def folder(seeded: Path, tmp_path: Path) -> Path:
    """A folder of its own with a freshly seeded database."""
    return shutil.copytree(seeded, tmp_path / "data")


def opened(config: ApiConfiguration) -> AbstractContextManager[SessionManager]:
    return seed._opened(config)


def start(sessions: SessionManager) -> ScenarioManager:
    return sessions.get_scenario_manager(sessions.start_session_id)


def ids(config: ApiConfiguration) -> dict[str, str]:
    with opened(config) as sessions:
        return {key: start(sessions).get_data(key).id for key in start(sessions).get_data_keys()}


def test_configuration_holds_the_example(folder: Path) -> None:
    config = build_example_config(folder)
    assert config.title == "Algomancy API example"
    assert config.persistence_backend == "database"
    assert (config.autocreate, config.autorun, config.has_persistent_state) == (False, False, False)
    assert config.algorithms == ALGORITHMS


def test_overrides_win(folder: Path) -> None:
    config = build_example_config(folder, title="Mine", port=9_000)
    assert (config.title, config.port) == ("Mine", 9_000)


def test_seeding_loads_every_dataset_once(folder: Path) -> None:
    first = ids(build_example_config(folder))
    assert set(first) == KEYS
    assert ids(build_example_config(folder)) == first


def test_datasets_survive_in_the_database(folder: Path, bundled: Bundled) -> None:
    with opened(build_example_config(folder)) as sessions:
        for key in KEYS:
            data = start(sessions).get_data(key)
            assert type(data) is TravellingSalesmanData
            assert (data.problem().distances == bundled[key].problem().distances).all()
            assert data.problem().optimum == bundled[key].problem().optimum


def test_deleted_dataset_stays_deleted_while_others_remain(folder: Path) -> None:
    config = build_example_config(folder)
    with opened(config) as sessions:
        start(sessions).delete_data("gr666")
    assert set(ids(build_example_config(folder))) == KEYS - {"gr666"}


def test_dataset_in_another_session_counts(folder: Path) -> None:
    config = build_example_config(folder)
    with opened(config) as sessions:
        main = start(sessions)
        other = sessions.get_scenario_manager(sessions.create_new_session("other"))
        other.add_datasource_from_json(main.get_data("gr666").derive("kept").to_json())
        for key in KEYS:
            main.delete_data(key)
    build_example_config(folder)
    with opened(config) as sessions:
        assert sessions.get_scenario_manager("main").get_data_keys() == []


def test_emptied_database_is_filled_again(folder: Path) -> None:
    config = build_example_config(folder)
    with opened(config) as sessions:
        for key in KEYS:
            start(sessions).delete_data(key)
    assert set(ids(build_example_config(folder))) == KEYS


def test_seeding_creates_and_runs_no_scenarios(tmp_path: Path) -> None:
    automatic = {"autocreate": True, "autorun": True, "default_algo": "Input order", "default_algo_params_values": {}}
    config = build_example_config(tmp_path, **automatic)
    assert (config.autocreate, config.autorun) == (True, True)
    with opened(config) as sessions:
        assert start(sessions).list_tags() == []


def test_other_backends_are_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seeded: list[ApiConfiguration] = []
    monkeypatch.setattr("algomancy_api.example.configure.seed", seeded.append)
    build_example_config(tmp_path / "new", persistence_backend="none")
    assert not seeded
    assert list((tmp_path / "new").iterdir()) == []


def test_refused_dataset_stops_the_seeding(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, text in {"instance": "name\nbad\n", "cities": "id\n1\n"}.items():
        (tmp_path / f"{name}.csv").write_text(text)
    monkeypatch.setattr(seed, "BUNDLED", {"bad": tmp_path})
    with pytest.raises(RuntimeError, match=r"Bundled dataset 'bad' was rejected: .*edge_weight_type"):
        build_example_config(tmp_path / "data")


@pytest.mark.parametrize("name", ["with space", "question?mark", "hash#and%41", "Zürich", "a:b@c;d&e=f"])
def test_any_folder_will_do(seeded: Path, tmp_path: Path, name: str) -> None:
    shutil.copytree(seeded, tmp_path / name)
    before = set(tmp_path.rglob("*"))
    config = build_example_config(tmp_path / name)
    assert Path(str(make_url(str(config.database_url)).database)) == tmp_path / name / "algomancy.sqlite"
    assert set(ids(config)) == KEYS
    assert set(tmp_path.rglob("*")) == before


def test_relative_folder_is_made_absolute(seeded: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(seeded, tmp_path / "here")
    monkeypatch.chdir(tmp_path)
    config = build_example_config("here")
    monkeypatch.chdir("/")
    assert set(ids(config)) == KEYS


def test_data_tells_no_paths(folder: Path, tmp_path: Path) -> None:
    content = (folder / "algomancy.sqlite").read_bytes()
    for path in (tmp_path, Path(algomancy_api.example.__file__).parent):
        assert str(path).encode() not in content


@pytest.mark.parametrize("key", sorted(KEYS))
def test_every_algorithm_runs_on_a_reloaded_dataset_and_keeps_its_result(folder: Path, key: str) -> None:
    config = build_example_config(folder)
    with opened(config) as sessions:
        manager = start(sessions)
        for name in ALGORITHMS if key == "Master data" else ALGORITHMS.keys() - {"Slow"}:
            scenario = manager.create_scenario(name, key, name, dict(QUICK.get(name, {})), {"first_cities": 100})
            manager.process_scenario_async(scenario)
        manager.wait_for_processing()
        results: dict[str, Any] = {scenario.tag: scenario.result for scenario in manager.list_scenarios()}
        assert {str(scenario.status) for scenario in manager.list_scenarios()} == {"complete"}
    with opened(config) as sessions:
        for tag, result in results.items():
            kept: Any = start(sessions).get_by_tag(tag)
            assert kept.result.to_dict() == result.to_dict()
            assert kept.data_params["first_cities"] == len(result.route.tour) == 100
            assert kept.kpis["Tour length"].value == result.route.length


def test_failed_run_of_an_unfit_dataset_says_why(folder: Path) -> None:
    config = build_example_config(folder)
    with opened(config) as sessions:
        manager = start(sessions)
        document = json.loads(manager.get_data_as_json("gr666"))
        document["metadata"] |= {"name": "torso", "id": "torso"}
        del document["tables"]["instance"]
        manager.add_datasource_from_json(json.dumps(document))
        scenario: Any = manager.create_scenario("torso", "torso", "Input order", {})
        manager.process_scenario_async(scenario)
        manager.wait_for_processing()
        assert "no table 'instance'" in scenario.result["error"]
