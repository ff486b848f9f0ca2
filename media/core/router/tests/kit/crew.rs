//! Two routers, as those of two workers, and the post between them.

use super::camera::Camera;
use super::rtp::Packet;
use super::{Peer, World, consumer, video};
use hoichan_router::{ConsumerId, ConsumerParameters, Post, ProducerId, ProducerParameters, Wish};
use hoichan_wire::rtcp;
use std::sync::Arc;

/// Where publishers live in most stories, …
pub const HOME: usize = 0;
/// … and where some of their subscribers do.
pub const OUTPOST: usize = 1;

/// Two workers' routers.
pub struct Crew {
    pub worlds: [World; 2],
    /// By receiver: what the other has for it, not delivered yet.
    waiting: [Post; 2],
    /// Whether post is delivered at once.
    pub is_prompt: bool,
}

impl Crew {
    pub fn new() -> Self {
        let mut worlds = [World::new(), World::new()];
        worlds[OUTPOST].now = worlds[HOME].now;
        Crew {
            worlds,
            waiting: [Post::default(), Post::default()],
            is_prompt: true,
        }
    }

    /// Subscribes somebody on one router to a track of the other.
    pub fn subscribe(
        &mut self,
        at: usize,
        peer: &Peer,
        id: u64,
        (producer, sent_as): (ProducerId, &ProducerParameters),
        wish: Wish,
    ) -> ConsumerId {
        self.subscribe_with(at, peer, (producer, sent_as), (id, &consumer(id)), wish)
    }

    pub fn subscribe_with(
        &mut self,
        at: usize,
        peer: &Peer,
        (producer, sent_as): (ProducerId, &ProducerParameters),
        (id, parameters): (u64, &ConsumerParameters),
        wish: Wish,
    ) -> ConsumerId {
        let home = 1 - at as u8;
        let sent_as = Arc::new(sent_as.clone());
        let router = &mut self.worlds[at].router;
        let relayed = router.add_relayed(producer, home, &sent_as);
        relayed.expect("well formed");
        let subscribed = self.worlds[at].subscribe_with(peer, id, producer, parameters, wish);
        self.exchange();
        subscribed
    }

    /// Somebody on one router sends packets.
    pub fn send(&mut self, at: usize, peer: &mut Peer, packets: &[Packet]) {
        self.worlds[at].send(peer, packets);
        self.exchange();
    }

    pub fn send_rtcp(&mut self, at: usize, peer: &mut Peer, compound: &[u8]) {
        self.worlds[at].send_rtcp(peer, compound);
        self.exchange();
    }

    pub fn pass(&mut self, millis: u64) {
        for world in &mut self.worlds {
            world.pass(millis);
            world.flush();
        }
        self.exchange();
    }

    /// Flushes, and if post is prompt, delivers it until neither has anything for the other.
    pub fn exchange(&mut self) {
        if self.is_prompt {
            self.deliver();
        }
    }

    pub fn deliver(&mut self) {
        self.worlds.iter_mut().for_each(World::flush);
        while (0..2).any(|to| self.deliver_to(to)) {}
    }

    fn deliver_to(&mut self, to: usize) -> bool {
        let (from, post) = (1 - to, &mut self.waiting[to]);
        self.worlds[from].router.take_post(to as u8, post);
        let is_any = !post.is_empty();
        let world = &mut self.worlds[to];
        world.router.receive_post(world.now, from as u8, post);
        world.flush();
        is_any
    }

    /// One router begins anew, as after a fault that nobody contained: what it had for the other is gone.
    pub fn replace(&mut self, at: usize) {
        let mut post = Post::default();
        post.reset();
        let now = self.worlds[at].now;
        self.worlds[at] = World::new();
        self.worlds[at].now = now;
        self.waiting[1 - at] = post;
        self.deliver();
    }
}

/// A camera of three layers on the first router, which makes key frames when asked.
pub struct Publisher {
    pub peer: Peer,
    pub producer: ProducerId,
    pub parameters: ProducerParameters,
    pub layers: [Camera; 3],
    /// How many key frames were asked for, by layer.
    pub asked: [usize; 3],
}

impl Publisher {
    pub fn joins(crew: &mut Crew) -> Self {
        let world = &mut crew.worlds[HOME];
        let peer = world.peer(1);
        let parameters = video("1", &["q", "h", "f"]);
        let producer = world.publish(&peer, 1, &parameters);
        Publisher {
            peer,
            producer,
            parameters,
            layers: [
                Camera::new(5, "q"),
                Camera::new(6, "h"),
                Camera::new(7, "f"),
            ],
            asked: [0; 3],
        }
    }

    /// What it sends, for those who subscribe elsewhere.
    pub fn track(&self) -> (ProducerId, &ProducerParameters) {
        (self.producer, &self.parameters)
    }

    /// One frame of each layer, in two packets, and 33 ms; key frames of those that are asked for.
    pub fn frame(&mut self, crew: &mut Crew) {
        let heard = crew.worlds[HOME].heard(&mut self.peer);
        let mut is_key = [false; 3];
        for packet in heard.rtcp_packets() {
            if let rtcp::Packet::Pli { media_ssrc, .. } = packet {
                let layer = self.layers.iter().position(|one| one.ssrc == media_ssrc);
                let layer = layer.expect("a layer of this camera");
                is_key[layer] = true;
                self.asked[layer] += 1;
            }
        }
        for (layer, is_key) in is_key.into_iter().enumerate() {
            let camera = &mut self.layers[layer];
            let is_first = camera.sequence == (camera.ssrc * 7919) as u16;
            let packets = camera.frame(is_key || is_first, 2, 300);
            crew.send(HOME, &mut self.peer, &packets);
        }
        crew.pass(33);
    }

    pub fn frames(&mut self, crew: &mut Crew, count: usize) {
        (0..count).for_each(|_| self.frame(crew));
    }
}
