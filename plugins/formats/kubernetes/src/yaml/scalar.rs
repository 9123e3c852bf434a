//! A single value as it was written: its text, tag and quoting. kustomize changes texts and keeps tags and quoting, so
//! what a value *is* (a number, a string) is decided only when it is printed.

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tag {
    /// Not decided: the text alone says what it is.
    None,
    Text,
    Int,
    Float,
    Bool,
    Null,
    Timestamp,
    Binary,
    Merge,
    /// A tag of somebody else's: its scalars are texts.
    Other,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    Plain,
    /// Single or double quotes, or a literal block: a text, whatever it looks like.
    Quoted,
    /// A folded block.
    Folded,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scalar {
    pub text: String,
    pub tag: Tag,
    pub style: Style,
    pub twin: Option<Twin>,
}

/// A scalar that kustomize has put into several places of a resource at once: a change of one is a change of all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Twin {
    /// The same for all of them, within the resource.
    pub id: u32,
    /// The one that was changed most has the value.
    pub changes: u32,
}

impl Twin {
    #[must_use]
    pub fn changed(self) -> Self {
        Self {
            changes: self.changes + 1,
            ..self
        }
    }
}

impl Scalar {
    pub fn new(text: impl Into<String>, tag: Tag, style: Style) -> Self {
        Self {
            text: text.into(),
            tag,
            style,
            twin: None,
        }
    }

    /// May be a text: the ones that are quoted when they become the value of a new field.
    pub(super) fn undecided_or_text(&self) -> bool {
        matches!(self.tag, Tag::None | Tag::Text)
    }
}
