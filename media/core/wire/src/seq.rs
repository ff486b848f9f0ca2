//! Sequence numbers that do not wrap.

/// Widens a 16-bit sequence number to the 64-bit one nearest `highest`.
///
/// `wrapped` is as on the wire; `highest` is the widest number seen so far. A tie (2^15 apart) goes back.
/// `None` if the packet would precede number 0. (RFC 3550 §A.1, RFC 3711 §3.3.1)
pub fn extend(wrapped: u16, highest: u64) -> Option<u64> {
    let step = wrapped.wrapping_sub(highest as u16) as i16;
    highest.checked_add_signed(i64::from(step))
}

#[cfg(test)]
mod tests {
    use super::extend;

    #[test]
    fn every_step_lands_on_the_nearest_number_with_those_low_bits() {
        for highest in [
            0,
            1,
            0x7fff,
            0x8000,
            0xffff,
            0x1_0000,
            0x1_8000,
            0x12_3456_789a,
        ] {
            for wrapped in 0..=u16::MAX {
                match extend(wrapped, highest) {
                    Some(wide) => {
                        assert_eq!(wide as u16, wrapped);
                        assert!(wide.abs_diff(highest) <= 0x8000);
                    }
                    None => assert!(highest < 0x8000),
                }
            }
        }
    }

    #[test]
    fn the_wrap_goes_forward_and_a_straggler_goes_back() {
        assert_eq!(extend(0, 0xffff), Some(0x1_0000));
        assert_eq!(extend(0xffff, 0x1_0000), Some(0xffff));
        assert_eq!(extend(0x8000, 0), None);
    }
}
