"""What pages, tasks and acts ask of the evaluation; each module is a subject."""
