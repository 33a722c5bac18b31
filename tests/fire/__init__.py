"""Fire: figures that must hold under concurrency, crashes, outages and hostile input, each with a control."""
