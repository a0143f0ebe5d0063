//! Characters as they are meant.

/// The characters of a text that can be seen, full-width ones as their ASCII counterparts and every dash and
/// quote as the plain one; beside each, where it ends in the text.
#[derive(Clone)]
pub(super) struct Folded<'a> {
    characters: core::str::CharIndices<'a>,
}

impl<'a> Folded<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { characters: text.char_indices() }
    }
}

impl Iterator for Folded<'_> {
    type Item = (char, usize);

    fn next(&mut self) -> Option<(char, usize)> {
        let (start, character) = self.characters.by_ref().find(|&(_, character)| !is_invisible(character))?;
        Some((fold(character), start + character.len_utf8()))
    }
}

/// Marks of byte order, of width zero and of direction, which come with what is copied.
pub(super) const fn is_invisible(character: char) -> bool {
    matches!(
        character,
        '\u{ad}'
            | '\u{180e}'
            | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{2069}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}'
    )
}

fn fold(character: char) -> char {
    match character {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(character) - 0xfee0).unwrap_or(character),
        '‐'..='―' | '−' | 'ー' => '-',
        '“' | '”' | '„' | '‟' | '«' | '»' => '"',
        '‘' | '’' | '‚' | '‛' | '´' => '\'',
        '、' => ',',
        '。' => '.',
        other => other,
    }
}
