//! AV1 payloads: where a coded video sequence starts. (RTP Payload Format For AV1 §4.4)

/// OBU type of a sequence header. (AV1 §6.2.2)
const SEQUENCE_HEADER: u8 = 1;

/// Bytes that a leb128 length may have. (AV1 §4.10.5)
const LEB128_MAX_LEN: usize = 8;

/// Whether an RTP payload starts a coded video sequence: the aggregation header says so (N bit), or one of its OBUs
/// is a sequence header, for senders that leave the bit alone.
pub fn is_keyframe(payload: &[u8]) -> bool {
    let Some((&aggregation, elements)) = payload.split_first() else {
        return false;
    };
    let continues = aggregation & 0x80 != 0; // Z: the first element goes on from the packet before.
    let starts_sequence = aggregation & 0x08 != 0; // N
    if continues || elements.is_empty() {
        return false; // Neither starts with a whole OBU; with Z set, N has to be clear anyway.
    }
    let count = usize::from(aggregation >> 4 & 0x03); // W: 0 means that every element has its length.
    starts_sequence
        || unit_headers(elements, count).any(|header| header >> 3 & 0x0f == SEQUENCE_HEADER)
}

/// The header bytes of the OBU elements, up to the first that does not fit.
fn unit_headers(mut rest: &[u8], count: usize) -> impl Iterator<Item = u8> {
    let mut number = 0;
    std::iter::from_fn(move || {
        number += 1;
        let (len, data) = if number == count {
            (rest.len(), rest)
        } else {
            take_leb128(rest)?
        };
        let (element, after) = data.split_at_checked(len)?;
        rest = after;
        element.first().copied()
    })
}

/// A length of 7 bits a byte, lowest first, and what follows it. (AV1 §4.10.5)
fn take_leb128(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let end = bytes
        .iter()
        .take(LEB128_MAX_LEN)
        .position(|byte| byte & 0x80 == 0)?
        + 1;
    let (number, rest) = bytes.split_at(end);
    let value = number
        .iter()
        .rev()
        .fold(0_u64, |value, byte| value << 7 | u64::from(byte & 0x7f));
    Some((usize::try_from(value).ok()?, rest))
}

#[cfg(test)]
mod tests {
    use super::{is_keyframe, take_leb128};

    #[test]
    fn the_new_sequence_bit_is_believed() {
        assert!(is_keyframe(&[0x18, 0x30, 0x00]), "W = 1, N");
        assert!(!is_keyframe(&[0x10, 0x30, 0x00]), "W = 1, a frame OBU");
        assert!(!is_keyframe(&[0x98, 0x30, 0x00]), "N on a continuation");
    }

    #[test]
    fn a_sequence_header_is_found_wherever_it_stands() {
        assert!(
            is_keyframe(&[0x10, 0x0a, 0x0b]),
            "W = 1: the only element, without a length"
        );
        assert!(
            is_keyframe(&[0x20, 0x02, 0x0a, 0x0b, 0x30]),
            "W = 2: first of two"
        );
        assert!(
            is_keyframe(&[0x20, 0x01, 0x10, 0x08, 0x00]),
            "W = 2: last of two"
        );
        assert!(
            is_keyframe(&[0x00, 0x01, 0x10, 0x02, 0x0a, 0x0b]),
            "W = 0: all with lengths"
        );
    }

    #[test]
    fn lengths_that_lie_end_the_walk() {
        assert!(!is_keyframe(&[0x00, 0x7f, 0x08]));
        assert!(!is_keyframe(&[
            0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x08
        ]));
        assert!(!is_keyframe(&[0x00, 0x00]));
        assert!(!is_keyframe(&[0x08]), "N, but nothing follows");
        assert!(!is_keyframe(&[]));
    }

    #[test]
    fn leb128_is_read_lowest_bits_first() {
        assert_eq!(
            take_leb128(&[0xe5, 0x8e, 0x26, 0x01]),
            Some((624_485, &[0x01][..]))
        );
        assert_eq!(take_leb128(&[0x80; 9]), None);
    }
}
