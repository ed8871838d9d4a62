"""Declarations of the keywords of a configuration, in the manner of `dataclasses`.

```python
@configuration_class
class Example(CoreConfig):
    port: int = setting("TCP port to listen on", default=8051, rule=PORT, section="HTTP")
```

The decorator adds an ``__init__`` that takes these keywords. Type checkers see it by `typing.dataclass_transform`,
`inspect.signature` and `help` by its signature. `settings_of` lists the declarations, for whatever else shows them.
"""

import logging
from collections.abc import Callable, Iterable
from dataclasses import KW_ONLY, dataclass, replace
from inspect import Parameter, Signature
from typing import Any, Literal, Protocol, dataclass_transform, get_args, get_origin

from algomancy_scenario import CoreConfig

from ..docstrings import with_section
from .rules import Rule

_logger = logging.getLogger(__package__)

#: The default of a keyword that has none.
REQUIRED = Parameter.empty

#: The headings of the tables in the documentation.
type Section = Literal["The problem", "Persistence", "HTTP", "Access", "Engine"]


class Converted[Accepted, Kept](Protocol):
    """The annotation of a keyword that converts its values: the type that it accepts, and the type of the attribute.

    Type checkers read it as a descriptor. At runtime the attribute is a plain one.
    """

    def __get__(self, instance: Any, owner: Any) -> Kept: ...  # noqa: ANN401 - as descriptors are typed

    def __set__(self, instance: Any, value: Accepted) -> None: ...  # noqa: ANN401


@dataclass(frozen=True)
class Setting:
    """The declaration of a keyword.

    Args:
        sentence: What it means, in Markdown without links.
        section: The heading that it is documented under.
        default: Its value if it is not given. Without a default it is required.
        rule: The rule of its values; None for a keyword of `CoreConfig`, which checks it.
        see: A page of the documentation, perhaps with an anchor.
        convert: Makes the value that is kept from a value that follows the rule. A TypeError means that the value
            breaks the rule.
        is_secret: Whether errors leave out its value.
        name: The keyword, and the attribute of the configuration. `configuration_class` sets it.
        type: The type of the values that it accepts. `configuration_class` sets it.
    """

    sentence: str
    _: KW_ONLY
    section: Section
    default: Any = REQUIRED
    rule: Rule | None = None
    see: str | None = None
    convert: Callable[[Any], Any] = lambda value: value
    is_secret: bool = False
    name: str = ""
    type: Any = None

    @property
    def words(self) -> str:
        """The rule, as the end of "must be …"."""
        return "" if self.rule is None else self.rule.words

    def value_from(self, value: Any) -> Any:  # noqa: ANN401 - a value of any type is checked
        """A value as the configuration keeps it.

        Raises:
            ValueError: It breaks the rule.
        """
        if self.rule is not None and not self.rule.holds(value):
            raise self._refusal(value)
        try:
            return copied(self.convert(value))
        except TypeError as error:
            raise self._refusal(value) from error

    def _refusal(self, value: object) -> ValueError:
        return ValueError(f"{self.name} must be {self.words}{'' if self.is_secret else f'; got {value!r}'}")


def _as_value[**P](cls: Callable[P, object]) -> Callable[P, Any]:
    """The class, but typed as if its instances were of any type: an `int` field can have one as its value."""
    return cls


#: Declares a keyword: ``port: int = setting("TCP port to listen on", default=8051, ...)``.
setting = _as_value(Setting)


@dataclass_transform(kw_only_default=True, field_specifiers=(setting,))
def configuration_class[C: CoreConfig](cls: type[C]) -> type[C]:
    """Give a class that declares settings its ``__init__``, and a docstring that lists them.

    ``__init__`` warns of keywords that it does not know, hands those of `CoreConfig` to it, checks the others, keeps
    all of them as attributes, and calls ``__post_init__``, which checks the rules between keywords.
    """
    settings = tuple(
        replace(getattr(cls, name), name=name, type=_accepted(annotation))
        for name, annotation in cls.__annotations__.items()
    )
    own = [one for one in settings if one.rule is not None]
    core_defaults = {one.name: one.default for one in settings if one.rule is None and one.default is not REQUIRED}

    def __init__(self: Any, **keywords: Any) -> None:  # noqa: ANN401, N807 - the method of a class made elsewhere
        for keyword in sorted(keywords.keys() - {one.name for one in settings}):
            _logger.warning("%s ignores %r, which it does not know", cls.__name__, keyword)
        values = {one.name: keywords.pop(one.name, one.default) for one in own}
        super(cls, self).__init__(**core_defaults | keywords)
        for one in own:
            setattr(self, one.name, one.value_from(values[one.name]))
        self.__post_init__()

    __init__.__qualname__ = f"{cls.__qualname__}.__init__"
    __init__.__signature__ = _signature(settings)  # type: ignore[attr-defined]  # what `inspect` looks for
    for one in settings:
        delattr(cls, one.name)
    cls.__init__ = __init__  # type: ignore[method-assign, assignment]
    cls.__doc__ = with_section(cls.__doc__, "Args", ((one.name, _meaning(one)) for one in settings))
    cls.__settings__ = settings  # type: ignore[attr-defined]
    return cls


def settings_of(cls: type[CoreConfig]) -> tuple[Setting, ...]:
    """The declarations of a class that `configuration_class` has made, in their order."""
    settings: tuple[Setting, ...] = cls.__settings__  # type: ignore[attr-defined]
    return settings


def copied(value: Any) -> Any:  # noqa: ANN401 - whatever a configuration keeps
    """A new list for a list or a tuple; any other value itself."""
    return list(value) if isinstance(value, list | tuple) else value


def _accepted(annotation: Any) -> Any:  # noqa: ANN401 - a type
    return get_args(annotation)[0] if get_origin(annotation) is Converted else annotation


def _signature(settings: Iterable[Setting]) -> Signature:
    keywords = [
        Parameter(one.name, Parameter.KEYWORD_ONLY, default=one.default, annotation=one.type) for one in settings
    ]
    return Signature(
        [
            Parameter("self", Parameter.POSITIONAL_OR_KEYWORD),
            *keywords,
            Parameter("unknown", Parameter.VAR_KEYWORD, annotation=Any),
        ],
        return_annotation=None,
    )


def _meaning(one: Setting) -> str:
    return one.sentence if one.rule is None else f"{one.sentence} ({one.words})"
