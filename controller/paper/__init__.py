"""What is printed: the poster on the wall and records on paper, as PDF. An extra of its own (`diemcau[paper]`)."""
