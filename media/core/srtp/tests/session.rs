//! Two peers with one key between them, a stranger beside them, and everything a network does to packets.

mod kit;

use hoichan_srtp::{Error, Opened, Profile, Session};
use hoichan_wire::rtp::Header;
use kit::{
    PROFILES, SSRC, hex, open, open_rtcp, peers, plain, seal, seal_rtcp, sender_with, try_seal,
};
use proptest::collection::vec;
use proptest::prelude::*;
use std::collections::HashSet;

/// The packets that libsrtp validates itself against (`srtp_driver.c`), from master key to wire.
#[test]
fn packets_are_sealed_to_the_bytes_that_libsrtp_seals_them_to() {
    let counter_mode = (
        "e1f97a0d3e018be0d64fa32c06de4139",
        "0ec675ad498afeebb6960b3aabe6",
    );
    let gcm = (
        "000102030405060708090a0b0c0d0e0f",
        "a0a1a2a3a4a5a6a7a8a9aaab",
    );
    for (profile, (key, salt), rtp, rtcp) in [
        (
            Profile::Aes128CmSha1_80,
            counter_mode,
            "4e55dc4ce79978d88ca4d215949d2402b78d6acc99ea179b8dbb",
            "7128035be487b9bdbef89041f977a5a880000001993e08cd54d6c1230798",
        ),
        (
            Profile::Aes128Gcm,
            gcm,
            "c5002ede04cfdd2eb91159e0880aa06ed2976826f796b201df3131a127e8a392",
            "c98b8b5df0392a55852b6c21ac8e7025c52c6fbea2b3b446ea31123ba88ce61e80000001",
        ),
    ] {
        let mut sender = sender_with(profile, key, salt);
        let mut packet = [&hex("800f1234decafbadcafebabe")[..], &[0xab; 16], &[0; 16]].concat();
        let len = sender
            .outbound
            .seal_rtp(&mut packet, 12, 28, 0x1234)
            .unwrap();
        assert_eq!(packet[12..len], hex(rtp), "{profile:?}");

        let compound = [&hex("81c8000bcafebabe")[..], &[0xab; 16]].concat();
        let _index_0 = seal_rtcp(&mut sender, &compound);
        assert_eq!(
            seal_rtcp(&mut sender, &compound)[8..],
            hex(rtcp),
            "{profile:?}"
        );
    }
}

#[test]
fn what_one_seals_the_other_opens_in_both_directions() {
    for profile in PROFILES {
        let (mut client, mut server) = peers(profile);
        for (from, to) in [(0, 1), (1, 0)] {
            let ends = [&mut client, &mut server];
            let [sender, receiver] = if from < to {
                ends
            } else {
                let [c, s] = ends;
                [s, c]
            };
            let expected = plain(SSRC, 7, b"a word");
            let packet = seal(sender, 7);
            assert_eq!(packet.len(), expected.len() + profile.rtp_overhead());
            assert_eq!(packet[..12], expected[..12], "the header stays readable");
            let mut slot = [0; 100];
            let header = Header::parse(&packet).unwrap();
            let opened = receiver.inbound.open_rtp_into(&packet, &header, &mut slot);
            assert_eq!(
                opened,
                Ok(Opened {
                    len: expected.len(),
                    index: 7
                })
            );
            assert_eq!(slot[..expected.len()], expected);

            let report = [0x80, 201, 0, 1, 0, 0, 0, 9];
            let sealed = seal_rtcp(sender, &report);
            assert_eq!(sealed.len(), report.len() + profile.rtcp_overhead());
            assert_eq!(open_rtcp(receiver, &sealed), Ok(report.to_vec()));
        }
    }
}

#[test]
fn the_sender_cannot_be_the_receiver() {
    for profile in PROFILES {
        let (mut client, _) = peers(profile);
        let reflected = seal(&mut client, 1);
        assert_eq!(open(&mut client, &reflected), Err(Error::Forged));
    }
}

#[test]
fn material_of_another_profile_is_refused() {
    let material = [0; 56];
    assert!(Session::new(Profile::Aes128Gcm, &material, true).is_ok());
    assert_eq!(
        Session::new(Profile::Aes256Gcm, &material, true).unwrap_err(),
        Error::KeyingMaterial
    );
    assert_eq!(
        Session::new(Profile::Aes128Gcm, &[], true).unwrap_err(),
        Error::KeyingMaterial
    );
}

#[test]
fn a_packet_is_opened_once() {
    for profile in PROFILES {
        let (mut client, mut server) = peers(profile);
        let packets: Vec<_> = (0..3000).map(|index| seal(&mut client, index)).collect();
        for packet in &packets {
            assert!(open(&mut server, packet).is_ok());
        }
        for packet in &packets {
            assert_eq!(open(&mut server, packet), Err(Error::Replayed));
        }
        let report = seal_rtcp(&mut client, &[0x80, 201, 0, 1, 0, 0, 0, 9]);
        assert!(open_rtcp(&mut server, &report).is_ok());
        assert_eq!(open_rtcp(&mut server, &report), Err(Error::Replayed));
    }
}

