//! The workers of one core, and how a username fragment tells whose its peer is.

/// One worker, counted from 0.
pub type WorkerIndex = u8;

/// Most workers of one core: as many as there are ice-chars. (RFC 8839 §5.4)
pub const MAX_WORKERS: u8 = 64;

/// Where one worker stands among all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Which one it is.
    pub worker: WorkerIndex,
    /// How many there are, 1 to [`MAX_WORKERS`].
    pub crew: u8,
}

impl Place {
    /// The only worker there is.
    pub const ALONE: Self = Self { worker: 0, crew: 1 };

    /// All places of a crew, in order.
    pub fn all(crew: u8) -> impl Iterator<Item = Self> {
        (0..crew).map(move |worker| Self { worker, crew })
    }
}

/// On which of `crew` workers the transport with this username fragment lives: its first character says so, and
/// any of the workers can tell by it whose a stranger's STUN request is, without asking.
#[must_use]
pub fn owner_of(fragment: &str, crew: u8) -> WorkerIndex {
    let digit = match fragment.as_bytes().first() {
        Some(letter @ b'A'..=b'Z') => letter - b'A',
        Some(letter @ b'a'..=b'z') => letter - b'a' + 26,
        Some(digit @ b'0'..=b'9') => digit - b'0' + 52,
        Some(b'+') => 62,
        _ => 63,
    };
    digit % crew
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_character_of_a_fragment_names_its_worker() {
        let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        for (index, letter) in (0..).zip(alphabet.chars()) {
            assert_eq!(owner_of(&format!("{letter}rest"), MAX_WORKERS), index);
        }
        assert_eq!(owner_of("Crest", 2), 0, "who knows no better may draw any");
        assert_eq!(owner_of("zebra", 1), 0);
    }
}
