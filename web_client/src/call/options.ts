import { AudioPresets, type RoomOptions, type VideoCaptureOptions, VideoPresets } from "livekit-client";
import type { Picture, Preferences } from "../settings/preferences";

/** How this browser captures, sends and receives. */
export function roomOptions(preferences: Preferences): RoomOptions {
  return {
    adaptiveStream: true,
    dynacast: true,
    audioCaptureDefaults: { ...device(preferences.microphoneId) },
    videoCaptureDefaults: videoCapture(preferences),
    ...(preferences.speakerId === "" ? {} : { audioOutput: { deviceId: preferences.speakerId } }),
    publishDefaults: {
      simulcast: true,
      // VP8: every old computer decodes it, and its layers switch without a renegotiation.
      videoCodec: "vp8",
      backupCodec: false,
      videoSimulcastLayers: LAYERS[preferences.picture],
      audioPreset: AudioPresets.speech,
    },
  };
}

export function videoCapture(preferences: Preferences): VideoCaptureOptions {
  return { ...device(preferences.cameraId), resolution: RESOLUTIONS[preferences.picture] };
}

export function device(deviceId: string): { deviceId?: string } {
  return deviceId === "" ? {} : { deviceId };
}

const RESOLUTIONS = {
  standard: VideoPresets.h720.resolution,
  saver: VideoPresets.h360.resolution,
} satisfies Record<Picture, unknown>;

/** The layers below the captured size. */
const LAYERS = {
  standard: [VideoPresets.h180, VideoPresets.h360],
  saver: [VideoPresets.h180],
} satisfies Record<Picture, unknown>;