#[test]
fn a_stranger_changes_nothing_whatever_it_sends() {
    for profile in PROFILES {
        let (mut client, mut server) = peers(profile);
        let genuine = seal(&mut client, 10);
        for sequence in [10_u16, 11, 9, 5000, 0x8000, 0xffff] {
            let mut forged = genuine.clone();
            forged[2..4].copy_from_slice(&sequence.to_be_bytes());
            *forged.last_mut().unwrap() ^= 1;
            assert_eq!(open(&mut server, &forged), Err(Error::Forged));
        }
        assert_eq!(
            open(&mut server, &genuine),
            Ok(10),
            "as if nothing had been"
        );
        let mut ahead = seal(&mut client, 11);
        ahead[2..4].copy_from_slice(&0x7fff_u16.to_be_bytes());
        assert_eq!(
            open(&mut server, &ahead),
            Err(Error::Forged),
            "the header is authenticated"
        );
        assert_eq!(
            open(&mut server, &seal(&mut client, 12)),
            Ok(12),
            "and the window did not move"
        );
    }
}

#[test]
fn every_byte_of_a_packet_is_authenticated() {
    for profile in PROFILES {
        let (mut client, mut server) = peers(profile);
        let packet = seal(&mut client, 3);
        let report = seal_rtcp(&mut client, &[0x80, 201, 0, 1, 0, 0, 0, 9, 1, 2, 3, 4]);
        for at in 0..packet.len() {
            let mut bent = packet.clone();
            bent[at] ^= 0x01;
            assert!(open(&mut server, &bent).is_err(), "{profile:?}, byte {at}");
        }
        for at in 0..report.len() {
            let mut bent = report.clone();
            bent[at] ^= 0x01;
            assert!(
                open_rtcp(&mut server, &bent).is_err(),
                "{profile:?}, byte {at}"
            );
        }
        assert!(open(&mut server, &packet).is_ok() && open_rtcp(&mut server, &report).is_ok());
    }
}

#[test]
fn the_rollover_counter_survives_losses_around_the_wrap() {
    for profile in PROFILES {
        let (mut client, mut server) = peers(profile);
        let wrap = 0x1_0000;
        // Lost: the last 200 before the wrap and the first 300 after it. One straggler from before comes late.
        let sent = [
            wrap - 201,
            wrap + 300,
            wrap - 150,
            wrap + 301,
            wrap + 30_000,
            2 * wrap - 10_000,
            2 * wrap + 1,
        ];
        for index in sent {
            let packet = seal(&mut client, index);
            assert_eq!(open(&mut server, &packet), Ok(index), "{profile:?}");
        }
    }
}

#[test]
fn a_source_that_starts_just_below_the_wrap_may_lose_its_first_packets() {
    for profile in PROFILES {
        let (mut client, mut server) = peers(profile);
        let before = seal(&mut client, 0xfffe);
        let after = seal(&mut client, 0x1_0003);
        assert_eq!(open(&mut server, &after), Ok(0x1_0003));
        assert_eq!(open(&mut server, &before), Ok(0xfffe));
    }
}

#[test]
fn a_packet_from_before_the_beginning_is_refused() {
    let (mut client, mut server) = peers(Profile::Aes128Gcm);
    assert_eq!(open(&mut server, &seal(&mut client, 5)), Ok(5));
    let later = seal(&mut client, 0xfff0);
    assert_eq!(
        open(&mut server, &later),
        Err(Error::Replayed),
        "it would have a negative index"
    );
}

#[test]
fn a_slot_that_is_too_small_is_refused_and_the_packet_stays_fresh() {
    for profile in PROFILES {
        let (mut client, mut server) = peers(profile);
        let packet = seal(&mut client, 1);
        let header = Header::parse(&packet).unwrap();
        let mut small = vec![0; packet.len() - profile.rtp_overhead() - 1];
        assert_eq!(
            server.inbound.open_rtp_into(&packet, &header, &mut small),
            Err(Error::NoRoom)
        );
        assert_eq!(open(&mut server, &packet), Ok(1));
        let report = seal_rtcp(&mut client, &[0x80, 201, 0, 1, 0, 0, 0, 9]);
        assert_eq!(
            server.inbound.open_rtcp_into(&report, &mut [0; 7]),
            Err(Error::NoRoom)
        );
        assert!(open_rtcp(&mut server, &report).is_ok());
        assert_eq!(
            client.outbound.seal_rtp(&mut [0; 20], 12, 20, 0),
            Err(Error::NoRoom)
        );
        assert_eq!(
            client.outbound.seal_rtcp(&mut [0; 20], 20),
            Err(Error::NoRoom)
        );
    }
}

