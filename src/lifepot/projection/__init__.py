"""What a pot is on course for: the same kernel and rulebook, told that somebody goes on as they do now."""
