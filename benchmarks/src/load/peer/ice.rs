//! A full ICE agent with one local candidate and one component (RFC 8445): it checks every remote candidate, answers the
//! other's checks, and takes the first pair that works.

use std::net::SocketAddrV4;
use std::time::{Duration, Instant};

use aws_lc_rs::hmac;
use hoichan_transport::IceCredentials;
use hoichan_wire::stun::{Builder, Class, Message, Role};

/// While there is no pair.
const CHECK_INTERVAL: Duration = Duration::from_millis(50);
/// Half of what RFC 7675 asks for consent, as Chrome does it.
const CONSENT_INTERVAL: Duration = Duration::from_millis(2500);
/// Of a peer-reflexive candidate (RFC 8445 §5.1.2): any one does, as there is one only.
const PRIORITY: u32 = 1_853_824_767;
/// A server has a handful of addresses; what comes beyond is left out.
const MAX_CANDIDATES: usize = 16;

/// What is to be sent, and where to.
pub type Outgoing = Vec<(SocketAddrV4, Vec<u8>)>;

/// One agent.
#[derive(Debug)]
pub struct Agent {
    local: IceCredentials,
    remote: Option<IceCredentials>,
    role: Role,
    candidates: Vec<SocketAddrV4>,
    selected: Option<SocketAddrV4>,
    next_check: Option<Instant>,
    transaction: u64,
}

impl Agent {
    /// An agent that answers checks for `local`, and checks nothing before it knows the other side.
    #[must_use]
    pub fn new(local: IceCredentials) -> Self {
        Self {
            local,
            remote: None,
            role: Role::Controlled(0),
            candidates: Vec::new(),
            selected: None,
            next_check: None,
            transaction: 0,
        }
    }

    /// The other side's credentials are known; checks begin.
    pub fn connect(&mut self, now: Instant, remote: IceCredentials, controlling: bool) {
        let tie_breaker = u64::from(std::process::id());
        self.role = if controlling {
            Role::Controlling(tie_breaker)
        } else {
            Role::Controlled(tie_breaker)
        };
        self.remote = Some(remote);
        self.next_check = Some(now);
    }

    /// Another address of the other side.
    pub fn add_candidate(&mut self, candidate: SocketAddrV4) {
        if self.candidates.len() < MAX_CANDIDATES && !self.candidates.contains(&candidate) {
            self.candidates.push(candidate);
        }
    }

    /// The address that has proved itself.
    #[must_use]
    pub fn selected(&self) -> Option<SocketAddrV4> {
        self.selected
    }

    /// Checks that are due.
    pub fn timeout(&mut self, now: Instant, out: &mut Outgoing) {
        if self.next_check.is_none_or(|at| now < at) {
            return;
        }
        match self.selected {
            Some(selected) => {
                self.next_check = Some(now + CONSENT_INTERVAL);
                self.check(selected, out);
            }
            None => {
                self.next_check = Some(now + CHECK_INTERVAL);
                for candidate in self.candidates.clone() {
                    self.check(candidate, out);
                }
            }
        }
    }

    /// A STUN message came.
    pub fn handle(&mut self, from: SocketAddrV4, datagram: &[u8], out: &mut Outgoing) {
        let Some(message) = Message::parse(datagram) else {
            return;
        };
        match message.class {
            Class::Request => self.answer(from, &message, out),
            Class::Success => self.succeed(from, &message),
            Class::Indication | Class::Error => {}
        }
    }

    fn answer(&mut self, from: SocketAddrV4, message: &Message<'_>, out: &mut Outgoing) {
        if !is_genuine(message, &self.local.password) {
            return;
        }
        let answer = Builder::new(Class::Success, &message.transaction_id)
            .mapped_address(from.into())
            .finish(|bytes| mac(&self.local.password, bytes));
        out.push((from, answer));
        // A triggered check (RFC 8445 §7.3.1.4), and a candidate nobody had told of.
        self.add_candidate(from);
        if self.selected.is_none() {
            self.check(from, out);
        } else if message.use_candidate {
            self.selected = Some(from);
        }
    }

    fn succeed(&mut self, from: SocketAddrV4, message: &Message<'_>) {
        let remote = self.remote.as_ref();
        if remote.is_some_and(|remote| is_genuine(message, &remote.password)) {
            self.selected.get_or_insert(from);
        }
    }

    fn check(&mut self, to: SocketAddrV4, out: &mut Outgoing) {
        let Some(remote) = &self.remote else {
            return;
        };
        self.transaction += 1;
        let mut id = [0; 12];
        id[4..].copy_from_slice(&self.transaction.to_be_bytes());
        let mut request = Builder::new(Class::Request, &id)
            .username(&format!(
                "{}:{}",
                remote.username_fragment, self.local.username_fragment
            ))
            .priority(PRIORITY)
            .role(self.role);
        if matches!(self.role, Role::Controlling(_)) {
            // Every check nominates: the first pair that works is as good as any.
            request = request.use_candidate();
        }
        out.push((to, request.finish(|bytes| mac(&remote.password, bytes))));
    }
}

fn mac(password: &str, bytes: &[u8]) -> [u8; 20] {
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, password.as_bytes());
    let mut mac = [0; 20];
    mac.copy_from_slice(hmac::sign(&key, bytes).as_ref());
    mac
}

fn is_genuine(message: &Message<'_>, password: &str) -> bool {
    message.integrity.is_some_and(|integrity| {
        let hashed = [&integrity.header[..], integrity.body].concat();
        mac(password, &hashed) == *integrity.mac
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn credentials(name: &str) -> IceCredentials {
        IceCredentials {
            username_fragment: name.to_owned(),
            password: format!("a password of {name}, long enough"),
        }
    }

    fn address(port: u16) -> SocketAddrV4 {
        SocketAddrV4::new([127, 0, 0, 1].into(), port)
    }

    /// Carries everything between two agents until neither has anything to say.
    fn exchange(one: (&mut Agent, u16), other: (&mut Agent, u16), mut out: Outgoing) {
        let ((one, one_port), (other, other_port)) = (one, other);
        while !out.is_empty() {
            let (to, datagram) = out.remove(0);
            if to == address(one_port) {
                one.handle(address(other_port), &datagram, &mut out);
            } else {
                other.handle(address(one_port), &datagram, &mut out);
            }
        }
    }

    #[test]
    fn two_agents_find_each_other_though_only_one_knows_a_candidate() {
        let now = Instant::now();
        let (mut one, mut other) = (
            Agent::new(credentials("one")),
            Agent::new(credentials("two")),
        );
        one.connect(now, credentials("two"), true);
        other.connect(now, credentials("one"), false);
        one.add_candidate(address(2));
        let mut out = Outgoing::new();
        one.timeout(now, &mut out);
        exchange((&mut one, 1), (&mut other, 2), out);
        assert_eq!(one.selected(), Some(address(2)));
        assert_eq!(other.selected(), Some(address(1)));
    }

    #[test]
    fn who_does_not_know_the_password_gets_no_answer() {
        let now = Instant::now();
        let (mut one, mut other) = (
            Agent::new(credentials("one")),
            Agent::new(credentials("two")),
        );
        let mut wrong = credentials("two");
        wrong.password.push('!');
        one.connect(now, wrong, true);
        one.add_candidate(address(2));
        let mut out = Outgoing::new();
        one.timeout(now, &mut out);
        let (_, check) = out.pop().expect("a check is due");
        other.handle(address(1), &check, &mut out);
        assert!(out.is_empty());
    }
}
