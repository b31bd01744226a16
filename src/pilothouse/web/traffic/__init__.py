"""What calls were made, what they cost, what was refused and found: pages, REST, command line, and taking in."""
