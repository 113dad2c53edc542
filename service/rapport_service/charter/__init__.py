"""The charter: what is promised before anybody answers. Pure."""