#[test]
fn packets_without_room_for_a_tag_are_malformed() {
    for profile in PROFILES {
        let (_, mut server) = peers(profile);
        let short = vec![0x80; 12 + profile.rtp_overhead() - 1];
        assert_eq!(open(&mut server, &short), Err(Error::Malformed));
        assert_eq!(
            open(&mut server, &vec![0x80; 12 + profile.rtp_overhead()]),
            Err(Error::Forged)
        );
        for len in 0..8 + profile.rtcp_overhead() {
            assert_eq!(
                open_rtcp(&mut server, &vec![0x80; len]),
                Err(Error::Malformed)
            );
        }
    }
}

#[test]
fn srtcp_in_clear_is_refused_even_before_its_tag_is_looked_at() {
    for profile in PROFILES {
        let (mut client, mut server) = peers(profile);
        let mut report = seal_rtcp(&mut client, &[0x80, 201, 0, 1, 0, 0, 0, 9]);
        let word = if profile == Profile::Aes128CmSha1_80 {
            8
        } else {
            report.len() - 4
        };
        report[word] &= 0x7f;
        assert_eq!(open_rtcp(&mut server, &report), Err(Error::Unencrypted));
    }
}

#[test]
fn an_ssrc_taken_up_again_goes_on_where_it_stopped() {
    let (mut client, mut server) = peers(Profile::Aes128Gcm);
    assert_eq!(client.outbound.unused_index(SSRC), 0);
    assert!(open(&mut server, &seal(&mut client, 40_000)).is_ok());
    assert_eq!(
        try_seal(&mut client, SSRC, 40_000, b"another"),
        Err(Error::Reused)
    );
    let next = client.outbound.unused_index(SSRC);
    assert_eq!(next, 40_001);
    assert_eq!(open(&mut server, &seal(&mut client, next)), Ok(next));
}

#[test]
fn a_key_ends_with_its_indices() {
    let (mut client, _) = peers(Profile::Aes128Gcm);
    assert!(try_seal(&mut client, SSRC, (1 << 48) - 1, b"last").is_ok());
    assert_eq!(
        try_seal(&mut client, SSRC, 1 << 48, b"none"),
        Err(Error::Exhausted)
    );
}

#[test]
fn a_peer_with_a_thousand_sources_is_served_on() {
    let (mut client, mut server) = peers(Profile::Aes128Gcm);
    for ssrc in 0..1000 {
        let packet = try_seal(&mut client, ssrc, 1, b"hello").unwrap();
        assert_eq!(open(&mut server, &packet), Ok(1));
        assert_eq!(open(&mut server, &packet), Err(Error::Replayed));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Equal plaintext under two nonces gives two key streams; under one, the same. So if no two sealed zeros are
    /// alike, no nonce was used twice, whatever indices the caller asked for.
    #[test]
    fn no_nonce_is_ever_used_twice(
        profile in prop::sample::select(&PROFILES[..]),
        asked in vec((0_u32..4, prop_oneof![0_u64..40, 0xfff0_u64..0x1_0010, 0x10_0000_0000_u64..0x10_0000_0020]), 1..200),
    ) {
        let (mut client, _) = peers(profile);
        let mut streams = HashSet::new();
        let mut indices = HashSet::new();
        for (ssrc, index) in asked {
            if let Ok(packet) = try_seal(&mut client, ssrc, index, &[0; 16]) {
                prop_assert!(indices.insert((ssrc, index)));
                prop_assert!(streams.insert(packet[12..28].to_vec()), "{ssrc} {index}");
            }
            let compound = [&[0x80, 201, 0, 5, 0, 0, 0, ssrc as u8][..], &[0; 16]].concat();
            prop_assert!(streams.insert(seal_rtcp(&mut client, &compound)[8..24].to_vec()));
        }
    }

    #[test]
    fn whatever_the_network_does_each_packet_is_opened_at_most_once_and_with_its_own_index(
        profile in prop::sample::select(&PROFILES[..]),
        start in 0_u64..0x2_0000,
        route in vec((0_usize..300, any::<bool>()), 1..600),
    ) {
        let (mut client, mut server) = peers(profile);
        let start = if start > 0xffff { 0xff80 } else { start };
        let packets: Vec<_> = (start..start + 300).map(|index| seal(&mut client, index)).collect();
        prop_assert_eq!(open(&mut server, &packets[0]), Ok(start));
        let mut opened = HashSet::from([0]);
        for (at, bent) in route {
            let mut packet = packets[at].clone();
            packet[14] ^= u8::from(bent);
            match open(&mut server, &packet) {
                Ok(index) => {
                    prop_assert!(!bent && opened.insert(at));
                    prop_assert_eq!(index, start + at as u64);
                }
                Err(Error::Replayed) => prop_assert!(opened.contains(&at)),
                Err(error) => prop_assert!(bent && error == Error::Forged),
            }
        }
    }

    #[test]
    fn garbage_is_refused_without_harm(profile in prop::sample::select(&PROFILES[..]), bytes in vec(any::<u8>(), 0..120)) {
        let (_, mut server) = peers(profile);
        prop_assert!(open(&mut server, &bytes).is_err());
        prop_assert!(open_rtcp(&mut server, &bytes).is_err());
    }
}
