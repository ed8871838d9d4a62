"""``algomancy-api check``: a line for each part of a wiring, and which will not work."""

from pathlib import Path
from typing import Any

import pytest
from algomancy_data import DataClassification, FileExtension, Schema, SchemaType, Transformer
from algomancy_data.transformer import TransformationSequence
from algomancy_scenario import BaseAlgorithm, BaseParameterSet
from algomancy_utils.baseparameterset import EmptyParameters, IntegerParameter

from algomancy_api import cli
from algomancy_api.check import check

from .support import wiring


class Wrong(wiring.Algorithm):
    """An algorithm of which a test changes a part."""

    def __init__(self, params: Any, name: str = "Wrong") -> None:
        BaseAlgorithm.__init__(self, name, params)

    @staticmethod
    def initialize_parameters() -> Any:
        return EmptyParameters()


class Misnamed(Wrong):
    def __init__(self, params: Any) -> None:
        super().__init__(params, "Another")


class OutOfBounds(BaseParameterSet):
    def __init__(self) -> None:
        super().__init__("bounds")
        self.add_parameters([IntegerParameter("count", minvalue=1, maxvalue=3, default=7)])

    def validate(self) -> None:
        """Accept every combination."""


class BadDefault(Wrong):
    @staticmethod
    def initialize_parameters() -> Any:
        return OutOfBounds()


class Bare(Wrong):
    def run(self, data: Any) -> Any:
        return {"a": 1}


class Fine(Wrong):
    def run(self, data: Any) -> Any:
        return self.result_class(data.id)


class NoColumns(Schema):
    _FILENAME = "none"
    _EXTENSION = FileExtension.CSV
    _SCHEMA_TYPE = SchemaType.SINGLE


class NoLoader(wiring.EtlFactory):
    @classmethod
    def create_loader(cls, logger: Any = None) -> Any:
        raise KeyError("loader")


class NeedsRows(wiring.EtlFactory):
    """Its transformer takes the first row, which is not always there."""

    @classmethod
    def create_transformation_sequence(cls, schemas: Any = None, logger: Any = None) -> TransformationSequence:
        sequence = super().create_transformation_sequence(schemas, logger)
        sequence.add_transformer(First(logger=logger))
        return sequence


class First(Transformer):
    def __init__(self, logger: Any = None) -> None:
        super().__init__(name="first", logger=logger)

    def transform(self, data: Any) -> None:
        data["items"].iloc[0]


@pytest.fixture
def dataset(tmp_path: Path) -> Path:
    path = tmp_path / "items.json"
    path.write_text(wiring.Items(ds_type=DataClassification.MASTER_DATA, name="items").to_json())
    return path


def lines(capsys: pytest.CaptureFixture[str]) -> list[str]:
    return capsys.readouterr().out.splitlines()


def test_the_wiring_of_the_tests_works(capsys: pytest.CaptureFixture[str]) -> None:
    assert check(wiring.configuration())
    printed = lines(capsys)
    assert printed[-1] == "Everything works."
    assert all(line.startswith("ok    ") for line in printed[:-1])
    assert "ok    algorithm 'Instant' with default parameters" in printed


@pytest.mark.parametrize(
    ("overrides", "line"),
    [
        (
            {"algorithms": {"Misnamed": Misnamed}},
            (
                "algorithm 'Misnamed' with default parameters: its name is 'Another', so it is not found again after a "
                "restart; give it that of its key"
            ),
        ),
        (
            {"algorithms": {"Wrong": BadDefault}},
            (
                "algorithm 'Wrong' with default parameters: ParameterError: Parameter 'count' needs a value: its "
                "default 7 is out of bounds"
            ),
        ),
        (
            {"schemas": [NoColumns]},
            "schema NoColumns: NotImplementedError: _DATATYPES or Column attributes must be defined",
        ),
        ({"etl_factory": NoLoader}, "ETL factory NoLoader: KeyError: 'loader'"),
        (
            {"etl_factory": NeedsRows, "schemas": [wiring.ItemsSchema]},
            "ETL factory NeedsRows: IndexError: single positional indexer is out-of-bounds",
        ),
    ],
)
def test_what_does_not_work_is_named(overrides: dict[str, Any], line: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert not check(wiring.configuration(**overrides))
    printed = lines(capsys)
    assert f"FAIL  {line}" in printed
    assert printed[-1] == "1 of these do not work."


def test_a_class_that_no_other_process_can_import_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    class Local(Fine):
        """Not at the top level of its module."""

    assert not check(wiring.configuration(algorithms={"Wrong": Local}, engine="process"))
    assert any(line.startswith("FAIL  Local on the engine 'process': it must be importable") for line in lines(capsys))


def test_a_run_whose_result_cannot_be_read_again_is_named(dataset: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert not check(wiring.configuration(algorithms={"Wrong": Bare}, kpis={}), dataset)
    assert f"FAIL  run of 'Wrong' on {dataset}: AttributeError: 'dict' object has no attribute 'to_dict'" in lines(
        capsys
    )
    assert check(wiring.configuration(algorithms={"Wrong": Fine}, kpis={}), dataset)
    assert f"ok    run of 'Wrong' on {dataset}" in lines(capsys)


def test_the_command_ends_with_1(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    broken = wiring.configuration(algorithms={"Misnamed": Misnamed})
    monkeypatch.setattr(wiring, "broken", broken, raising=False)
    assert cli.main(["check", "tests.support.wiring:broken"]) == 1
    assert cli.main(["check", "tests.support.wiring:configuration"]) == 0
    assert lines(capsys)[-1] == "Everything works."
