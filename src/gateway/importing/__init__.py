"""The home of `gateway import`: files of customers, users, addresses and orders, read as a stream."""
