"""The customer of the REST original's examples as rows of the gateway, with a past of our own making."""
