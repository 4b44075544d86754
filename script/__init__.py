"""What sets the project up, checks it, shows it and ships it."""
