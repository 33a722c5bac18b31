"""The home of the differential proof: gateway and oracle answer generated operations over generated data alike."""
