//! What a transport wants done.

use hoichan_router::{EndpointId, Event as RouterEvent};
use hoichan_srtp::{Profile, Session};
use hoichan_transport::{Effect, Path, Reason, SrtpProfile};
use hoichan_wire::path::Via;

use super::peer::Phase;
use super::{ConnectionChange, Hub, count};
use crate::events::{Event, TransportStats};

impl Hub {
    /// Performs one effect of a transport. Dispatches only.
    pub(super) fn perform(&mut self, endpoint: EndpointId, effect: Effect) {
        let Some(peer) = self.peers.get_mut(endpoint as usize) else {
            return; // An effect before this one has ended the transport.
        };
        let transport = peer.id;
        match effect {
            Effect::Transmit { path, data } => self.transmit(path, &data),
            Effect::PathVerified(path) => self.bind(endpoint, path),
            Effect::PathSelected(path) => self.select(endpoint, path),
            Effect::PathForgotten(path) => self.forget_path(endpoint, path),
            Effect::Keys {
                profile,
                material,
                we_are_client,
            } => self.take_keys(endpoint, profile, &material, we_are_client),
            Effect::Connected => self.connected(endpoint),
            Effect::Disconnected => {
                peer.phase = Phase::Silent;
                self.events.push(Event::TransportDisconnected { transport });
            }
            Effect::Reconnected => {
                peer.phase = Phase::Connected;
                self.events.push(Event::TransportReconnected { transport });
            }
            Effect::Failed(reason) => self.fail_endpoint(endpoint, reason_name(reason)),
            Effect::ChannelOpened { label } => self
                .events
                .push(Event::DataChannelOpened { transport, label }),
            Effect::ChannelClosed { label } => self
                .events
                .push(Event::DataChannelClosed { transport, label }),
            Effect::Data { label, payload } => self.events.push(Event::DataReceived {
                transport,
                label,
                payload,
            }),
            Effect::UfragRetired(fragment) => self.demux.retire(&fragment, endpoint),
            Effect::Count(counter) => self.count(count::name(counter)),
        }
    }

    fn transmit(&mut self, path: Path, data: &[u8]) {
        self.outbox.write(path, data.len(), |slot| {
            slot.copy_from_slice(data);
            data.len()
        });
    }

    /// Binds a verified path, unless media of another transport flows over it right now: a peer that forges its
    /// source address must not take someone else's.
    fn bind(&mut self, endpoint: EndpointId, path: Path) {
        let holder = self
            .demux
            .by_path(path)
            .and_then(|holder| self.peers.get(holder as usize).map(|peer| (holder, peer)));
        if holder.is_some_and(|(holder, peer)| holder != endpoint && peer.holds(path)) {
            self.disowned.push((endpoint, path));
            return self.count("dropped_path_taken");
        }
        self.bind_path(path, endpoint);
        if let Via::Tcp(number) = path.via {
            self.connections.push(ConnectionChange::Verified(number));
        }
    }

    fn select(&mut self, endpoint: EndpointId, path: Path) {
        self.peers[endpoint as usize].selected = Some(path);
        self.router.set_path(endpoint, Some(path));
    }

    fn forget_path(&mut self, endpoint: EndpointId, path: Path) {
        let peer = &mut self.peers[endpoint as usize];
        if peer.selected == Some(path) {
            peer.selected = None;
            self.router.set_path(endpoint, None);
        }
        self.release_path(path, endpoint);
        self.close_connection(path);
    }

    pub(super) fn close_connection(&mut self, path: Path) {
        if let Via::Tcp(number) = path.via {
            self.connections.push(ConnectionChange::Close(number));
        }
    }

    fn take_keys(
        &mut self,
        endpoint: EndpointId,
        profile: SrtpProfile,
        material: &[u8],
        we_are_client: bool,
    ) {
        match Session::new(srtp_profile(profile), material, we_are_client) {
            Ok(session) => {
                self.peers[endpoint as usize].phase = Phase::Keyed(profile);
                self.router.set_keys(endpoint, session);
            }
            Err(_) => self.fail_endpoint(endpoint, reason_name(Reason::DtlsFailed)),
        }
    }

    fn connected(&mut self, endpoint: EndpointId) {
        let peer = &mut self.peers[endpoint as usize];
        let Phase::Keyed(profile) = peer.phase else {
            unreachable!("a transport hands out its keys before it is connected");
        };
        peer.phase = Phase::Connected;
        self.events.push(Event::TransportConnected {
            transport: peer.id,
            srtp_profile: profile_name(profile),
            protocol: peer.protocol(),
        });
    }

    /// Passes on what the router has to tell.
    pub(super) fn collect_router_events(&mut self) {
        let peers = &self.peers;
        let told = self
            .router
            .drain_events()
            .filter_map(|event| translate(event, |endpoint| peers.get(endpoint as usize)));
        self.events.extend(told);
    }
}

fn translate<'a>(
    event: RouterEvent,
    peer: impl FnOnce(EndpointId) -> Option<&'a super::Peer>,
) -> Option<Event> {
    Some(match event {
        RouterEvent::ProducerStarted {
            producer,
            spatial_layer,
        } => Event::ProducerStarted {
            producer,
            spatial_layer,
        },
        RouterEvent::AudioLevels(levels) => Event::AudioLevels { levels },
        RouterEvent::ConsumerLayerChanged {
            consumer,
            spatial_layer,
        } => Event::ConsumerLayerChanged {
            consumer,
            spatial_layer,
        },
        RouterEvent::ConsumerStreamState {
            endpoint,
            consumer,
            paused,
        } => Event::ConsumerStreamState {
            transport: peer(endpoint)?.id,
            consumer,
            paused,
        },
        RouterEvent::TransportStats(stats) => Event::TransportStats(TransportStats {
            transport: peer(stats.endpoint)?.id,
            uplink_loss: stats.uplink_loss,
            downlink_loss: stats.downlink_loss,
            round_trip_time_ms: stats.round_trip_time.map(|rtt| rtt.as_secs_f64() * 1e3),
            jitter_ms: stats.jitter.as_secs_f64() * 1e3,
            bytes_received: stats.bytes_received,
            bytes_sent: stats.bytes_sent,
            packets_received: stats.packets_received,
            packets_sent: stats.packets_sent,
            available_outgoing_bitrate_bps: stats.available_outgoing_bitrate,
            desired_outgoing_bitrate_bps: stats.desired_outgoing_bitrate,
            allocated_outgoing_bitrate_bps: stats.allocated_outgoing_bitrate,
        }),
    })
}

fn srtp_profile(profile: SrtpProfile) -> Profile {
    match profile {
        SrtpProfile::Aes128Gcm => Profile::Aes128Gcm,
        SrtpProfile::Aes256Gcm => Profile::Aes256Gcm,
        SrtpProfile::Aes128CmSha1_80 => Profile::Aes128CmSha1_80,
    }
}

fn profile_name(profile: SrtpProfile) -> &'static str {
    match profile {
        SrtpProfile::Aes128Gcm => "AEAD_AES_128_GCM",
        SrtpProfile::Aes256Gcm => "AEAD_AES_256_GCM",
        SrtpProfile::Aes128CmSha1_80 => "AES128_CM_SHA1_80",
    }
}

fn reason_name(reason: Reason) -> &'static str {
    match reason {
        Reason::ConsentExpired => "consent-expired",
        Reason::DtlsFailed => "dtls-failed",
        Reason::FingerprintMismatch => "fingerprint-mismatch",
        Reason::ClosedByPeer => "closed-by-peer",
        Reason::Timeout => "timeout",
    }
}
