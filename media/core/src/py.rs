//! The Python face: types in, types out, errors mapped. With its two parts, the only code that knows Python.
//!
//! The worker never attaches to the interpreter, and nothing here calls back into Python code.

mod class;
mod commands;
mod events;
mod statistics;

use std::collections::BTreeMap;
use std::net::{SocketAddr, ToSocketAddrs};
use std::os::fd::{AsRawFd, RawFd};
use std::sync::{Mutex, PoisonError};

use pyo3::exceptions::PyOSError;
use pyo3::prelude::*;

use crate::MediaCore;
use statistics::WorkerStatistics;

/// `Core` of `media/_core.pyi`.
#[pyclass(frozen, module = "media._core")]
struct Core {
    /// `None` once closed.
    core: Mutex<Option<MediaCore>>,
    fingerprint: String,
    udp_port: u16,
    tcp_port: Option<u16>,
    event_fd: RawFd,
}

#[pymethods]
impl Core {
    #[new]
    #[pyo3(signature = (*, udp_address, tcp_address, workers = 1))]
    fn new(
        udp_address: (String, u16),
        tcp_address: Option<(String, u16)>,
        workers: u8,
    ) -> PyResult<Self> {
        let udp = resolve(&udp_address)?;
        let tcp = tcp_address.as_ref().map(resolve).transpose()?;
        let core = MediaCore::with_workers(workers, udp, tcp)?;
        Ok(Self {
            fingerprint: core.fingerprint().to_owned(),
            udp_port: core.udp_address().port(),
            tcp_port: core.tcp_address().map(|address| address.port()),
            event_fd: core.event_fd().as_raw_fd(),
            core: Mutex::new(Some(core)),
        })
    }

    #[getter]
    fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    #[getter]
    fn udp_port(&self) -> u16 {
        self.udp_port
    }

    #[getter]
    fn tcp_port(&self) -> Option<u16> {
        self.tcp_port
    }

    #[getter]
    fn event_fd(&self) -> RawFd {
        self.event_fd
    }

    fn submit(&self, commands: Vec<Bound<'_, PyAny>>) -> PyResult<usize> {
        let core = self.core.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(core) = core.as_ref() else {
            return Ok(commands.len()); // Nobody is left to carry them out.
        };
        for (fitted, command) in commands.iter().enumerate() {
            if !core.submit(commands::extract(command)?) {
                return Ok(fitted);
            }
        }
        Ok(commands.len())
    }

    fn drain(&self, py: Python<'_>) -> PyResult<Vec<Py<PyAny>>> {
        let core = self.core.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(core) = core.as_ref() else {
            return Ok(Vec::new());
        };
        core.silence();
        std::iter::from_fn(|| core.next_event())
            .map(|event| events::into_python(py, event))
            .collect()
    }

    fn counters(&self) -> BTreeMap<&'static str, u64> {
        let core = self.core.lock().unwrap_or_else(PoisonError::into_inner);
        let counters = core.as_ref().map(MediaCore::counters);
        counters.unwrap_or_default()
    }

    fn statistics(&self) -> Vec<WorkerStatistics> {
        let core = self.core.lock().unwrap_or_else(PoisonError::into_inner);
        let figures = core.as_ref().map(MediaCore::statistics);
        let figures = figures.unwrap_or_default().into_iter();
        figures.map(WorkerStatistics::from).collect()
    }

    fn break_worker(&self, worker: u8) {
        let core = self.core.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(core) = core.as_ref() {
            core.break_worker(worker);
        }
    }

    fn close(&self, py: Python<'_>) {
        let core = self
            .core
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        // Waits for the worker's end, which must not wait for the interpreter.
        py.detach(|| drop(core));
    }
}

/// The first address that `host` and `port` stand for.
fn resolve((host, port): &(String, u16)) -> PyResult<SocketAddr> {
    let unusable = || PyOSError::new_err(format!("{host}:{port} is no address to bind"));
    let mut addresses = (host.as_str(), *port)
        .to_socket_addrs()
        .map_err(|_| unusable())?;
    addresses.next().ok_or_else(unusable)
}

#[pymodule(gil_used = false)]
mod _core {
    use pyo3::prelude::*;

    #[pymodule_export]
    use super::Core;
    #[pymodule_export]
    use super::WorkerStatistics;
    #[pymodule_export]
    use super::events::{
        AudioLevels, CommandFailed, ConsumerLayerChanged, ConsumerStreamState, DataChannelClosed,
        DataChannelOpened, DataReceived, ProducerStarted, TransportConnected,
        TransportDisconnected, TransportFailed, TransportReconnected, TransportStats, WorkerFault,
    };

    /// `Event`: any of them.
    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        module.add("Event", super::events::union(module.py())?)
    }
}
