//! What a turn takes in: commands, what other workers pass on, datagrams, connections.

use std::time::Instant;

use hoichan_wire::path::{Path, Via};

use super::Worker;
use crate::crew::WorkerIndex;
use crate::hub::ConnectionChange;
use crate::mail::Notice;
use crate::net::poll::Ready;
use crate::net::tcp::Handed;
use crate::orders::Order;

const RECEIVES_PER_TURN: usize = 8;
const COMMANDS_PER_TURN: usize = 256;
const PARCELS_PER_TURN: usize = 64;

impl Worker {
    pub(super) fn take_commands(&mut self, now: Instant) {
        self.shared.orders.silence();
        self.carry_out_commands(now);
        if self.shared.orders.len() > 0 {
            self.shared.orders.wake(); // There is more: packets first, then those.
        }
    }

    fn carry_out_commands(&mut self, now: Instant) {
        for _ in 0..COMMANDS_PER_TURN {
            match self.shared.orders.pop() {
                Some(Order::Command(command)) => self.hub.command(now, command),
                Some(Order::Relay {
                    producer,
                    home,
                    parameters,
                }) => self.hub.expect_relay(producer, home, &parameters),
                Some(Order::Break) => panic!("a fault drill"),
                None => return,
            }
        }
    }

    pub(super) fn take_parcels(&mut self, now: Instant) {
        self.exchange.silence();
        self.open_parcels(now);
        if self.exchange.waiting() > 0 {
            self.exchange.wake();
        }
    }

    fn open_parcels(&mut self, now: Instant) {
        for _ in 0..PARCELS_PER_TURN {
            let Some(mut parcel) = self.exchange.receive() else {
                return;
            };
            self.carry_out_commands(now); // Its sender may have come to know of a transport sooner than we.
            let from = parcel.from;
            for notice in parcel.take_notices() {
                match notice {
                    Notice::Connection(handed) => self.adopt(now, handed),
                    notice => {
                        if matches!(notice, Notice::Reborn) {
                            self.exchange.replace_lost(from);
                        }
                        self.hub.receive_notice(now, from, notice);
                    }
                }
            }
            parcel.open(|path, datagram| self.hub.receive_from(now, from, path, datagram));
            self.hub.receive_relayed(now, from, &mut parcel.relayed);
            self.exchange.give_back(parcel);
        }
    }

    pub(super) fn receive(&mut self, now: Instant) {
        let mut count = 0;
        for _ in 0..RECEIVES_PER_TURN {
            let more = self.udp.receive();
            // What they speak of may have been asked of us, or said by another worker, since this turn began.
            self.carry_out_commands(now);
            self.open_parcels(now);
            self.udp.open(|remote, datagram| {
                count += 1;
                let via = Via::Udp;
                self.hub.receive(now, Path { remote, via }, datagram);
            });
            if !more {
                break;
            }
        }
        self.totals.datagrams_received += count;
    }

    fn adopt(&mut self, now: Instant, mut handed: Handed) {
        let said = std::mem::take(&mut handed.said);
        let Some(tcp) = &mut self.tcp else { return };
        // A connection that cannot be watched has been closed by being dropped.
        if let Ok((number, remote)) = tcp.adopt(&self.poll, handed) {
            let via = Via::Tcp(number);
            for mut frame in said {
                self.hub.receive(now, Path { remote, via }, &mut frame);
            }
        }
    }

    pub(super) fn accept(&mut self, now: Instant) {
        if let Some(tcp) = &mut self.tcp {
            tcp.accept(now, &self.poll);
        }
    }

    pub(super) fn attend(&mut self, now: Instant, number: u32, ready: Ready) {
        let Some(tcp) = &mut self.tcp else { return };
        let via = Via::Tcp(number);
        let mut outcome = Ok(());
        if ready.readable {
            outcome = tcp.read(number, |remote, frame| {
                self.totals.datagrams_received += 1;
                self.hub.receive(now, Path { remote, via }, frame);
            });
        }
        if ready.writable && outcome.is_ok() {
            outcome = tcp.write(number, &self.poll);
        }
        if outcome.is_err() {
            self.lose_connection(now, number);
        }
    }

    pub(super) fn lose_connection(&mut self, now: Instant, number: u32) {
        let remote = self.tcp.as_mut().and_then(|tcp| tcp.close(number));
        if let Some(remote) = remote {
            let via = Via::Tcp(number);
            self.hub.path_closed(now, Path { remote, via });
        }
    }

    pub(super) fn change_connections(&mut self) {
        let changes = self.hub.take_connection_changes();
        let Some(tcp) = &mut self.tcp else { return };
        let mut leaving: Vec<(u32, WorkerIndex, Handed)> = Vec::new();
        for change in changes {
            match change {
                ConnectionChange::Verified(number) => tcp.verified(number),
                ConnectionChange::Close(number) => {
                    tcp.close(number);
                }
                ConnectionChange::Hand { number, to, frame } => {
                    if let Some(handed) = tcp.hand(number, &self.poll) {
                        leaving.push((number, to, handed));
                    }
                    if let Some(gone) = leaving.iter_mut().find(|gone| gone.0 == number) {
                        gone.2.said.push(frame);
                    }
                }
            }
        }
        for (_, to, handed) in leaving {
            self.hub.hand(to, handed);
        }
    }
}
