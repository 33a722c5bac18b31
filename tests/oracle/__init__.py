"""The home of the oracle: what the API must answer, worked out in plain Python over loaded rows.

It shares with the gateway only the tables, the enumerations and the form of ids.
"""
