"""What pages, tasks, papers and acts ask about supervision; constant in the number of rows."""
