"""What the administrator does: settings, calendar, law, first run, retention, alarms."""
