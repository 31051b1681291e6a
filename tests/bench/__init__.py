"""The speed of the connector, each figure beside what a person would write by hand for the same."""
