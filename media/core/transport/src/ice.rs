//! ICE as a lite, controlled agent (RFC 8445 §2.5): it answers checks, and goes where it is told.
//!
//! It never sends a check, so it never sends anything to an address that has not shown, by
//! MESSAGE-INTEGRITY, that it knows our password. Everything else is met with silence.

use std::time::Instant;

use aws_lc_rs::{constant_time, hmac};
use hoichan_wire::stun::{Builder, Class, Integrity, Message, Role};

use crate::paths::Paths;
use crate::{Counter, Effect, IceCredentials, Path};

/// Our side of ICE.
#[derive(Debug)]
pub struct Ice {
    current: Generation,
    /// After a restart, until a pair is nominated with it.
    next: Option<Generation>,
    paths: Paths,
}

#[derive(Debug)]
struct Generation {
    username_fragment: String,
    key: hmac::Key,
}

/// Which generation a request was addressed to.
#[derive(Clone, Copy)]
enum Addressed {
    Current,
    Next,
}

impl Ice {
    /// Answers for `local` from now on.
    pub fn new(local: IceCredentials) -> Self {
        Self {
            current: Generation::new(local),
            next: None,
            paths: Paths::default(),
        }
    }

    /// The paths to this peer.
    pub fn paths(&self) -> &Paths {
        &self.paths
    }

    /// Answers for `local` too; the former credentials go when a pair is nominated with these (RFC 8445 §9).
    pub fn restart(&mut self, local: IceCredentials, out: &mut Vec<Effect>) {
        if let Some(unused) = self.next.replace(Generation::new(local)) {
            out.push(Effect::UfragRetired(unused.username_fragment));
        }
    }

    /// The connection under `path` is gone.
    pub fn path_closed(&mut self, path: Path, out: &mut Vec<Effect>) {
        self.paths.forget(path, out);
    }

    /// Takes one STUN datagram. True if it was an authentic request: the peer lives.
    pub fn handle(&mut self, now: Instant, path: Path, data: &[u8], out: &mut Vec<Effect>) -> bool {
        match self.authenticate(data) {
            Ok((addressed, request)) => {
                self.answer(now, path, data.len(), addressed, &request, out);
                true
            }
            Err(counter) => {
                out.push(Effect::Count(counter));
                false
            }
        }
    }

    fn authenticate<'a>(&self, data: &'a [u8]) -> Result<(Addressed, Message<'a>), Counter> {
        let request = Message::parse(data)
            .filter(|message| message.class == Class::Request)
            .ok_or(Counter::StunMalformed)?;
        let ufrag = request
            .destination_ufrag()
            .ok_or(Counter::StunUnknownUser)?;
        let (addressed, generation) = self.addressed(ufrag).ok_or(Counter::StunUnknownUser)?;
        let integrity = request.integrity.ok_or(Counter::StunIntegrity)?;
        if !generation.verifies(&integrity) {
            return Err(Counter::StunIntegrity);
        }
        Ok((addressed, request))
    }

    fn addressed(&self, ufrag: &str) -> Option<(Addressed, &Generation)> {
        let next = self
            .next
            .as_ref()
            .filter(|next| next.username_fragment == ufrag);
        match next {
            Some(next) => Some((Addressed::Next, next)),
            None if self.current.username_fragment == ufrag => {
                Some((Addressed::Current, &self.current))
            }
            None => None,
        }
    }

    fn generation(&self, addressed: Addressed) -> &Generation {
        match (addressed, &self.next) {
            (Addressed::Next, Some(next)) => next,
            _ => &self.current,
        }
    }

    /// Answers an authentic request of `asked` bytes, and follows it if it is acceptable (RFC 8445 §7.3).
    fn answer(
        &mut self,
        now: Instant,
        path: Path,
        asked: usize,
        addressed: Addressed,
        request: &Message<'_>,
        out: &mut Vec<Effect>,
    ) {
        let refusal = refusal(request);
        let reply = match refusal {
            Some(_) => error_reply(request),
            None => {
                Builder::new(Class::Success, &request.transaction_id).mapped_address(path.remote)
            }
        };
        let data = self.generation(addressed).sign(reply);
        if data.len() > asked && !self.paths.contains(path) {
            out.push(Effect::Count(Counter::StunAmplification));
            return;
        }
        match refusal {
            Some(counter) => out.push(Effect::Count(counter)),
            None => self.paths.verify(now, path, out),
        }
        out.push(Effect::Transmit { path, data });
        if refusal.is_none() && request.use_candidate {
            self.nominate(path, addressed, out);
        }
    }

    /// The latest nomination wins: with aggressive nomination (RFC 5245 §8.1.1.2) that ends at the peer's choice too.
    fn nominate(&mut self, path: Path, addressed: Addressed, out: &mut Vec<Effect>) {
        if let Addressed::Next = addressed
            && let Some(next) = self.next.take()
        {
            let retired = std::mem::replace(&mut self.current, next);
            out.push(Effect::UfragRetired(retired.username_fragment));
        }
        self.paths.select(path, out);
    }
}

impl Generation {
    fn new(credentials: IceCredentials) -> Self {
        let password = credentials.password.as_bytes();
        Self {
            username_fragment: credentials.username_fragment,
            key: hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, password),
        }
    }

    fn verifies(&self, integrity: &Integrity<'_>) -> bool {
        let mut context = hmac::Context::with_key(&self.key);
        context.update(&integrity.header);
        context.update(integrity.body);
        constant_time::verify_slices_are_equal(context.sign().as_ref(), integrity.mac).is_ok()
    }

    fn sign(&self, reply: Builder) -> Vec<u8> {
        reply.finish(|data| {
            let mut mac = [0; 20];
            mac.copy_from_slice(hmac::sign(&self.key, data).as_ref());
            mac
        })
    }
}

/// Why an authentic request is not followed, if it is not.
fn refusal(request: &Message<'_>) -> Option<Counter> {
    if !request.unknown.as_slice().is_empty() {
        return Some(Counter::StunUnknownAttribute);
    }
    // A full agent that meets a lite one is controlling, whatever the tie-breakers (RFC 8445 §6.1.1).
    matches!(request.role, Some(Role::Controlled(_))).then_some(Counter::StunRoleConflict)
}

fn error_reply(request: &Message<'_>) -> Builder {
    let reply = Builder::new(Class::Error, &request.transaction_id);
    if request.unknown.as_slice().is_empty() {
        reply.error(487, "Role Conflict")
    } else {
        reply
            .error(420, "Unknown Attribute")
            .unknown_attributes(&request.unknown)
    }
}
