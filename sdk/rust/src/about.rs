//! What every plugin says of itself.

#[derive(Debug, Clone, Copy)]
pub struct About {
    pub name: &'static str,
    /// `env!("CARGO_PKG_VERSION")`.
    pub version: &'static str,
    /// One line, for people.
    pub summary: &'static str,
    /// JSON Schema of the settings, usually `include_str!("settings.schema.json")`.
    pub settings_schema: &'static str,
}
