"""The tables of a dataset: `instance`, with one row, and `cities`."""

from algomancy_data import Column, DataType, FileExtension, Schema, SchemaType


class InstanceSchema(Schema):
    """`instance.csv`: exactly one row."""

    _FILENAME = "instance"
    _EXTENSION = FileExtension.CSV
    _SCHEMA_TYPE = SchemaType.SINGLE

    NAME = Column("name", DataType.STRING, description="Name of the instance in its library")
    COMMENT = Column("comment", DataType.STRING, nullable=True, description="Comment line of the instance")
    EDGE_WEIGHT_TYPE = Column("edge_weight_type", DataType.STRING, description="Rule of TSPLIB for distances")
    # An integer by meaning, but a float by type: it is empty for an instance without a known optimum.
    OPTIMUM = Column("optimum", DataType.FLOAT, nullable=True, description="Length of the shortest tour")
    SOURCE = Column("source", DataType.STRING, nullable=True, description="Where the instance comes from")


class CitiesSchema(Schema):
    """`cities.csv`: one row for each city."""

    _FILENAME = "cities"
    _EXTENSION = FileExtension.CSV
    _SCHEMA_TYPE = SchemaType.SINGLE

    ID = Column("id", DataType.INTEGER, primary_key=True, description="Number of the city")
    X = Column("x", DataType.FLOAT, description="First coordinate; with GEO the latitude, degrees.minutes")
    Y = Column("y", DataType.FLOAT, description="Second coordinate; with GEO the longitude, degrees.minutes")


INSTANCE = InstanceSchema.file_name()
CITIES = CitiesSchema.file_name()

SCHEMAS: list[type[Schema]] = [InstanceSchema, CitiesSchema]
