"""Between the studio and the widgets: work in the background, and the studio's state as signals."""
