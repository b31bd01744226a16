"""Reading experience: who uses what, what one person may use and has read, and who has acknowledged which rules."""
