"""The Views tab: clean, target and models seen and measured."""
