"""The lists of a session's algorithms, KPIs and schemas."""

from functools import cached_property
from typing import Any

from ...comparison import Format
from ...concurrency.decorators import on_worker
from ...concurrency.gate import Gate
from ...concurrency.serial import SerialCalls
from ...concurrency.workers import Workers
from ...framework import ApiScenarioManager
from ...schemas.wiring import AlgorithmList, DescribedAlgorithm, KpiList, SchemaList
from ...serialization.json_encoder import encode
from ...serialization.parameters.descriptors import describe_parameters
from .kpis import described_kpi, format_of
from .tables import described_schema


class Wiring:
    """A mixin of `Session`, which sets its attributes."""

    manager: ApiScenarioManager
    workers: Workers
    gate: Gate
    scenario_calls: SerialCalls
    dataset_calls: SerialCalls

    def algorithms(self) -> list[str]:
        """The names of the algorithms."""
        return list(self.manager.available_algorithms)

    def kpis(self) -> list[str]:
        """The names of the KPIs."""
        return list(self.manager.available_kpis)

    @cached_property
    def kpi_formats(self) -> dict[str, Format]:
        """The formats of the KPIs, by key. Made on a worker thread, since KPIs are classes of the user's."""
        return {key: format_of(kpi) for key, kpi in self.manager.new_kpis().items()}

    @on_worker
    def kpi_details(self) -> bytes:
        """The KPIs, and what each of them is."""
        kpis = self.manager.new_kpis()
        return encode(KpiList(list(kpis), [described_kpi(key, kpi) for key, kpi in kpis.items()]))

    @on_worker
    def algorithm_details(self) -> bytes:
        """The algorithms, and the parameters of each as descriptors."""
        names = self.algorithms()
        details = [DescribedAlgorithm(name, self._parameters(name)) for name in names]
        return encode(AlgorithmList(names, details))

    @on_worker
    def schemas(self) -> bytes:
        """The schemas of the files that can be uploaded."""
        return encode(SchemaList([described_schema(schema) for schema in self.manager.schemas]))

    def _parameters(self, name: str) -> list[Any]:
        described: list[Any] = describe_parameters(self.manager.get_algorithm_parameters(name))["parameters"]
        return described
