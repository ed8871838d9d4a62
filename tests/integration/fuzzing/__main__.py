"""``python -m tests.integration.fuzzing``: a coverage-guided fuzzer for the property tests.

Each target is a property test, for which Atheris generates the bytes that Hypothesis draws its examples from. A failure
is printed as Hypothesis prints it: add it to the test as an example.
"""

import argparse
import subprocess
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

#: Module and test of each target, by name.
TARGETS = {
    "bodies": ("tests.integration.fuzzing.test_bodies", "test_any_body_is_taken_or_refused"),
    "forms": ("tests.integration.fuzzing.test_forms", "test_any_form_is_taken_or_refused_and_leaves_nothing"),
    "cuts": ("tests.integration.fuzzing.test_forms", "test_it_is_the_same_form_wherever_its_bytes_are_cut"),
    "requests": ("tests.integration.fuzzing.test_requests", "test_there_is_an_answer_to_any_request"),
    "values": ("tests.serialization.test_json_encoder", "test_any_value_comes_back_as_its_plain_self"),
    "odd values": ("tests.serialization.test_json_encoder", "test_the_slow_way_gives_what_the_fast_one_gives"),
    "packed values": ("tests.serialization.test_messagepack", "test_whatever_is_encoded_has_the_same_values"),
    "packed bytes": ("tests.serialization.test_messagepack", "test_any_bytes_are_json_or_refused"),
    "datasets": ("tests.framework.dataset_json.test_reader", "test_what_is_read_is_what_the_framework_reads"),
    "times": ("tests.serialization.test_parameters", "test_any_text_is_a_moment_or_stays"),
}

#: Packages whose coverage guides the fuzzer: this one and its parser of forms.
_WATCHED = ["algomancy_api", "python_multipart"]

#: Bytes: longest input. Hypothesis uses at most 8 KiB.
_LONGEST = 8192


def main(arguments: Sequence[str] | None = None) -> int:
    """Run each target in a process of its own, one after the other; return the highest exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.integration.fuzzing", description=__doc__)
    parser.add_argument(
        "targets", nargs="*", metavar="TARGET", help=f"of {', '.join(map(repr, TARGETS))} (default: all)"
    )
    parser.add_argument("--seconds", type=int, default=600, help="total seconds, shared by the targets (default: 600)")
    parser.add_argument("--corpus", type=Path, help="folder that keeps the inputs with new coverage for later runs")
    options = parser.parse_args(arguments)
    targets = options.targets or list(TARGETS)
    if unknown := [target for target in targets if target not in TARGETS]:
        parser.error(f"there is no target {unknown[0]!r}")
    seconds = max(1, options.seconds // len(targets))
    return max(_run(target, seconds, options.corpus) for target in targets)


def _run(target: str, seconds: int, corpus: Path | None) -> int:
    print(f"{target}: {seconds} s", flush=True)
    command = [sys.executable, "-c", f"from tests.integration.fuzzing.__main__ import fuzz; fuzz({target!r})"]
    limits = [
        f"-max_total_time={seconds}",
        f"-max_len={_LONGEST}",
        "-len_control=0",
        "-timeout=60",
        "-print_final_stats=1",
    ]
    folders = []
    if corpus is not None:
        folder = corpus / target.replace(" ", "-")
        folder.mkdir(parents=True, exist_ok=True)
        folders = [str(folder)]
    return subprocess.run([*command, *limits, *folders], check=False).returncode  # noqa: S603


def fuzz(target: str) -> None:
    """Fuzz a target in this process until its time is over or it fails."""
    atheris: Any = import_module("atheris")  # imported here, since not every platform has it
    module, name = TARGETS[target]
    with atheris.instrument_imports(include=_WATCHED):
        import_module("algomancy_api.launcher")
        property_: Any = getattr(import_module(module), name)
    try_one: Callable[[bytes], object] = property_.hypothesis.fuzz_one_input

    def try_bytes(data: bytes) -> None:
        try_one(data)

    atheris.Setup(sys.argv, try_bytes)
    atheris.Fuzz()


if __name__ == "__main__":
    sys.exit(main())
