//! H.264 payloads: where a decoder can start. (RFC 6184 §5.2)

use crate::cursor::u16_at;

/// NAL unit types. (RFC 6184 §5.2, table 1; H.264 §7.4.1)
const SPS: u8 = 7;
const STAP_A: u8 = 24;
const FU_A: u8 = 28;

/// Whether an RTP payload starts a key frame: it carries a sequence parameter set, alone, in a STAP-A, or as the
/// first fragment of a FU-A.
///
/// WebRTC senders put SPS and PPS before each IDR picture. An IDR slice whose SPS was lost is not a start: the
/// decoder could not tell the picture's size, so it is better to ask for another key frame.
pub fn is_keyframe(payload: &[u8]) -> bool {
    let Some((&header, rest)) = payload.split_first() else {
        return false;
    };
    match unit_type(header) {
        SPS => true,
        STAP_A => aggregated_units(rest).any(|unit| unit_type(unit) == SPS),
        FU_A => rest
            .first()
            .is_some_and(|header| header & 0x80 != 0 && unit_type(*header) == SPS),
        _ => false,
    }
}

fn unit_type(header: u8) -> u8 {
    header & 0x1f
}

/// The header bytes of the units in a STAP-A, up to the first that does not fit.
fn aggregated_units(mut rest: &[u8]) -> impl Iterator<Item = u8> {
    std::iter::from_fn(move || {
        let len = usize::from(u16_at(rest, 0)?);
        let unit = rest.get(2..2 + len)?;
        rest = &rest[2 + len..];
        unit.first().copied()
    })
}

#[cfg(test)]
mod tests {
    use super::is_keyframe;

    #[test]
    fn a_parameter_set_starts_a_key_frame_in_every_packaging() {
        assert!(is_keyframe(&[0x67, 0x42, 0xe0, 0x1f]), "single unit");
        assert!(
            is_keyframe(&[0x78, 0, 2, 0x67, 0x42, 0, 2, 0x68, 0xce]),
            "STAP-A, first"
        );
        assert!(
            is_keyframe(&[0x78, 0, 1, 0x09, 0, 2, 0x67, 0x42]),
            "STAP-A, behind a delimiter"
        );
        assert!(is_keyframe(&[0x7c, 0x87, 0x42]), "FU-A, start");
    }

    #[test]
    fn what_cannot_be_decoded_alone_starts_nothing() {
        assert!(
            !is_keyframe(&[0x65, 0x88]),
            "IDR slice without its parameter set"
        );
        assert!(!is_keyframe(&[0x41, 0x9a]), "predicted slice");
        assert!(!is_keyframe(&[0x7c, 0x07, 0x42]), "FU-A, later fragment");
        assert!(
            !is_keyframe(&[0x78, 0, 2, 0x68, 0xce]),
            "STAP-A without SPS"
        );
    }

    #[test]
    fn an_aggregate_that_lies_about_its_lengths_ends_there() {
        assert!(!is_keyframe(&[0x78, 0xff, 0xff, 0x67, 0x42]));
        assert!(
            !is_keyframe(&[0x78, 0, 0, 0, 2, 0x67, 0x42]),
            "an empty unit has no header"
        );
        assert!(!is_keyframe(&[0x78, 0]));
        assert!(!is_keyframe(&[0x7c]));
        assert!(!is_keyframe(&[]));
    }
}
