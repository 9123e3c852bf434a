//! What people wrote, folder by folder and file by file.

use std::path::PathBuf;

/// `config/`, or one overlay below `adaptations/`.
#[derive(Debug, Clone)]
pub struct Folder {
    /// Of the layer: `config`, or the overlay's name.
    pub name: String,
    /// As people know it, for origins and diagnostics.
    pub path: PathBuf,
    pub files: Vec<SourceFile>,
}

#[derive(Debug, Clone)]
pub struct SourceFile {
    /// Below its folder, separated by `/`.
    pub path: String,
    pub bytes: Vec<u8>,
    pub executable: bool,
    /// Of a file that replaces another one, the other one's counts.
    pub template: bool,
}
