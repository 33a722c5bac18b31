"""The edge: settings, command line, HTTP. The only composition root; nobody imports it."""
