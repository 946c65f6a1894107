"""What comes in by the door and is kept before it is done: single gigs, files, and work that takes longer than a person waits."""
