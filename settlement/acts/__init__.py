"""Acts by hand: ordered, previewed, agreed to when they must be, done, and taken back as one."""
