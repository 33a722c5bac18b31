"""The API: its types, what may be read and written, by whom, and the rules that decide. No HTTP, no settings."""
