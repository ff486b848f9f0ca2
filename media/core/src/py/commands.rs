//! Commands out of the frozen dataclasses of `media/commands.py`, read by attribute name.

use hoichan_router::{
    ConsumerId, ConsumerParameters, MediaKind, PayloadTypeMapping, ProducerId, ProducerParameters,
    RedParameters, RtpCodecParameters, RtpEncodingParameters, RtpHeaderExtensionParameters,
    SpeakerGroup, SpeakerGroupId, Wish,
};
use hoichan_transport::{DtlsRole, IceCredentials};
use pyo3::conversion::FromPyObjectOwned;
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedBytes;

use crate::commands::{Command, DtlsFingerprint, TransportId};

/// Reads one command. Raises for what is no command or has other fields than we know: a fault of ours.
pub fn extract(command: &Bound<'_, PyAny>) -> PyResult<Command> {
    let name = command.get_type().name()?;
    Ok(match name.to_str()? {
        "CreateTransport" => Command::CreateTransport {
            transport: transport(command)?,
            ice: ice(command)?,
        },
        "ConnectTransport" => connect(command)?,
        "RestartIce" => Command::RestartIce {
            transport: transport(command)?,
            ice: ice(command)?,
        },
        "CloseTransport" => Command::CloseTransport {
            transport: transport(command)?,
        },
        "AddProducer" => Command::AddProducer {
            producer: producer(command)?,
            transport: transport(command)?,
            parameters: producer_parameters(&command.getattr("parameters")?)?,
        },
        "PauseProducer" => Command::PauseProducer {
            producer: producer(command)?,
            paused: field(command, "paused")?,
        },
        "RankProducer" => Command::RankProducer {
            producer: producer(command)?,
            group: optional(command, "group", speaker_group)?,
        },
        "RemoveProducer" => Command::RemoveProducer {
            producer: producer(command)?,
        },
        "AddConsumer" => Command::AddConsumer {
            consumer: consumer(command)?,
            transport: transport(command)?,
            producer: producer(command)?,
            parameters: consumer_parameters(&command.getattr("parameters")?)?,
            wish: wish(command)?,
        },
        "SetConsumer" => Command::SetConsumer {
            consumer: consumer(command)?,
            wish: wish(command)?,
        },
        "RemoveConsumer" => Command::RemoveConsumer {
            consumer: consumer(command)?,
        },
        "OpenDataChannel" => Command::OpenDataChannel {
            transport: transport(command)?,
            label: field(command, "label")?,
            ordered: field(command, "ordered")?,
            max_retransmits: field(command, "max_retransmits")?,
        },
        "SendData" => Command::SendData {
            transports: list(command, "transports", |id| Ok(TransportId(id.extract()?)))?,
            label: field(command, "label")?,
            payload: field::<PyBackedBytes>(command, "payload")?.to_vec(),
        },
        other => return Err(PyTypeError::new_err(format!("{other} is no media command"))),
    })
}

fn connect(command: &Bound<'_, PyAny>) -> PyResult<Command> {
    let dtls = command.getattr("dtls")?;
    let role = match field::<String>(&dtls, "role")?.as_str() {
        "client" => DtlsRole::Client,
        "server" => DtlsRole::Server,
        other => return Err(PyValueError::new_err(format!("{other} is no DTLS role"))),
    };
    Ok(Command::ConnectTransport {
        transport: transport(command)?,
        role,
        fingerprints: list(&dtls, "fingerprints", |fingerprint| {
            Ok(DtlsFingerprint {
                algorithm: field(fingerprint, "algorithm")?,
                value: field(fingerprint, "value")?,
            })
        })?,
    })
}

fn ice(command: &Bound<'_, PyAny>) -> PyResult<IceCredentials> {
    let ice = command.getattr("ice")?;
    Ok(IceCredentials {
        username_fragment: field(&ice, "username_fragment")?,
        password: field(&ice, "password")?,
    })
}

