"""Copies of datasets from one session to another."""

import copy

from .scenario_manager import ApiScenarioManager


def copy_datasets(source: ApiScenarioManager, target: ApiScenarioManager) -> None:
    """Copy each dataset of a session to another one, with new ids."""
    for key in source.get_data_keys():
        dataset = copy.deepcopy(source.get_data(key))
        if dataset is None:  # deleted meanwhile
            continue
        dataset._set_name(key)
        dataset._reset_id()
        target._dm.add_data_source(dataset)
