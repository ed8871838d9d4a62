"""Copies of datasets from one session to another."""

import copy

from .scenario_manager import ApiScenarioManager


def copy_datasets(source: ApiScenarioManager, target: ApiScenarioManager) -> None:
    """Give a session its own copy of each dataset of another, under ids of their own."""
    for key in source.get_data_keys():
        dataset = copy.deepcopy(source.get_data(key))
        if dataset is None:  # deleted meanwhile
            continue
        dataset._set_name(key)
        dataset._reset_id()
        target._dm.add_data_source(dataset)
