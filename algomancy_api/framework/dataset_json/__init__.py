"""Datasets from JSON, in the form of the framework's `DataSource.to_json`.

The framework parses the whole text at once, and gives up values that do not fit: integers beyond 2^53 beside nulls,
times of another precision, labels that are integers. This reader takes pieces, makes typed columns of them, and keeps
every value. From the ground up:

- `scanner`: where the parts of the document are, without reading them
- `cells`: the cells of a column, in typed pieces
- `rows`: rows as cells by column
- `exact`: whether a conversion kept every value
- `times`: times and durations from texts
- `columns`: cells as a column of the type that the document names
- `tables`: a table from its parts
- `reader`: the dataset
- `faults`: what is wrong with a document that is none
"""