fn producer_parameters(parameters: &Bound<'_, PyAny>) -> PyResult<ProducerParameters> {
    let kind = match field::<String>(parameters, "kind")?.as_str() {
        "audio" => MediaKind::Audio,
        "video" => MediaKind::Video,
        other => return Err(PyValueError::new_err(format!("{other} is no media kind"))),
    };
    Ok(ProducerParameters {
        kind,
        mid: field(parameters, "mid")?,
        codecs: list(parameters, "codecs", |codec| {
            Ok(RtpCodecParameters {
                mime_type: field(codec, "mime_type")?,
                payload_type: field(codec, "payload_type")?,
                clock_rate: field(codec, "clock_rate")?,
                rtx_payload_type: field(codec, "rtx_payload_type")?,
            })
        })?,
        header_extensions: header_extensions(parameters)?,
        encodings: list(parameters, "encodings", |encoding| {
            Ok(RtpEncodingParameters {
                rid: field(encoding, "rid")?,
                ssrc: field(encoding, "ssrc")?,
                rtx_ssrc: field(encoding, "rtx_ssrc")?,
            })
        })?,
    })
}

fn consumer_parameters(parameters: &Bound<'_, PyAny>) -> PyResult<ConsumerParameters> {
    Ok(ConsumerParameters {
        mid: field(parameters, "mid")?,
        ssrc: field(parameters, "ssrc")?,
        rtx_ssrc: field(parameters, "rtx_ssrc")?,
        cname: field(parameters, "cname")?,
        payload_types: list(parameters, "payload_types", |mapping| {
            Ok(PayloadTypeMapping {
                producer: field(mapping, "producer")?,
                consumer: field(mapping, "consumer")?,
                consumer_rtx: field(mapping, "consumer_rtx")?,
            })
        })?,
        red: optional(parameters, "red", |red| {
            Ok(RedParameters {
                payload_type: field(red, "payload_type")?,
                distance: field(red, "distance")?,
            })
        })?,
        header_extensions: header_extensions(parameters)?,
    })
}

fn speaker_group(group: &Bound<'_, PyAny>) -> PyResult<SpeakerGroup> {
    Ok(SpeakerGroup {
        id: SpeakerGroupId(field(group, "id")?),
        loudest: field(group, "loudest")?,
    })
}

fn header_extensions(parameters: &Bound<'_, PyAny>) -> PyResult<Vec<RtpHeaderExtensionParameters>> {
    list(parameters, "header_extensions", |extension| {
        Ok(RtpHeaderExtensionParameters {
            uri: field(extension, "uri")?,
            id: field(extension, "id")?,
        })
    })
}

fn wish(command: &Bound<'_, PyAny>) -> PyResult<Wish> {
    Ok(Wish {
        paused: field(command, "paused")?,
        spatial_layer: field(command, "spatial_layer")?,
        temporal_layer: field::<Option<u8>>(command, "temporal_layer")?.unwrap_or(u8::MAX),
        priority: field(command, "priority")?,
    })
}

fn transport(command: &Bound<'_, PyAny>) -> PyResult<TransportId> {
    field(command, "transport").map(TransportId)
}

fn producer(command: &Bound<'_, PyAny>) -> PyResult<ProducerId> {
    field(command, "producer").map(ProducerId)
}

fn consumer(command: &Bound<'_, PyAny>) -> PyResult<ConsumerId> {
    field(command, "consumer").map(ConsumerId)
}

fn field<'py, T: FromPyObjectOwned<'py>>(object: &Bound<'py, PyAny>, name: &str) -> PyResult<T> {
    object.getattr(name)?.extract().map_err(Into::into)
}

fn optional<T>(
    object: &Bound<'_, PyAny>,
    name: &str,
    read: impl Fn(&Bound<'_, PyAny>) -> PyResult<T>,
) -> PyResult<Option<T>> {
    let value = object.getattr(name)?;
    if value.is_none() {
        return Ok(None);
    }
    read(&value).map(Some)
}

fn list<T>(
    object: &Bound<'_, PyAny>,
    name: &str,
    read: impl Fn(&Bound<'_, PyAny>) -> PyResult<T>,
) -> PyResult<Vec<T>> {
    object
        .getattr(name)?
        .try_iter()?
        .map(|item| read(&item?))
        .collect()
}
