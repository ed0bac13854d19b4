"""What the rows say: of theories against each other, and each row of a hypothesis."""
