"""From coded rows to measurement cells: what each row says of which score."""
