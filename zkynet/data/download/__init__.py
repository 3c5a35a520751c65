"""Files from the network: fetched once, checked, kept."""
