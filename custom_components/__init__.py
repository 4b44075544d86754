"""Makes the folder a package, so that tests find the integration here."""
