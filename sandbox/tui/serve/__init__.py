"""The app in a browser: a small server behind a token, and one process of the app for each tab."""
