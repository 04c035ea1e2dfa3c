"""The Report tab: everything known about models in one web page."""
