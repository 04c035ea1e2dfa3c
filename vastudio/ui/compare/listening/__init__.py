"""The Listening tab: blind tests of what is compared, and what they showed."""
