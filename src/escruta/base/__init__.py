"""What every floor uses: the root of all errors, and the words of the codes."""
