"""Colours, fonts and icons: read from `resources/themes`, turned into what Qt and the plots understand."""
