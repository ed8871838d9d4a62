"""The files of an upload beside the schemas of a configuration: which belongs to which, and what does not fit."""

from collections.abc import Iterator, Mapping, Sequence

from algomancy_data import File, FileExtension, Schema, ValidationMessage, ValidationSeverity

#: Names: listed in a message.
_MOST_NAMES = 50


def unknown_files(files: Mapping[str, File], schemas: Mapping[str, Schema]) -> list[File]:
    """The files that have the name of no schema."""
    return [file for name, file in files.items() if name not in schemas]


def warning_of(file: File, schemas: Mapping[str, Schema]) -> ValidationMessage:
    """The warning about a file that has the name of no schema."""
    return ValidationMessage(ValidationSeverity.WARNING, _unknown(file, schemas), table=file.name, code="UNKNOWN_FILE")


def misfit(error: Exception | None, files: Mapping[str, File], schemas: Mapping[str, Schema]) -> str | None:
    """Why no pipeline can be built of some files, or nothing was loaded; None if the files are not the reason.

    Args:
        error: What the factory of the pipeline raised; None if nothing was loaded.
        files: The files of the upload, by logical name.
        schemas: The schemas, by the name of their files.
    """
    return next(_misfits(error, files, schemas), None)


def _misfits(error: Exception | None, files: Mapping[str, File], schemas: Mapping[str, Schema]) -> Iterator[str]:
    for file in unknown_files(files, schemas):
        yield _unknown(file, schemas)
    if isinstance(error, KeyError | FileNotFoundError):
        missing = [schema for name, schema in schemas.items() if name not in files]
        if missing:
            yield f"The upload lacks a file: {_listed([_file_name(schema) for schema in missing])}"
    for name, file in files.items():
        expected = schemas[name].extension()
        if isinstance(error, TypeError) and expected == FileExtension.XLSX and schemas[name].is_single():
            yield (
                f"File {_label(file)!r} cannot be read: its schema is SINGLE and names no sheet; "
                "the server's configuration needs a MULTI schema, or an ETL factory that names the sheet"
            )
        if file.extension != expected:
            yield f"File {_label(file)!r} must be a .{expected} file, as its schema says"


def _unknown(file: File, schemas: Mapping[str, Schema]) -> str:
    known = _listed([_file_name(schema) for schema in schemas.values()])
    return f"No schema has the name of file {_label(file)!r}; known are {known}"


def _file_name(schema: Schema) -> str:
    return f"{schema.file_name()}.{schema.extension()}"


def _label(file: File) -> str:
    label: str = getattr(file, "label", file.name)
    return label


def _listed(names: Sequence[str]) -> str:
    more = ["..."] if len(names) > _MOST_NAMES else []
    return ", ".join([*map(repr, names[:_MOST_NAMES]), *more]) or "none"
