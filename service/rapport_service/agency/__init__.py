"""The agency: organizations, team tree, people, roster, roles."""
