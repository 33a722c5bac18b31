"""The home of the controls of our proofs: what a proof would not find, it does not prove."""
