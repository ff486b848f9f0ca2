import { useEffect, useState } from "react";

export interface Devices {
  readonly cameras: readonly MediaDeviceInfo[];
  readonly microphones: readonly MediaDeviceInfo[];
  readonly speakers: readonly MediaDeviceInfo[];
}

const NONE: Devices = { cameras: [], microphones: [], speakers: [] };

/** The devices there are, kept fresh. `permission` changes when labels may have become readable. */
export function useDevices(permission: unknown): Devices {
  const [devices, setDevices] = useState(NONE);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new permission means new labels
  useEffect(() => {
    const media = navigator.mediaDevices;
    if (media === undefined) {
      return;
    }
    let current = true;
    const refresh = async () => {
      const all = await media.enumerateDevices();
      if (current) {
        setDevices(sorted(all));
      }
    };
    void refresh();
    media.addEventListener("devicechange", refresh);
    return () => {
      current = false;
      media.removeEventListener("devicechange", refresh);
    };
  }, [permission]);
  return devices;
}

/** Devices without an id are placeholders that browsers show before permission; they cannot be chosen. */
function sorted(all: readonly MediaDeviceInfo[]): Devices {
  const real = all.filter((device) => device.deviceId !== "" && device.deviceId !== "default");
  return {
    cameras: real.filter((device) => device.kind === "videoinput"),
    microphones: real.filter((device) => device.kind === "audioinput"),
    speakers: real.filter((device) => device.kind === "audiooutput"),
  };
}
