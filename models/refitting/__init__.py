"""Many refits of one compiled structure: jobs, where they run, and what is kept of them."""
