//! Packets inside a TCP stream: each after its length as 16 bits (RFC 4571 §2), as ICE-TCP uses it (RFC 6544 §3).

/// The largest frame taken: nothing WebRTC sends exceeds an Ethernet frame.
pub const MAX_FRAME: usize = 2048;

const PREFIX: usize = 2;

/// The stream does not carry frames of ours; it cannot be resynchronised and should be closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Oversized;

/// Cuts a stream of bytes into frames. Holds at most one unfinished frame: 2050 bytes.
#[derive(Debug, Default)]
pub struct Decoder {
    partial: Vec<u8>,
}

impl Decoder {
    /// A decoder at the start of a stream.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the next bytes of the stream, cut anywhere, and calls `frame` for each whole frame but empty ones.
    ///
    /// # Errors
    /// When a length over [`MAX_FRAME`] is announced; frames before it have been delivered.
    pub fn feed(
        &mut self,
        mut bytes: &[u8],
        mut frame: impl FnMut(&[u8]),
    ) -> Result<(), Oversized> {
        while !bytes.is_empty() {
            if self.partial.is_empty()
                && let Some((whole, rest)) = split_frame(bytes)?
            {
                deliver(whole, &mut frame);
                bytes = rest;
                continue;
            }
            let wanted = self.missing()?;
            let (taken, rest) = bytes.split_at(wanted.min(bytes.len()));
            self.partial.extend_from_slice(taken);
            bytes = rest;
            if let Some((whole, _)) = split_frame(&self.partial)? {
                deliver(whole, &mut frame);
                self.partial.clear();
            }
        }
        Ok(())
    }

    /// How many bytes the unfinished frame, or else its length, still lacks. At least 1.
    fn missing(&self) -> Result<usize, Oversized> {
        match announced(&self.partial)? {
            Some(length) => Ok(PREFIX + length - self.partial.len()),
            None => Ok(PREFIX - self.partial.len()),
        }
    }
}

/// Appends `frame` with its length to `out`; false, and nothing appended, if it is over [`MAX_FRAME`].
#[must_use]
pub fn encode(frame: &[u8], out: &mut Vec<u8>) -> bool {
    if frame.len() > MAX_FRAME {
        return false;
    }
    out.extend_from_slice(&(frame.len() as u16).to_be_bytes());
    out.extend_from_slice(frame);
    true
}

fn deliver(whole: &[u8], frame: &mut impl FnMut(&[u8])) {
    if !whole.is_empty() {
        frame(whole);
    }
}

fn announced(bytes: &[u8]) -> Result<Option<usize>, Oversized> {
    let [high, low, ..] = *bytes else {
        return Ok(None);
    };
    let length = usize::from(u16::from_be_bytes([high, low]));
    if length > MAX_FRAME {
        Err(Oversized)
    } else {
        Ok(Some(length))
    }
}

/// A whole frame and what follows it.
type Split<'a> = (&'a [u8], &'a [u8]);

fn split_frame(bytes: &[u8]) -> Result<Option<Split<'_>>, Oversized> {
    let length = announced(bytes)?;
    Ok(length.and_then(|length| bytes.get(PREFIX..)?.split_at_checked(length)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn frames_survive_whatever_pieces_tcp_makes(
            frames in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 1..90), 0..12),
            piece in 1_usize..40,
        ) {
            let mut stream = Vec::new();
            for frame in &frames {
                prop_assert!(encode(frame, &mut stream));
            }
            let mut decoder = Decoder::new();
            let mut seen = Vec::new();
            for bytes in stream.chunks(piece) {
                decoder.feed(bytes, |frame| seen.push(frame.to_vec())).expect("all frames are small");
            }
            prop_assert_eq!(seen, frames);
        }

        #[test]
        fn any_stream_is_cut_without_harm_and_within_bounds(
            pieces in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..900), 0..12)
        ) {
            let mut decoder = Decoder::new();
            for bytes in &pieces {
                if decoder.feed(bytes, |frame| assert!(frame.len() <= MAX_FRAME)).is_err() {
                    break;
                }
                prop_assert!(decoder.partial.len() < PREFIX + MAX_FRAME);
            }
        }
    }

    #[test]
    fn a_length_over_the_limit_ends_the_stream_after_the_frames_before_it() {
        let mut seen = 0;
        let stream = [0, 1, 7, 0x08, 0x01, 0, 0];
        assert_eq!(Decoder::new().feed(&stream, |_| seen += 1), Err(Oversized));
        assert_eq!(seen, 1);
        assert!(!encode(&[0; MAX_FRAME + 1], &mut Vec::new()));
    }

    #[test]
    fn empty_frames_are_passed_over() {
        let mut seen = Vec::new();
        let done = Decoder::new().feed(&[0, 0, 0, 1, 9, 0, 0], |frame| seen.push(frame.to_vec()));
        assert_eq!((done, seen), (Ok(()), vec![vec![9]]));
    }
}
