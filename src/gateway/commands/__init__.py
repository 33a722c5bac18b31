"""Commands that belong together, a module for each group of them. Heavy modules are imported when one runs."""
