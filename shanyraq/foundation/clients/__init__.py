"""Systems that work through the API: their secrets, scopes, tokens and limits. See README.md."""
