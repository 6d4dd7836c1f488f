//! Pieces of a line and how they look. Colour adds to words, it never replaces them.

/// How a piece looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    Plain,
    Strong,
    Faint,
    Good,
    Warning,
    Bad,
}

/// A text in one look.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Piece {
    pub(super) text: String,
    pub(super) style: Style,
}

/// One line of the screen.
pub(super) type Line = Vec<Piece>;

impl Style {
    /// The parameters of the terminal's sequence; weight stays without colours.
    pub(super) const fn code(self, has_colour: bool) -> Option<&'static str> {
        match (self, has_colour) {
            (Self::Plain, _) => None,
            (Self::Strong, _) => Some("1"),
            (Self::Faint, _) => Some("2"),
            (Self::Good, true) => Some("32"),
            (Self::Warning, true) => Some("33"),
            (Self::Bad, true) => Some("1;31"),
            (Self::Good | Self::Warning, false) => None,
            (Self::Bad, false) => Some("1"),
        }
    }

    pub(super) fn piece(self, text: impl Into<String>) -> Piece {
        Piece { text: text.into(), style: self }
    }
}

/// The words of a line alone.
pub(super) fn plain(line: &[Piece]) -> String {
    let text: String = line.iter().map(|piece| piece.text.as_str()).collect();
    text.trim_end().to_owned()
}
