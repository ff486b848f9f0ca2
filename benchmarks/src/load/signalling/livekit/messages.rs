//! As much of LiveKit's protocol buffers as a load client needs (livekit_rtc.proto, livekit_models.proto).

/// `TrackType`.
pub mod track_type {
    pub const AUDIO: i32 = 0;
    pub const VIDEO: i32 = 1;
}

#[derive(Clone, PartialEq, prost::Message)]
pub struct SignalRequest {
    #[prost(oneof = "request::Message", tags = "1, 2, 4, 6, 7, 8")]
    pub message: Option<request::Message>,
}

pub mod request {
    #[derive(Clone, PartialEq, prost::Oneof)]
    pub enum Message {
        #[prost(message, tag = "1")]
        Offer(super::SessionDescription),
        #[prost(message, tag = "2")]
        Answer(super::SessionDescription),
        #[prost(message, tag = "4")]
        AddTrack(super::AddTrack),
        #[prost(message, tag = "6")]
        Subscription(super::Subscription),
        #[prost(message, tag = "7")]
        TrackSetting(super::TrackSettings),
        #[prost(message, tag = "8")]
        Leave(super::Leave),
    }
}

#[derive(Clone, PartialEq, prost::Message)]
pub struct SignalResponse {
    #[prost(oneof = "response::Message", tags = "1, 2, 3, 4, 5, 8")]
    pub message: Option<response::Message>,
}

pub mod response {
    #[derive(Clone, PartialEq, prost::Oneof)]
    pub enum Message {
        #[prost(message, tag = "1")]
        Join(super::Join),
        #[prost(message, tag = "2")]
        Answer(super::SessionDescription),
        #[prost(message, tag = "3")]
        Offer(super::SessionDescription),
        #[prost(message, tag = "4")]
        Trickle(super::Trickle),
        #[prost(message, tag = "5")]
        Update(super::Update),
        #[prost(message, tag = "8")]
        Leave(super::Leave),
    }
}

#[derive(Clone, PartialEq, prost::Message)]
pub struct SessionDescription {
    #[prost(string, tag = "1")]
    pub kind: String,
    #[prost(string, tag = "2")]
    pub sdp: String,
    #[prost(uint32, tag = "3")]
    pub id: u32,
}

#[derive(Clone, PartialEq, prost::Message)]
pub struct Join {
    #[prost(message, repeated, tag = "3")]
    pub other_participants: Vec<ParticipantInfo>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub struct Update {
    #[prost(message, repeated, tag = "1")]
    pub participants: Vec<ParticipantInfo>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub struct ParticipantInfo {
    #[prost(message, repeated, tag = "4")]
    pub tracks: Vec<TrackInfo>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub struct TrackInfo {
    #[prost(string, tag = "1")]
    pub sid: String,
    #[prost(int32, tag = "2")]
    pub kind: i32,
}

#[derive(Clone, PartialEq, prost::Message)]
pub struct Trickle {
    #[prost(string, tag = "1")]
    pub candidate_init: String,
    #[prost(int32, tag = "2")]
    pub target: i32,
}

#[derive(Clone, PartialEq, prost::Message)]
pub struct AddTrack {
    #[prost(string, tag = "1")]
    pub cid: String,
    #[prost(string, tag = "2")]
    pub name: String,
    #[prost(int32, tag = "3")]
    pub kind: i32,
    #[prost(uint32, tag = "4")]
    pub width: u32,
    #[prost(uint32, tag = "5")]
    pub height: u32,
    #[prost(int32, tag = "8")]
    pub source: i32,
    #[prost(message, repeated, tag = "9")]
    pub layers: Vec<VideoLayer>,
    #[prost(message, repeated, tag = "10")]
    pub simulcast_codecs: Vec<SimulcastCodec>,
    #[prost(bool, tag = "13")]
    pub disable_red: bool,
}

#[derive(Clone, PartialEq, prost::Message)]
pub struct VideoLayer {
    #[prost(uint32, tag = "1")]
    pub quality: u32,
    #[prost(uint32, tag = "2")]
    pub width: u32,
    #[prost(uint32, tag = "3")]
    pub height: u32,
    #[prost(uint32, tag = "4")]
    pub bitrate: u32,
}

#[derive(Clone, PartialEq, prost::Message)]
pub struct SimulcastCodec {
    #[prost(string, tag = "1")]
    pub codec: String,
    #[prost(string, tag = "2")]
    pub cid: String,
}

#[derive(Clone, PartialEq, prost::Message)]
pub struct Subscription {
    #[prost(string, repeated, tag = "1")]
    pub track_sids: Vec<String>,
    #[prost(bool, tag = "2")]
    pub subscribe: bool,
}

#[derive(Clone, PartialEq, prost::Message)]
pub struct TrackSettings {
    #[prost(string, repeated, tag = "1")]
    pub track_sids: Vec<String>,
    #[prost(uint32, tag = "4")]
    pub quality: u32,
    #[prost(uint32, tag = "5")]
    pub width: u32,
    #[prost(uint32, tag = "6")]
    pub height: u32,
}

#[derive(Clone, PartialEq, prost::Message)]
pub struct Leave {
    #[prost(int32, tag = "2")]
    pub reason: i32,
}
