//! VP9 payload descriptor: where key pictures start. (RFC 9628 §4.2)

/// Whether an RTP payload starts a key picture: the first packet (B bit) of a layer frame that depends on no
/// earlier picture (P bit clear) and, with layers, is the lowest one.
///
/// The frames of higher spatial layers of the same picture depend on that one and are no place to start.
pub fn is_keyframe(payload: &[u8]) -> bool {
    let Some(&flags) = payload.first() else {
        return false;
    };
    let (has_picture_id, predicted) = (flags & 0x80 != 0, flags & 0x40 != 0);
    let (has_layers, starts_frame) = (flags & 0x20 != 0, flags & 0x08 != 0);
    let layers_at = match payload.get(1) {
        Some(id) if has_picture_id && id & 0x80 != 0 => 3,
        Some(_) if has_picture_id => 2,
        _ => 1,
    };
    let is_lowest_layer = !has_layers
        || payload.get(layers_at).is_some_and(|layers| {
            let (spatial_layer, depends_on_lower) = (layers >> 1 & 0x07, layers & 0x01 != 0);
            spatial_layer == 0 && !depends_on_lower
        });
    starts_frame && !predicted && is_lowest_layer && payload.len() > layers_at
}

#[cfg(test)]
mod tests {
    use super::is_keyframe;

    #[test]
    fn a_key_picture_starts_at_its_lowest_layer() {
        // I, L, B, picture id in 15 bits, TID 0 SID 0, then TL0PICIDX and payload.
        assert!(is_keyframe(&[0xa8, 0x81, 0x23, 0x00, 0x07, 0x82]));
        assert!(
            !is_keyframe(&[0xa8, 0x81, 0x23, 0x03, 0x07, 0x82]),
            "spatial layer 1"
        );
        assert!(
            !is_keyframe(&[0xe8, 0x81, 0x23, 0x00, 0x07, 0x86]),
            "predicted"
        );
        assert!(
            !is_keyframe(&[0xa0, 0x81, 0x23, 0x00, 0x07, 0x82]),
            "a later packet of the frame"
        );
    }

    #[test]
    fn the_picture_id_may_have_seven_bits_or_be_left_out() {
        assert!(is_keyframe(&[0xa8, 0x11, 0x00, 0x07, 0x82]));
        assert!(!is_keyframe(&[0xa8, 0x11, 0x02, 0x07, 0x82]));
        assert!(is_keyframe(&[0x08, 0x82]));
    }

    #[test]
    fn a_descriptor_cut_short_starts_nothing() {
        for len in 0..4 {
            assert!(!is_keyframe(&[0xa8, 0x81, 0x23, 0x00][..len]));
        }
    }
}
