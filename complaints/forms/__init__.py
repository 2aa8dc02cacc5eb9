"""What people type about complaints."""
