"""The home of mail: how a letter becomes a message, how that is sent, and where developers look at it."""
