"""What is measured, one file each. Libraries are imported where they are used: only one of them per process."""
