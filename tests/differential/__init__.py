"""The home of the differential proof: the gateway and the oracle answer generated operations over generated data alike."""
