"""Requests for which the server has not enough memory."""

from typing import Any

import numpy as np
import pytest
from algomancy_data import Transformer
from algomancy_data.transformer import TransformationSequence

from algomancy_api import ApiLauncher
from algomancy_api.framework.dataset_json.rows import RowDecoder

from ...conftest import default_session, upload_items
from ...support import wiring
from ...support.clients import AppClient, calling
from ...support.errors import assert_error


def take_more_than_there_is(*_arguments: Any) -> None:
    """Ask for memory, as a large dataset does, of which no machine has so much."""
    np.empty(2**50)


class Greedy(Transformer):
    def __init__(self, logger: Any = None) -> None:
        super().__init__(name="greedy", logger=logger)

    def transform(self, data: Any) -> None:
        take_more_than_there_is(data)


class GreedyEtl(wiring.EtlFactory):
    @classmethod
    def create_transformation_sequence(cls, schemas: Any = None, logger: Any = None) -> TransformationSequence:
        sequence = super().create_transformation_sequence(schemas, logger)
        sequence.add_transformer(Greedy(logger=logger))
        return sequence


def assert_refused(client: AppClient, session: str, response: Any) -> None:
    assert_error(response, 503, "not enough memory")
    assert response.headers["retry-after"] == "5"
    assert client.get(f"{session}/data").json() == {"keys": []}


@pytest.mark.parametrize("engine", ["thread", "process"])
def test_an_etl_beyond_the_memory_is_refused(engine: str) -> None:
    app = ApiLauncher.build(wiring.configuration(etl_factory=GreedyEtl, engine=engine))
    with calling(app) as client:
        session = default_session(client)
        files = {"files": ("items.csv", wiring.ITEMS_CSV)}
        assert_refused(client, session, client.post(f"{session}/etl", data={"dataset_name": "large"}, files=files))
    app.state.session_manager.shutdown()


def test_a_json_dataset_beyond_the_memory_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    app = ApiLauncher.build(wiring.configuration())
    with calling(app) as client:
        session = default_session(client)
        upload_items(client, session)
        (key,) = client.get(f"{session}/data").json()["keys"]
        document = client.get(f"{session}/data/{key}").content
        client.delete(f"{session}/data/{key}")
        monkeypatch.setattr(RowDecoder, "columns", take_more_than_there_is)
        headers = {"content-type": "application/json"}
        path = f"{session}/data/from-json"
        assert_refused(client, session, client.post(path, content=document, headers=headers))
        monkeypatch.undo()
        assert client.post(path, content=document, headers=headers).status_code == 201
    app.state.session_manager.shutdown()
