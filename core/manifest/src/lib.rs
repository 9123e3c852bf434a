//! deploy.toml: as written, checked, normalised. Knows nothing of files beyond the text it is given, of networks or of plugins.
