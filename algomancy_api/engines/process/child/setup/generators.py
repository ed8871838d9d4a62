"""Random number generators that a forked child has inherited, and their seeds.

All children of a fork server have its memory. Without a new seed, each of them would draw the same numbers.
"""

import contextlib
import hashlib
import random
import secrets
import sys
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.random import BitGenerator, Generator, RandomState, SeedSequence

#: Generators by the module and the name that they have there.
type Found = dict[str, Any]

#: The names of generators, each with a digest of its state.
type States = frozenset[tuple[str, str]]

#: Bits of a seed: as many as `numpy.random.seed` takes.
_SEED_BITS = 32

_KINDS = (random.Random, RandomState, Generator, BitGenerator)

#: What was found in the fork server before it forked.
_inherited: Found = {}


def new_seed() -> int:
    """A seed for a run, which the system makes."""
    return secrets.randbits(_SEED_BITS)


def keep_inherited() -> None:
    """Find the generators of all modules, for the children that are about to be forked from this process."""
    _inherited.update(found())


def found() -> Found:
    """The generators in the namespaces of all modules, and of the classes in them, but for the global ones."""
    seen = {id(random._inst), id(np.random.mtrand._rand), id(np.random.mtrand._rand._bit_generator)}
    generators: Found = {}
    for name, value in _attributes():
        if issubclass(type(value), _KINDS) and not isinstance(value, random.SystemRandom) and id(value) not in seen:
            seen.add(id(value))
            generators[name] = value
    return generators


def states() -> States:
    """The states of this process's generators: those that a child has, too, were seeded by their module on purpose."""
    return frozenset((name, _digest(generator)) for name, generator in found().items())


def seed_anew(seed: int, fixed: States) -> None:
    """Seed the global generators, and the inherited ones.

    Args:
        seed: The seed of the run. Each generator gets another one, which depends on it and on its name.
        fixed: The states of the server's generators. One that is in the same state here is left alone.
    """
    random.seed(seed)
    np.random.seed(seed)
    for name, generator in _inherited.items():
        if (name, _digest(generator)) not in fixed:
            with contextlib.suppress(Exception):  # a subclass may refuse what it was not made for
                _seed(generator, SeedSequence([seed, *name.encode()]))


def _attributes() -> Iterator[tuple[str, Any]]:
    for module_name, module in list(sys.modules.items()):
        try:
            attributes = list(object.__getattribute__(module, "__dict__").items())  # of a lazy module, too
        except AttributeError:  # anything can be in `sys.modules`
            continue
        place = module_name.replace("__mp_main__", "__main__")
        for name, value in attributes:
            yield f"{place}.{name}", value
            if issubclass(type(value), type) and vars(value).get("__module__") == module_name:
                yield from ((f"{place}.{name}.{inner}", one) for inner, one in list(vars(value).items()))


def _seed(generator: Any, sequence: SeedSequence) -> None:  # noqa: ANN401 - one of `_KINDS`
    if isinstance(generator, random.Random):
        generator.seed(int.from_bytes(sequence.generate_state(8).tobytes()))
    elif isinstance(generator, RandomState):
        generator.seed(sequence.generate_state(8))
    else:
        bits = generator.bit_generator if isinstance(generator, Generator) else generator
        bits.state = type(bits)(sequence).state


def _digest(generator: Any) -> str:  # noqa: ANN401 - one of `_KINDS`
    if isinstance(generator, random.Random):
        state: Any = generator.getstate()
    elif isinstance(generator, RandomState):
        state = generator.get_state(legacy=False)
    else:
        state = (generator.bit_generator if isinstance(generator, Generator) else generator).state
    return hashlib.sha256(repr(_plain(state)).encode()).hexdigest()


def _plain(state: Any) -> Any:  # noqa: ANN401 - a state of any kind
    if isinstance(state, dict):
        return {name: _plain(value) for name, value in state.items()}
    return state.tolist() if isinstance(state, np.ndarray) else state
