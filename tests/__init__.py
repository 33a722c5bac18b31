"""The tests: rules, operations, storage, and the oracle they are measured against."""
