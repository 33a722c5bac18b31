"""Payment instruments: the stored means of payment of customers."""
