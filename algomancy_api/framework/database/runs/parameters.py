"""Values of parameters as they were stored, for scenarios that are loaded from a database."""

from typing import Any

from algomancy_scenario import BaseAlgorithm
from algomancy_scenario.algorithmfactory import AlgorithmFactory
from algomancy_scenario.records import ScenarioRecord
from algomancy_utils.baseparameterset import BaseParameterSet

from ....serialization.parameters.values import stored_values


class StoredAlgorithms(AlgorithmFactory):
    """The framework's factory, for parameters from a database."""

    def create(self, input_name: str, input_params: dict[str, Any]) -> BaseAlgorithm:
        """An algorithm with stored parameters.

        Raises:
            AssertionError: There is no such algorithm.
            ParameterError: The algorithm has no such parameter any more, or refuses the value.
        """
        values = stored_values(self.get_parameters(input_name), input_params)
        algorithm: BaseAlgorithm = super().create(input_name, values)
        return algorithm


def set_stored_values(parameters: BaseParameterSet, record: ScenarioRecord) -> None:
    """Set the parameters of a scenario's dataset.

    Raises:
        ParameterError: The dataset has no such parameter any more, or refuses the value.
    """
    parameters.set_values(stored_values(parameters, record.data_parameters))
